// Says in words what is saved and what waits, always in sight and never a guess, with the one thing to do.

import { tab } from "../offline/storages.js";

const PLACE = "blockwise.saved.";
const LONGEST = 12 * 3600 * 1000;

const clockTime = (date) => date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
const counted = (count) => (count === 1 ? "1 answer is waiting" : `${count} answers are waiting`);

/** Keep the bar of the page true to the queue. */
export function showStatus(queue) {
  const bar = document.querySelector("[data-save-bar]");
  if (bar) new Bar(bar, queue).show();
}

class Bar {
  constructor(element, queue) {
    this.element = element;
    this.queue = queue;
    this.words = element.querySelector("[data-save-words]");
    this.way = element.querySelector("[data-save-way]");
    this.savedAt = recall(queue.name);
    for (const name of ["saved", "savedElsewhere"]) {
      queue.addEventListener(name, () => {
        this.savedAt = new Date();
        tab.write(PLACE + queue.name, this.savedAt);
        this.show();
      });
    }
    for (const name of ["changed", "sending"]) queue.addEventListener(name, () => this.show());
  }

  show() {
    const { words, state, way = null } = describe(this.queue, this.savedAt, this.element.dataset.saveBar);
    this.element.dataset.state = state;
    // a status region repeats itself to a screen reader each time it is written
    if (this.words.dataset.words !== words) {
      this.words.dataset.words = words;
      this.words.textContent = words;
    }
    if (this.way.dataset.way === (way?.text || "")) return;
    this.way.dataset.way = way?.text || "";
    this.way.replaceChildren(...(way ? [way.href ? anchor(way) : this.button(way)] : []));
  }

  /** Sends at once, and says again how it went. */
  button({ text }) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "link-button";
    made.textContent = text;
    made.addEventListener("click", async () => {
      made.textContent = "Trying…";
      await this.queue.flush();
      made.textContent = text;
      delete this.words.dataset.words;
      this.show();
    });
    return made;
  }
}

/** What to say: {words, state, way}; `printed` is what holds while nothing waits and nothing was sent yet. */
function describe(queue, savedAt, printed = "") {
  if (queue.count > 0) return { state: urgency(queue), ...whyWaiting(queue) };
  if (queue.held.length > 0) return { state: queue.unkept ? "stopped" : "waiting", ...whyHeld(queue) };
  return { state: "saved", words: savedAt ? `All answers saved ${clockTime(savedAt)}` : printed };
}

/** On its way is no reason to look up; not getting there is. */
function urgency({ stopped, failures, unkept }) {
  if (stopped) return "stopped";
  if (failures === 0) return "sending";
  return unkept === "all" ? "stopped" : "waiting";
}

const TRY = { text: "Try now" };

function whyWaiting(queue) {
  const isOne = queue.count === 1;
  const lost = `not kept on this device. Leave this page open until ${isOne ? "it is" : "they are"} saved`;
  const waiting = `${counted(queue.count)}, ${queue.unkept === "all" ? lost : "kept on this device"}.`;
  if (!queue.stopped) {
    if (queue.failures === 0) return { words: `${counted(queue.count)} to be saved…` };
    return { words: `${waiting} No connection.`, way: TRY };
  }
  const { status, message } = queue.stopped;
  const here = window.location.pathname;
  if (queue.isJoined && status === 401) {
    return { words: `${waiting} The time to rate on this device is over.`, way: { text: "Rate with a code", href: "/j" } };
  }
  if (status === 401 || status === 403) {
    return { words: waiting, way: { text: "Sign in to send", href: `/sign-in?next=${encodeURIComponent(here)}` } };
  }
  if (status === 409) {
    const few = isOne ? "1 answer was not saved" : `${queue.count} answers were not saved`;
    return { words: `${few}. ${message} What you chose is ${queue.unkept === "all" ? "not kept on this device" : "kept on this device"}.` };
  }
  if (status === 400) return { words: waiting, way: { text: "Reload this page to send", href: here } };
  return { words: `${waiting} ${message}`.trim(), way: TRY };
}

function whyHeld(queue) {
  const { held, unkept } = queue;
  const isOne = held.length === 1;
  const lost = unkept ? ` ${isOne ? "It is" : "They are"} not kept on this device, so do not close this page before.` : "";
  const words = `${isOne ? "1 answer needs" : `${held.length} answers need`} a look before ${isOne ? "it" : "they"} can be saved.${lost}`;
  const onThisPage = document.getElementById(`m-${held[0]}`);
  const elsewhere = document.querySelector(`.answer-change a[href$="#m-${held[0]}"]`);
  if (onThisPage) return { words, way: { text: "Go to it", href: `#m-${held[0]}` } };
  return elsewhere ? { words, way: { text: "Go to it", href: elsewhere.href } } : { words };
}

function anchor({ href, text }) {
  const link = document.createElement("a");
  link.href = href;
  link.textContent = text;
  return link;
}

/** When this window heard last that all is saved: the next page of the rating goes on saying it. */
function recall(name) {
  const at = new Date(tab.read(PLACE + name));
  return Math.abs(Date.now() - at) < LONGEST ? at : null;
}

export { clockTime };
