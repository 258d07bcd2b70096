// Keying in a paper form: each key sets its item and jumps to the next. Without this module the boxes
// are plain text inputs that the server reads in the same way.

import { keepForm } from "./draft_page.js";
import { complaint, counts, judge, progress, spread } from "./keys.js";

function start(form) {
  const boxes = [...form.querySelectorAll("[data-key]")];
  const end = [...form.querySelectorAll("[data-end]"), form.querySelector("button[type=submit]")];
  const rules = boxes.map(({ dataset }) => ({ min: Number(dataset.min), max: Number(dataset.max), na: Boolean(dataset.na) }));
  const line = form.querySelector("[data-progress]");
  let isDirty = false;

  const goTo = (at) => (boxes[at] || end[0])?.focus();
  const goOn = () => goTo(boxes.findIndex((box) => read(box) === ""));
  const keep = keepForm(form, goOn);
  const show = () => {
    showProgress(line, progress(boxes.map((box) => read(box)), rules));
    keep();
  };

  boxes.forEach((box, at) => {
    box.addEventListener("focus", () => box.select());
    box.addEventListener("input", () => {
      isDirty = true;
      box.value = read(box);
      const verdict = judge(box.value, rules[at]);
      say(box, verdict === "wrong" ? wrong(box) : "");
      show();
      if (verdict === "done") goTo(at + 1);
      if (verdict === "wrong") box.select();
    });
    box.addEventListener("paste", (event) => {
      const parts = spread(event.clipboardData.getData("text"), rules[at].max);
      if (parts.length < 2) return;
      event.preventDefault();
      if (parts.length > boxes.length - at) {
        say(box, `${parts.length} answers were pasted, and ${boxes.length - at} items are left. Nothing was filled in.`);
        return;
      }
      isDirty = true;
      parts.forEach((part, place) => {
        const one = boxes[at + place];
        one.value = part;
        check(one, rules[at + place]);
      });
      show();
      const bad = boxes.findIndex((one) => one.getAttribute("aria-invalid"));
      goTo(bad < 0 ? at + parts.length : bad);
    });
    box.addEventListener("blur", () => check(box, rules[at]));
    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const act = actionOf(event.key, box, boxes[at - 1]);
      if (!act) return;
      event.preventDefault();
      if (act === "back") {
        boxes[at - 1].value = "";
        say(boxes[at - 1], "");
        show();
      }
      if (act === "evidence") openEvidence(box);
      else goTo(act === "next" ? at + 1 : Math.max(at - 1, 0));
    });
  });
  end.slice(0, -2).forEach((field, at) => {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      end[at + 1].focus();
    });
  });
  form.addEventListener("change", () => (isDirty = true));
  form.addEventListener("submit", () => (isDirty = false));
  window.addEventListener("beforeunload", (event) => {
    if (isDirty && boxes.some((box) => read(box) !== "")) event.preventDefault();
  });
  document.querySelectorAll("[data-keys-help]").forEach((one) => (one.hidden = false));
  show();
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
if (form) start(form);
