// Brings back what the facilitator typed about this milestone and did not agree on yet.

import { forgetReasonsOf, keepReason, reasonsOf } from "../offline/reasons.js";
import { tab } from "../offline/storages.js";

const SENT = "blockwise.sent";
const here = location.pathname;

export function keepTyped() {
  forgetWhatWasAgreed();
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches("[data-agree] textarea")) keepReason(here, field.name, field.value === field.defaultValue ? "" : field.value);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-agree]")) tab.write(SENT, here);
  });
  const fields = [...document.querySelectorAll("[data-agree] textarea")].filter(bringBack);
  if (fields.length) tell(fields[0]);
}

/** Whether the field got back what was typed there; what came back from the server counts more. */
function bringBack(field) {
  const text = reasonsOf(here)[field.name];
  if (!text || text === field.value) return false;
  if (document.querySelector(".error-summary")) return false;
  field.value = text;
  field.closest("details").open = true;
  return true;
}

function tell(field) {
  const words = document.createElement("p");
  words.className = "muted";
  words.setAttribute("role", "status");
  field.closest("details").append(words);
  words.textContent = "What you typed before is back. It is not saved yet.";
}

/** A sent form that was refused comes back at its own address; any other page means that it was taken. */
function forgetWhatWasAgreed() {
  const sent = tab.read(SENT);
  tab.drop([SENT]);
  if (sent && sent !== here && document.querySelector("[data-live]")) forgetReasonsOf(sent);
}
