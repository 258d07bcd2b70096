// The meeting by keyboard alone: digits choose a level, Enter agrees, letters press what carries
// data-hotkey. Parts of the page are swapped while it is open, so everything is looked up anew.
//
// Keys count from the moment that the page is there (early_keys.js holds them until this module has come)
// to the moment that it is left: what is pressed while the next page is on its way would act on this one.

import { TWO_DIGITS_WITHIN, isTyping, keySetting } from "../rating/key_setting.js";

const LEAVES_WITHIN = 10_000;

export function bindKeys(line, dialog) {
  const setting = keySetting(line);
  const typed = { digits: "", at: 0 };
  const leaving = watchLeaving();
  const meet = (event) => {
    if (dialog?.open || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") return leaveText(event);
    if (!setting.isOn() || isTyping(event.target)) return;
    if (leaving.isOn() || act(event, typed, dialog)) event.preventDefault();
  };
  line.querySelector("[data-keys-help]").addEventListener("click", () => dialog.showModal());
  for (const event of window.earlyKeys?.() || []) meet(event);
  document.addEventListener("keydown", meet);
}

/** Whether the next page is on its way; a line that is dead lets the keys go again. */
function watchLeaving() {
  let since = -Infinity;
  window.addEventListener("beforeunload", () => (since = performance.now()));
  window.addEventListener("pageshow", () => (since = -Infinity));
  return { isOn: () => performance.now() - since < LEAVES_WITHIN };
}

function act(event, typed, dialog) {
  if (/^\d$/.test(event.key)) return chooseDigit(event, typed);
  if (event.key === "Enter") return !event.repeat && agreeByEnter(event);
  if (event.repeat || event.key.length !== 1) return false;
  if (event.key === "?") return Boolean(dialog) && (dialog.showModal(), true);
  if (event.key === "a") return agree({ takeSuggested: true });
  if (event.key === "v") return goTo(document.querySelector("#revote button"));
  return press(document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`));
}

/** On a scale to 12, "1" then "2" means 12, not first 1 and then 2. */
function chooseDigit(event, typed) {
  const goesOn = event.timeStamp - typed.at < TWO_DIGITS_WITHIN && tile(typed.digits + event.key);
  typed.digits = goesOn ? typed.digits + event.key : event.key;
  typed.at = event.timeStamp;
  const chosen = tile(typed.digits);
  if (!chosen || chosen.disabled || chosen.matches(":disabled")) return false;
  chosen.focus();
  chosen.checked = true;
  return true;
}

const tile = (digits) => document.querySelector(`[data-agree] input[data-key="${digits}"]`);

/** Enter keeps its meaning on buttons, links and summaries. */
function agreeByEnter(event) {
  if (event.target.closest("button, a, summary")) return false;
  return agree({ takeSuggested: false });
}

function agree({ takeSuggested }) {
  const form = document.querySelector("[data-agree]");
  if (!form) return false;
  if (form.querySelector("input[type=radio]:checked")) {
    document.querySelector("[data-agree-chosen]")?.click();
  } else if (takeSuggested && document.querySelector("[data-agree-suggested]")) {
    document.querySelector("[data-agree-suggested]").click();
  } else {
    form.querySelector("input[type=radio]")?.focus();
  }
  return true;
}

/** A fold opens and its first field gets the focus; anything else is pressed. */
function press(target) {
  if (!target) return false;
  if (target.tagName !== "SUMMARY") {
    target.click();
    return true;
  }
  const fold = target.closest("details");
  fold.open = true;
  return goTo(fold.querySelector("textarea, input:not([type=hidden])"));
}

function goTo(target) {
  target?.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
  return Boolean(target);
}

function leaveText(event) {
  if (isTyping(event.target)) document.querySelector("h1[tabindex]")?.focus();
}
