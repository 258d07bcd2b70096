// Brings a half-keyed form back into its page, and keeps what is typed from then on.

import { keepDraft, lastDraft } from "../offline/drafts.js";

const FIXED = new Set(["csrf_token", "then"]);

/** Put back what was begun and ask about it, then keep the form with every change: returns what does so. */
export function keepForm(form, goOn) {
  const { assessment, done } = form.dataset;
  if (done) keepDraft({ assessment, mark: done }, null);
  const draft = form.dataset.fresh === undefined ? null : lastDraft(assessment);
  if (draft) {
    bringBack(form, draft);
    ask(form, draft.mark, goOn);
  }
  const keep = () => keepDraft({ assessment, mark: form.dataset.mark }, isBegun(form) ? read(form) : null);
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  return keep;
}

const fieldsOf = (form) =>
  [...form.elements].filter(({ name, type }) => name && type !== "submit" && type !== "checkbox" && !FIXED.has(name));
const isBegun = (form) => fieldsOf(form).some(({ name, value }) => /^(a|note)-/.test(name) && value.trim() !== "");
const read = (form) => Object.fromEntries(fieldsOf(form).map(({ name, value }) => [name, value]));

function bringBack(form, { fields, mark }) {
  for (const field of fieldsOf(form)) if (typeof fields[field.name] === "string") field.value = fields[field.name];
  for (const evidence of form.querySelectorAll("[data-evidence]")) {
    if (evidence.querySelector("textarea").value) evidence.open = true;
  }
  form.dataset.mark = mark;
  for (const number of document.querySelectorAll("[data-number]")) number.textContent = fields.number;
}

/** Ask what to do with a form that is back: keys must not end up in it before that is decided. */
function ask(form, mark, goOn) {
  const notice = document.querySelector("[data-draft]");
  const onward = notice.querySelector("[data-go-on]");
  notice.hidden = false;
  onward.focus();
  onward.addEventListener("click", () => {
    notice.hidden = true;
    goOn();
  });
  notice.querySelector("[data-drop]").addEventListener("click", () => {
    keepDraft({ assessment: form.dataset.assessment, mark }, null);
    form.reset();
    window.location.replace(window.location.pathname);
  });
}
