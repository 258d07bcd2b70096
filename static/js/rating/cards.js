// Ties the rating cards of a page to the queue: every change is put in, every reply shown at its card.

import { showConflict } from "./conflict.js";
import { offerToKeep } from "./flags.js";
import { showJump } from "./jump.js";
import { clockTime } from "./status.js";

const NOTE_LIMIT = 2000;

class Card {
  constructor(element, queue, saved) {
    this.element = element;
    this.queue = queue;
    this.milestone = element.dataset.milestone;
    this.radios = [...element.querySelectorAll("fieldset input[type=radio]")];
    this.note = element.querySelector("textarea");
    this.revision = element.querySelector("[data-revision]");
    this.corner = element.querySelector("[data-saved]");
    this.clearLine = element.querySelector("[data-clear]");
    this.conflictPlace = element.querySelector("[data-conflict]");
    this.listen();
    if (this.wasTouched()) this.changed();
    if (saved) this.catchUp(saved);
    this.restore();
    showJump(this);
  }

  listen() {
    for (const radio of this.radios) radio.addEventListener("change", () => this.changed());
    this.note.addEventListener("input", () => this.changed(900));
    this.note.addEventListener("change", () => this.changed());
    this.clearLine.querySelector("button").addEventListener("click", (event) => {
      event.preventDefault();
      this.choose(null);
      this.changed();
      this.radios[0].focus();
    });
  }

  /** Whether somebody was quicker than the scripts: what they chose must not be overlooked. */
  wasTouched() {
    return this.radios.some((radio) => radio.checked !== radio.defaultChecked) || this.note.value !== this.note.defaultValue;
  }

  /** A kept page, or another window, may be older than what the server has by now. */
  catchUp(saved) {
    if (saved.revision <= Number(this.revision.value) || this.queue.entry(this.milestone)) return;
    this.revision.value = saved.revision;
    this.show(saved);
    this.say(this.checked ? "Saved" : "", "saved");
  }

  /** What an earlier visit left in the queue is newer than what the server printed. */
  restore() {
    const left = this.queue.entry(this.milestone);
    if (!left) return;
    this.show(left);
    this.say("Waiting to be saved", "waiting");
    if (this.tooLong() > 0) this.changed();
    // with the revision it was based on, so that a conflict is found again
    else this.queue.put(left);
  }

  get checked() {
    return this.radios.find((radio) => radio.checked) || null;
  }

  answer() {
    const value = this.checked?.value;
    const isLevel = value !== undefined && /^\d+$/.test(value);
    return {
      milestone: this.milestone,
      title: this.element.querySelector("h2")?.textContent || "",
      state: isLevel ? "level" : value || "unanswered",
      level: isLevel ? Number(value) : null,
      words: this.checked ? wordsOf(this.checked) : "Not answered",
      note: this.note.value,
      revision: Number(this.revision.value),
      keep: this.element.dataset.keep || "",
    };
  }

  changed(delay) {
    this.clearLine.hidden = !this.checked;
    this.conflictPlace.replaceChildren();
    const over = this.tooLong();
    this.sayTooLong(over);
    if (over > 0) {
      this.queue.hold(this.answer());
      this.say(this.queue.unkept ? "Note too long, not kept" : "Note too long", "conflict");
    } else {
      this.queue.put(this.answer(), delay);
      this.say("Saving…", "waiting");
    }
    showJump(this);
    this.element.dispatchEvent(new CustomEvent("answered", { bubbles: true }));
  }

  tooLong() {
    return [...this.note.value].length - NOTE_LIMIT;
  }

  choose(value) {
    for (const radio of this.radios) radio.checked = radio.value === String(value);
    this.clearLine.hidden = !this.checked;
  }

  show(answer) {
    this.choose(answer.state === "level" ? answer.level : answer.state);
    if (typeof answer.note === "string") this.note.value = answer.note;
    this.note.closest("details").open ||= this.note.value !== "";
    showJump(this);
    this.element.dispatchEvent(new CustomEvent("answered", { bubbles: true }));
  }

