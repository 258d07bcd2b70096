// Single keys can get in the way of speech input (WCAG 2.1.4), so they can be turned off: one setting
// for the pages that rate and the meeting. It lies here because this folder opens without a connection.

import { attempt } from "../offline/storages.js";

export const TWO_DIGITS_WITHIN = 800;
const SETTING = "blockwise.keys";

/** Offer the switch in this line, and say by `isOn()` whether single keys count. */
export function keySetting(line) {
  const button = line.querySelector("[data-keys-switch]");
  const words = line.querySelector("[data-keys-words]");
  let on = attempt(() => window.localStorage.getItem(SETTING)) !== "off";
  const show = () => {
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Turn keys off" : "Turn keys on";
    words.hidden = !on;
  };
  button.addEventListener("click", () => {
    on = !on;
    attempt(() => window.localStorage.setItem(SETTING, on ? "on" : "off"));
    show();
  });
  line.hidden = false;
  show();
  return { isOn: () => on };
}

export function isTyping(target) {
  return target.matches?.("textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable]");
}
