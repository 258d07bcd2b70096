// What a typed key means in the box of an item, without touching the page: tested by the browser tests.

/** "done" (jump on), "wait" (a second digit may follow), "empty" or "wrong". */
export function judge(typed, { min, max, na }) {
  if (typed === "") return "empty";
  if (typed === "D" || (typed === "N" && na)) return "done";
  if (!/^\d{1,2}$/.test(typed)) return "wrong";
  const number = Number(typed);
  const mayGrow = typed.length === 1 && max > 9 && number * 10 <= max;
  if (mayGrow) return "wait";
  return number >= min && number <= max ? "done" : "wrong";
}

/** Whether what stands in a box when it is left counts as an answer. */
export function counts(typed, rules) {
  const verdict = judge(typed, rules);
  return verdict === "done" || (verdict === "wait" && Number(typed) >= rules.min);
}

/** The sentence at the item, the same as the server's (assess/paper/reading.py). */
export function complaint(item, typed, choices) {
  if (typed === "N") return `Item ${item}: it applies to every clinic. Enter ${choices}.`;
  return `Item ${item}: “${typed}” is not ${choices}.`;
}

/** "17 of 26 answered", and how often each key was used: "1 ×2, N ×1". */
export function progress(values, rules) {
  const given = values.filter((value, at) => counts(value, rules[at])).map((value) => value.replace(/^0+/, ""));
  const order = (key) => (/\d/.test(key) ? Number(key) : 100 + key.charCodeAt(0));
  const keys = [...new Set(given)].sort((a, b) => order(a) - order(b));
  return {
    words: `${given.length} of ${values.length} answered`,
    each: keys.map((key) => `${key} ×${given.filter((one) => one === key).length}`).join(", "),
  };
}

/**
 * What was pasted or scanned, item by item: "3 2 4", "3,2,,4" or "324"; "-" and an empty place between
 * commas or tabs stand for nothing marked.
 */
export function spread(text, max) {
  const line = text.trim().toUpperCase().replace(/\bN\/A\b/g, "N");
  const parts = /[,;\t\n]/.test(line) ? line.split(/[,;\t]|\r?\n/) : /\s/.test(line) || max > 9 ? line.split(/\s+/) : [...line];
  return parts.map((part) => part.trim()).map((part) => (part === "-" ? "" : part));
}
