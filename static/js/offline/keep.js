// Asks the worker to keep the pages of the rating that is open, and what the server saves of it.

import { isOn, place } from "./place.js";

/** Keep the pages named by data-pages; `queue` tells which answers were saved since. */
export function keepPages(element, queue) {
  const pages = pagesOf(element);
  if (!isOn || pages.length === 0) return;
  queue.addEventListener("saved", ({ detail }) => {
    tell({ kind: "saved", place, rating: element.dataset.rating, answers: detail.answers });
  });
  whenIdle(async () => {
    try {
      // for these pages only: no other one is touched when something is wrong with the worker
      await navigator.serviceWorker.register("/service-worker.js", { scope: pages[0] });
      await tell({ kind: "keep", place, pages });
    } catch {
      // no worker, as in some private windows: this page itself works without a connection
    }
  });
}

/** Whether a worker opens the rating pages, so that the next one may come from this device. */
export const hasWorker = () => isOn && Boolean(navigator.serviceWorker.controller);

/** The page after this one in the order of the rating, when it can be opened without a connection. */
export async function keptPageAfter(element) {
  const pages = pagesOf(element);
  const next = pages[pages.indexOf(window.location.pathname) + 1];
  if (!hasWorker() || !next) return null;
  return (await caches.match(next, { ignoreVary: true })) ? next : null;
}

const pagesOf = (element) => (element.dataset.pages || "").split(" ").filter(Boolean);

async function tell(message) {
  // after an update the new worker: the old one may be on its way out
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage(message);
}

/** First comes what the person is waiting for. */
function whenIdle(work) {
  const start = () => (window.requestIdleCallback ? window.requestIdleCallback(work, { timeout: 2000 }) : setTimeout(work, 500));
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start, { once: true });
}
