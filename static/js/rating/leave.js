// Entry of every page on a device without an account: nothing that is typed reaches the next person.
//
// Leaving sends what waits first. When that fails, the button says so and works at the second time.

import { queueOf } from "./queue.js";
import { forgetOthers } from "./store.js";

const form = document.querySelector("form[data-leave]");
const present = document.querySelector("[data-shared]");

forgetOthers(present?.dataset.rating);
if (form) bind(form, queueOf(form));

function bind(form, queue) {
  const words = form.querySelector("[data-leave-words]");
  let warned = false;
  let isReady = false;
  form.addEventListener("submit", async (event) => {
    const unsent = () => queue.unsent;
    if (isReady || unsent() === 0) return;
    if (warned) {
      queue.forgetAll();
      return;
    }
    event.preventDefault();
    const submitter = event.submitter;
    await queue.flush();
    if (unsent() > 0) {
      warned = true;
      const left = unsent() === 1 ? "1 answer is" : `${unsent()} answers are`;
      words.textContent = `${left} not saved yet. Choose the button again to drop what is not saved.`;
      words.hidden = false;
    } else {
      isReady = true;
      form.requestSubmit(submitter);
    }
  });
}
