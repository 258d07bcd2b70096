// Sends the small forms of a page that follows the meeting without leaving it: a vote, the timer. What
// comes back is swapped in like everything else, so focus, scroll and what is typed elsewhere stay.
//
// A form asks for it by data-in-place. When anything is unusual it goes the way it goes without scripts.

import { takeOver } from "./parts.js";

/** onShown comes after the answer was swapped in; force: also parts with the focus. */
export function sendInPlace({ root, onShown, force = false }) {
  let last = Promise.resolve(); // one after the other: the last tap must count
  root.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-in-place]") || !submitter) return;
    event.preventDefault();
    const fields = new FormData(form);
    fields.append(submitter.name, submitter.value);
    last = last.then(() => send(form, fields)).catch(() => leave(form, submitter));
  });

  async function send(form, fields) {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const freshRoot = fresh.querySelector("[data-live]");
    if (freshRoot?.dataset.stateUrl !== root.dataset.stateUrl) throw new Error("this is another page");
    takeOver(root, freshRoot, { force });
    document.title = fresh.title;
    onShown?.();
  }
}

function leave(form, submitter) {
  const value = document.createElement("input");
  Object.assign(value, { type: "hidden", name: submitter.name, value: submitter.value });
  form.append(value);
  HTMLFormElement.prototype.submit.call(form);
}
