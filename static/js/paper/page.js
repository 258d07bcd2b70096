// Keying in a paper form: each key sets its item and jumps to the next. Without this module the boxes
// are plain text inputs that the server reads in the same way.

import { keepForm } from "./draft_page.js";
import { complaint, counts, judge, progress, spread } from "./keys.js";

class KeyPage {
  constructor(form) {
    this.form = form;
    this.boxes = [...form.querySelectorAll("[data-key]")];
    this.rules = this.boxes.map(({ dataset: { min, max, na } }) => ({ min: Number(min), max: Number(max), na: Boolean(na) }));
    this.end = [...form.querySelectorAll("[data-end]"), form.querySelector("button[type=submit]")];
    this.isDirty = false;
    this.keep = keepForm(form, () => this.goTo(this.boxes.findIndex((box) => read(box) === "")));
    this.boxes.forEach((box, at) => this.listen(box, at));
    this.leadThroughTheEnd();
    this.warnBeforeLeaving();
    document.querySelectorAll("[data-keys-help]").forEach((one) => (one.hidden = false));
    this.show();
  }

  goTo(at) {
    (this.boxes[at] || this.end[0])?.focus();
  }

  show() {
    showProgress(this.form.querySelector("[data-progress]"), progress(this.boxes.map(read), this.rules));
    this.keep();
  }

  listen(box, at) {
    box.addEventListener("focus", () => box.select());
    box.addEventListener("input", () => this.type(box, at));
    box.addEventListener("paste", (event) => this.paste(event, box, at));
    box.addEventListener("blur", () => check(box, this.rules[at]));
    box.addEventListener("keydown", (event) => this.press(event, box, at));
  }

  type(box, at) {
    this.isDirty = true;
    box.value = read(box);
    const verdict = judge(box.value, this.rules[at]);
    say(box, verdict === "wrong" ? wrong(box) : "");
    this.show();
    if (verdict === "done") this.goTo(at + 1);
    if (verdict === "wrong") box.select();
  }

  paste(event, box, at) {
    const parts = spread(event.clipboardData.getData("text"), this.rules[at].max);
    if (parts.length < 2) return;
    event.preventDefault();
    const left = this.boxes.length - at;
    if (parts.length > left) {
      say(box, `${parts.length} answers were pasted, and ${left} items are left. Nothing was filled in.`);
      return;
    }
    this.isDirty = true;
    parts.forEach((part, place) => {
      this.boxes[at + place].value = part;
      check(this.boxes[at + place], this.rules[at + place]);
    });
    this.show();
    const bad = this.boxes.findIndex((one) => one.getAttribute("aria-invalid"));
    this.goTo(bad < 0 ? at + parts.length : bad);
  }

  press(event, box, at) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const before = this.boxes[at - 1];
    const act = actionOf(event.key, box, before);
    if (!act) return;
    event.preventDefault();
    if (act === "back") {
      before.value = "";
      say(before, "");
      this.show();
    }
    if (act === "evidence") openEvidence(box);
    else this.goTo(act === "next" ? at + 1 : Math.max(at - 1, 0));
  }

  /** Enter goes on from field to field, up to the button. */
  leadThroughTheEnd() {
    this.end.slice(0, -2).forEach((field, at) => {
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        this.end[at + 1].focus();
      });
    });
  }

  warnBeforeLeaving() {
    this.form.addEventListener("change", () => (this.isDirty = true));
    this.form.addEventListener("submit", () => (this.isDirty = false));
    window.addEventListener("beforeunload", (event) => {
      if (this.isDirty && this.boxes.some((box) => read(box) !== "")) event.preventDefault();
    });
  }
}

const read = (box) => box.value.trim().toUpperCase();

function actionOf(key, box, before) {
  if (key === "Enter" || key === "ArrowDown" || key === " ") return "next";
  if (key === "ArrowUp") return "previous";
  if (key === "Backspace" && box.value === "" && before) return "back";
  if (key.toLowerCase() === "e" && evidenceOf(box)) return "evidence";
  return null;
}

const evidenceOf = (box) => box.closest("[data-row]").querySelector("[data-evidence]");

function openEvidence(box) {
  const evidence = evidenceOf(box);
  evidence.open = true;
  evidence.querySelector("textarea").focus();
}

const wrong = (box) => complaint(box.dataset.key, read(box), box.dataset.choices);
const check = (box, rules) => say(box, read(box) !== "" && !counts(read(box), rules) ? wrong(box) : "");

/** Says at the item what is wrong with it, or takes that back. */
function say(box, words) {
  const place = document.getElementById(`${box.id}-error`);
  if (place.textContent.replace(/^Error: /, "") === words) return;
  place.setAttribute("role", "alert");
  place.textContent = words;
  box.closest("[data-row]").classList.toggle("field-wrong", words !== "");
  if (words) box.setAttribute("aria-invalid", "true");
  else box.removeAttribute("aria-invalid");
}

function showProgress(line, { words, each }) {
  const more = document.createElement("span");
  more.className = "muted";
  more.textContent = each ? ` · ${each}` : "";
  line.replaceChildren(words, more);
  line.hidden = false;
}

const form = document.querySelector("form[data-keys]");
if (form) new KeyPage(form);
