// Sends what waits before a form moves on, and when the page is put away.

import { hasWorker, keptPageAfter } from "../offline/keep.js";

const PATIENCE = 4000;
const SEND = "send the form";
const STAY = "stay here";

/** Before the next block: what cannot be sent now may wait when that block opens without a connection. */
export function sendBeforeNext(form, queue) {
  holdBack(form, queue, async () => {
    // nothing would be left of them on the next page
    if (queue.count > 0 && queue.unkept && !queue.stopped) return STAY;
    const next = await keptPageAfter(form);
    if (queue.count === 0) return (queue.held.length === 0 && next) || SEND;
    if (!queue.stopped) return next || STAY;
    // the server keeps the fields of a form that it wants a sign-in for
    return queue.isJoined || queue.stopped.status === 413 ? STAY : SEND;
  });
}

/** Before the end everything must have arrived. */
export function sendBeforeFinish(form, queue) {
  holdBack(form, queue, async () => {
    if (queue.unsent > 0) return STAY;
    // a kept page has an old token, and sending its form without a connection ends at an error page
    if (!hasWorker() || (await queue.isReachable())) return SEND;
    sayNoConnection();
    return STAY;
  });
}

/** Ask before a page is closed whose answers this browser cannot keep; forms carry them along. */
export function warnBeforeLosing(queue) {
  const show = () => {
    const isLosing = queue.unkept && queue.unsent > 0;
    window.onbeforeunload = isLosing ? (event) => event.preventDefault() : null;
  };
  for (const name of ["changed", "sending", "saved"]) queue.addEventListener(name, show);
  show();
}

/** Send what waits, then do what `decide` says: send the form, stay, or open an address. */
function holdBack(form, queue, decide) {
  let isReady = false;
  let isDeciding = false;
  form.addEventListener("submit", async (event) => {
    if (isReady || (queue.unsent === 0 && !hasWorker())) return;
    event.preventDefault();
    if (isDeciding) return;
    const tooLong = form.querySelector("textarea[aria-invalid]");
    if (tooLong) {
      tooLong.focus();
      return;
    }
    isDeciding = true;
    await Promise.race([queue.flush(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    const decision = await decide().catch(() => SEND);
    isDeciding = false;
    if (decision === STAY) {
      wordsPlace()?.scrollIntoView({ block: "nearest" });
    } else if (decision === SEND) {
      isReady = true;
      window.onbeforeunload = null;
      form.requestSubmit(event.submitter);
      isReady = false;
    } else {
      window.location.assign(decision);
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && queue.count > 0) queue.flush();
  });
}

const wordsPlace = () => document.querySelector("[data-save-words]");

function sayNoConnection() {
  const place = wordsPlace();
  delete place.dataset.words;
  place.closest("[data-save-bar]").dataset.state = "waiting";
  place.textContent = "No connection. All your answers are saved. Choose the button again when the connection is back.";
}
