// Signing out sends what waits first. When that fails it says how much would be lost, and asks again.
//
// Afterwards nothing of this person is left on the device: others may use it, too.

import { queuesOf } from "../rating/queue.js";
import { countDrafts, forgetDrafts } from "./drafts.js";
import { forgetPages, owner } from "./place.js";
import { tab } from "./storages.js";
import { noteLeaving } from "./windows.js";

const PATIENCE = 5000;

export function askBeforeSigningOut(form) {
  let isAsked = false;
  let isReady = false;
  form.addEventListener("submit", async (event) => {
    if (isReady) return;
    event.preventDefault();
    const queues = queuesOf(owner);
    await soon(Promise.all(queues.map((queue) => queue.flush())));
    const left = queues.reduce((sum, queue) => sum + queue.unsent, 0);
    const losses = [...count(left, "answer is", "answers are"), ...count(countDrafts(), "paper form is", "paper forms are")];
    if (losses.length && !isAsked) {
      isAsked = true;
      ask(form, losses);
      return;
    }
    forgetDrafts();
    tab.drop(tab.names("blockwise."));
    for (const queue of queues) queue.forgetAll();
    await soon(forgetPages());
    noteLeaving();
    isReady = true;
    form.requestSubmit(event.submitter);
  });
}

const count = (number, one, several) => (number ? [`${number} ${number === 1 ? one : several} not saved yet.`] : []);

function ask(form, losses) {
  const button = form.querySelector("button");
  const label = "Sign out and drop them";
  const words = document.createElement("p");
  words.className = "field-error";
  words.setAttribute("role", "alert");
  button.before(words);
  const wait = losses.some((one) => one.includes("answer")) ? "Wait for the connection" : "Save first";
  words.textContent = `${losses.join(" ")} ${wait}, or choose “${label}”.`;
  button.textContent = label;
  // on a phone on its side the menu scrolls
  button.scrollIntoView({ block: "nearest" });
}

/** Signing out must not hang on a dead line. */
const soon = (work) => Promise.race([work, new Promise((resolve) => setTimeout(resolve, PATIENCE))]).catch(() => {});
