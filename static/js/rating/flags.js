// A note that looks as if it named a patient waits on the device until its author decides.

const QUESTION = "This is not about a patient. Keep it as I wrote it.";

/** Show the box that keeps the note of a card as it is; without a mark, take it away. */
export function offerToKeep(card, mark) {
  card.element.querySelector("[data-keep-note]")?.remove();
  if (!mark) return;
  const id = `${card.note.id}-keep`;
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", id });
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = QUESTION;
  const row = document.createElement("div");
  row.className = "choice";
  row.dataset.keepNote = "";
  row.append(box, label);
  card.note.after(row);
  card.note.closest("details").open = true;
  box.addEventListener("change", () => {
    // the mark holds for what was found this time; another find asks again
    card.element.dataset.keep = mark;
    card.note.focus();
    card.changed();
  });
}
