// Entry of the page on which one block is rated.

import { keepPages } from "../offline/keep.js";
import { savedSince, sayKept } from "../offline/kept_page.js";
import { bindCards } from "./cards.js";
import { bindKeys } from "./keys.js";
import { queueOf } from "./queue.js";
import { sendBeforeNext, warnBeforeLosing } from "./leaving.js";
import { showStatus } from "./status.js";

const form = document.querySelector("form[data-rating]");
const queue = queueOf(form);
// what early.js has laid into the queue is there by now
const early = document.endEarly?.() || [];
const cards = bindCards(form, queue, savedSince());

showStatus(queue);
warnBeforeLosing(queue);
bindKeys(cards, document.querySelector("[data-keys]"), early);
sendBeforeNext(form, queue);
sayKept(queue);
keepPages(form, queue);

const answered = document.querySelector("[data-answered]");
form.addEventListener("answered", () => {
  answered.textContent = cards.filter((card) => card.checked).length;
});
form.dispatchEvent(new Event("answered"));
document.querySelector("[data-error-summary]")?.focus();
queue.flush();
