// Swaps the parts of a page that differ from a fresh copy, and never takes away what somebody works on.

/** Swap every [data-live-part] of root for its namesake in freshRoot. A part in which somebody types,
 *  or that holds the focus and has no place for it afterwards, is kept unless forced. Returns the
 *  names of those kept. */
export function takeOver(root, freshRoot, { names = null, force = false } = {}) {
  const kept = [];
  for (const part of root.querySelectorAll("[data-live-part]")) {
    const name = part.dataset.livePart;
    const fresh = freshRoot.querySelector(`[data-live-part="${name}"]`);
    if (!fresh || (names && !names.includes(name)) || saysTheSame(part, fresh)) continue;
    if (!force && isWorkedOn(part, fresh)) {
      kept.push(name);
      continue;
    }
    swap(part, document.importNode(fresh, true), force);
  }
  return kept;
}

function saysTheSame(part, fresh) {
  return plain(part).isEqualNode(plain(fresh));
}

/** A copy of the part without what differs at every look: tokens, folding, what scripts set. */
function plain(part) {
  const copy = part.cloneNode(true);
  for (const node of copy.querySelectorAll("[name=csrf_token]")) node.remove();
  for (const node of copy.querySelectorAll("details")) node.removeAttribute("open");
  for (const node of copy.querySelectorAll("[data-timer]")) node.replaceWith(node.dataset.endsAt);
  return copy;
}

const FIELDS = "input:not([type=hidden]), textarea, select";

function isWorkedOn(part, fresh) {
  if ([...part.querySelectorAll(FIELDS)].some(isChanged)) return true;
  const focused = document.activeElement;
  if (!part.contains(focused)) return false;
  return focused.matches(FIELDS) || !counterpart(focused, fresh);
}

function isChanged(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

const counterpart = (node, tree) => (node.id ? tree.querySelector(`#${CSS.escape(node.id)}`) : null);

function swap(part, fresh, carry) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const selection = focused?.matches("textarea") ? [focused.selectionStart, focused.selectionEnd] : null;
  for (const open of part.querySelectorAll("details[open][id]")) {
    const same = counterpart(open, fresh);
    if (same) same.open = true;
  }
  if (carry) carryOver(part, fresh);
  part.replaceWith(fresh);
  const next = focused && counterpart(focused, fresh);
  next?.focus({ preventScroll: true });
  if (selection) next?.setSelectionRange(...selection);
}

/** What somebody typed or chose stays; hidden fields, which say what the page had seen, are fresh. */
function carryOver(part, fresh) {
  for (const field of part.querySelectorAll(FIELDS)) {
    const same = counterpart(field, fresh);
    if (!same || !isChanged(field)) continue;
    if (field.type === "radio" || field.type === "checkbox") same.checked = field.checked;
    else same.value = field.value;
  }
}
