// Entry of the pages that list answers: sends what another page left behind, then shows it.

import { sendBeforeLeaving } from "./leaving.js";
import { queueOf } from "./queue.js";
import { showStatus } from "./status.js";

const place = document.querySelector("[data-rating]:not([data-leave])");
const queue = queueOf(place);
const left = queue.count;

showStatus(place.querySelector("[data-save-words]"), queue);
if (place instanceof HTMLFormElement) sendBeforeLeaving(place, queue, { needsAll: true });
if (left > 0) {
  queue.addEventListener("changed", () => {
    // the page was printed before these answers arrived
    if (queue.count === 0 && queue.held.length === 0) window.location.reload();
  });
  queue.flush();
}
