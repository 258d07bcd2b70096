// Entry of the pages that list answers: sends what another page left behind, then shows it.

import { keepPages } from "../offline/keep.js";
import { savedSince, sayKept } from "../offline/kept_page.js";
import { sendBeforeFinish, warnBeforeLosing } from "./leaving.js";
import { showNewer } from "./newer.js";
import { queueOf } from "./queue.js";
import { showStatus } from "./status.js";
import { showUnsaved } from "./unsaved.js";

const place = document.querySelector("[data-rating]:not([data-leave])");
const queue = queueOf(place);

showStatus(queue);
warnBeforeLosing(queue);
if (place.dataset.over === undefined) {
  showNewer(queue, savedSince());
  sayKept(queue);
  keepPages(place, queue);
} else {
  showUnsaved(place, queue);
}
if (place instanceof HTMLFormElement) sendBeforeFinish(place, queue);
if (queue.count > 0) {
  queue.addEventListener("changed", () => {
    // the page was printed before these answers arrived
    if (queue.unsent === 0) window.location.reload();
  });
  queue.flush();
}
