// Sends the small forms of a page that follows the meeting without leaving it: a vote, the timer. What
// comes back is swapped in like everything else, so focus, scroll and what is typed elsewhere stay.
//
// A form asks for it by data-in-place. When anything is unusual it goes the way it goes without scripts.

import { takeOver } from "./parts.js";

const PATIENCE = 8000;

/** onShown comes after the answer was swapped in; force: also parts with the focus. */
export function sendInPlace({ root, onShown, force = false }) {
  let last = Promise.resolve(); // one after the other: the last tap must count
  root.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-in-place]") || !submitter) return;
    event.preventDefault();
    const fields = new FormData(form);
    fields.append(submitter.name, submitter.value);
    last = last.then(() => send(form, fields)).catch((error) => {
      if (error instanceof NotSent) tell(form);
      else leave(form, submitter);
    });
  });

  async function send(form, fields) {
    const answer = await post(form.action, fields);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const freshRoot = fresh.querySelector("[data-live]");
    if (freshRoot?.dataset.stateUrl !== root.dataset.stateUrl) throw new Error("this is another page");
    takeOver(root, freshRoot, { force });
    document.title = fresh.title;
    onShown();
  }
}

/** There is no connection: leaving the page would only show the browser's own complaint. */
class NotSent extends Error {}

async function post(address, fields) {
  try {
    return await fetch(address, { method: "POST", body: new URLSearchParams(fields), signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new NotSent();
  }
}

/** The next part that is swapped in takes the words away again. */
function tell(form) {
  const words = form.querySelector("[data-not-sent]") || document.createElement("p");
  words.dataset.notSent = "";
  words.className = "field-error";
  words.setAttribute("role", "alert");
  form.prepend(words);
  words.textContent = "Not sent. Check your connection and try again.";
}

function leave(form, submitter) {
  const value = document.createElement("input");
  Object.assign(value, { type: "hidden", name: submitter.name, value: submitter.value });
  form.append(value);
  HTMLFormElement.prototype.submit.call(form);
}
