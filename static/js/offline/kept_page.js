// A page that came from this device says so, and knows which answers were saved after it was kept.

const since = document.body.dataset.kept;

/** Whether this page was kept earlier, rather than printed for this visit. */
export const isKept = Boolean(since);

/** By milestone the answers that the server has by now: {state, level, note, words, revision}. */
export function savedSince() {
  const list = document.querySelector("script[data-saved-since]");
  return new Map(list ? JSON.parse(list.textContent).map((answer) => [answer.milestone, answer]) : []);
}

/** Say above the page how old it is, until the connection is back. */
export function sayKept(queue) {
  if (!isKept) return;
  const notice = document.createElement("div");
  notice.className = "notice notice-warning";
  notice.dataset.keptNotice = "";
  notice.setAttribute("role", "status");
  const title = document.createElement("p");
  title.className = "notice-title";
  title.textContent = navigator.onLine ? "No connection to Blockwise" : "You are offline";
  const words = document.createElement("p");
  words.textContent = `This page is from ${when(new Date(since))}. Go on rating: your answers are kept on this device and sent when the connection is back.`;
  notice.append(title, words);
  document.querySelector(".rating-page").prepend(notice);
  queue.addEventListener("saved", () => notice.remove());
  window.addEventListener("online", async () => {
    if (await queue.isReachable()) notice.remove();
  });
}

function when(date) {
  const time = date.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.toLocaleDateString("en-US", { month: "short", day: "numeric" })}, ${time}`;
}
