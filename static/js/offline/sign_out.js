// Signing out sends what waits first. When that fails it says how much would be lost, and asks again.
//
// Afterwards nothing of this person is left on the device: others may use it, too.

import { queuesOf } from "../rating/queue.js";
import { forgetPages, owner } from "./place.js";

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
    if (left > 0 && !isAsked) {
      isAsked = true;
      ask(form, left);
      return;
    }
    for (const queue of queues) queue.forgetAll();
    await soon(forgetPages());
    isReady = true;
    form.requestSubmit(event.submitter);
  });
}

function ask(form, left) {
  const button = form.querySelector("button");
  const label = "Sign out and drop them";
  const words = document.createElement("p");
  words.className = "field-error";
  words.setAttribute("role", "alert");
  button.before(words);
  words.textContent = `${left === 1 ? "1 answer is" : `${left} answers are`} not saved yet. Wait for the connection, or choose “${label}”.`;
  button.textContent = label;
}

/** Signing out must not hang on a dead line. */
const soon = (work) => Promise.race([work, new Promise((resolve) => setTimeout(resolve, PATIENCE))]).catch(() => {});