  saved(answer) {
    this.revision.value = answer.revision;
    if (this.queue.entry(this.milestone)) return;
    // another window may have put it into the queue that both share
    if (isOther(answer, this.answer())) this.show(answer);
    this.say(`Saved ${clockTime(new Date())}`, "saved");
  }

  waits() {
    if (!this.queue.entry(this.milestone) || this.corner.dataset.state !== "waiting") return;
    const waiting = this.queue.unkept === "all" ? "Not kept on this device" : "Waiting to be saved";
    this.say(this.queue.stopped?.status === 409 ? "Not saved" : waiting, "waiting");
  }

  conflict(conflict, mine) {
    this.say("Changed elsewhere", "conflict");
    showConflict(this.conflictPlace, conflict, {
      mine: () => {
        this.revision.value = conflict.revision;
        this.show(mine);
        this.changed();
        this.focus();
      },
      theirs: () => {
        this.revision.value = conflict.revision;
        this.queue.forget(this.milestone);
        this.show(conflict.theirs);
        this.conflictPlace.replaceChildren();
        this.say("Kept theirs", "saved");
        this.focus();
      },
    });
  }

  refused(problem) {
    this.say("Not saved", "conflict");
    this.sayTooLong(0, problem.message);
    offerToKeep(this, problem.keep);
  }

  /** The buttons of a conflict are gone after the choice; the keyboard goes on at what was chosen. */
  focus() {
    (this.checked || this.radios[0]).focus({ preventScroll: true });
  }

  say(words, state) {
    this.corner.textContent = words;
    this.corner.dataset.state = state;
  }

  sayTooLong(over, words = null) {
    const text = words || (over > 0 ? `Your note is ${over.toLocaleString("en-US")} ${over === 1 ? "character" : "characters"} too long. Shorten it to ${NOTE_LIMIT.toLocaleString("en-US")} characters.` : "");
    let place = this.element.querySelector("[data-note-problem]");
    if (!place && !text) return;
    if (!place) {
      place = document.createElement("p");
      place.className = "field-error";
      place.dataset.noteProblem = "";
      place.setAttribute("role", "alert");
      this.note.before(place);
    }
    place.textContent = text;
    place.hidden = !text;
    offerToKeep(this, "");
    if (text) this.note.setAttribute("aria-invalid", "true");
    else this.note.removeAttribute("aria-invalid");
  }
}

const wordsOf = ({ labels }) => (labels[0]?.querySelector(".tile-head") || labels[0])?.textContent.trim() || "";

const isOther = (one, other) => one.state !== other.state || one.level !== other.level || one.note !== other.note;

/** All cards of the page, tied to the queue; `saved` are answers that are newer than the page. */
export function bindCards(root, queue, saved = new Map()) {
  const cards = new Map();
  for (const element of root.querySelectorAll("[data-card]")) {
    const card = new Card(element, queue, saved.get(element.dataset.milestone));
    cards.set(card.milestone, card);
  }
  queue.addEventListener("saved", ({ detail }) => {
    for (const answer of detail.answers) cards.get(answer.milestone)?.saved(answer);
  });
  queue.addEventListener("savedElsewhere", ({ detail }) => {
    for (const answer of detail.answers) cards.get(answer.milestone)?.catchUp(answer);
  });
  queue.addEventListener("conflict", ({ detail }) => {
    cards.get(detail.conflict.milestone)?.conflict(detail.conflict, detail.mine);
  });
  queue.addEventListener("refused", ({ detail }) => cards.get(detail.problem.milestone)?.refused(detail.problem));
  queue.addEventListener("changed", () => {
    if (queue.failures > 0 || queue.stopped) for (const card of cards.values()) card.waits();
  });
  return [...cards.values()];
}
