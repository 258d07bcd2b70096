// Sends what waits before a form moves on, and when the page is put away.

/**
 * Hold the form back while answers wait: without a connection the browser would show its own error
 * page. When the server wants a sign-in, the form goes its own way: the server keeps its fields.
 */
export function sendBeforeLeaving(form, queue, { needsAll = false } = {}) {
  let isReady = false;
  form.addEventListener("submit", async (event) => {
    if (isReady || (queue.count === 0 && queue.held.length === 0)) return;
    event.preventDefault();
    const tooLong = form.querySelector("textarea[aria-invalid]");
    if (tooLong) {
      tooLong.focus();
      return;
    }
    const submitter = event.submitter;
    await queue.flush();
    const isSent = queue.count === 0 && (queue.held.length === 0 || !needsAll);
    const mustSignIn = !needsAll && !queue.isJoined && queue.stopped && queue.stopped.status !== 413;
    if (isSent || mustSignIn) {
      isReady = true;
      form.requestSubmit(submitter);
      isReady = false;
    } else {
      form.querySelector("[data-save-words]")?.scrollIntoView({ block: "center" });
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && queue.count > 0) queue.flush();
  });
}
