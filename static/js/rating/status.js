// Says in words what is saved and what waits: never a guess.

const clockTime = (date) => date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
const counted = (count) => (count === 1 ? "1 answer is waiting" : `${count} answers are waiting`);

/** Keep the words of an element true to the queue. */
export function showStatus(element, queue) {
  if (!element) return;
  let savedAt = null;
  const show = () => {
    const { words, state, link } = describe(queue, savedAt);
    // a status region repeats itself to a screen reader each time it is written
    if (element.dataset.words === words) return;
    element.dataset.words = words;
    element.dataset.state = state;
    element.replaceChildren(words, ...(link ? [" ", link] : []));
  };
  for (const name of ["saved", "savedElsewhere"]) {
    queue.addEventListener(name, () => {
      savedAt = new Date();
      show();
    });
  }
  for (const name of ["changed", "sending"]) queue.addEventListener(name, show);
  show();
}

export function describe(queue, savedAt) {
  if (queue.count > 0) return { state: queue.stopped ? "stopped" : "waiting", ...whyWaiting(queue) };
  if (queue.held.length > 0) return { state: "waiting", ...whyHeld(queue.held) };
  return { state: "saved", words: savedAt ? `All answers saved ${clockTime(savedAt)}` : "" };
}

function whyWaiting(queue) {
  const waiting = counted(queue.count);
  const kept = "kept on this device";
  if (!queue.stopped) {
    if (queue.failures === 0) return { words: `${waiting} to be saved…` };
    return { words: `${waiting}, ${kept}. No connection. Saving goes on as soon as it is back.` };
  }
  if (queue.isJoined && queue.stopped.status === 401) {
    return { words: `${waiting}, ${kept}. The time to rate on this device is over.`, link: anchor("/j", "Rate with a code") };
  }
  const here = window.location.pathname;
  if (queue.stopped.status === 401 || queue.stopped.status === 403) {
    return { words: `${waiting}, ${kept}.`, link: anchor(`/sign-in?next=${encodeURIComponent(here)}`, "Sign in to send") };
  }
  if (queue.stopped.status === 409) {
    const few = queue.count === 1 ? "1 answer was not saved" : `${queue.count} answers were not saved`;
    return { words: `${few}. ${queue.stopped.message} What you chose is ${kept}.` };
  }
  if (queue.stopped.status === 400) {
    return { words: `${waiting}, ${kept}.`, link: anchor(here, "Reload this page to send") };
  }
  return { words: `${waiting}, ${kept}. ${queue.stopped.message}` };
}

function whyHeld(held) {
  const words = held.length === 1 ? "1 answer needs a look before it can be saved." : `${held.length} answers need a look before they can be saved.`;
  const onThisPage = document.getElementById(`m-${held[0]}`);
  const elsewhere = document.querySelector(`.answer-change a[href$="#m-${held[0]}"]`);
  if (onThisPage) return { words, link: anchor(`#m-${held[0]}`, "Go to it") };
  return elsewhere ? { words, link: anchor(elsewhere.href, "Go to it") } : { words };
}

function anchor(href, text) {
  const link = document.createElement("a");
  link.href = href;
  link.textContent = text;
  return link;
}

export { clockTime };
