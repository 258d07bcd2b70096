// Copies the text of a field at one touch. Without this module the field can be selected by hand.

const WORDS_STAY = 4000;

for (const place of document.querySelectorAll("[data-copy]")) {
  const field = place.querySelector("[data-copy-text]");
  const button = place.querySelector("[data-copy-button]");
  const words = place.querySelector("[data-copy-words]");
  field.addEventListener("focus", () => field.select());
  button.hidden = false;
  button.addEventListener("click", async () => {
    words.textContent = (await copy(field)) ? "✓ Copied" : "Selected. Now copy it with your keyboard or by a long press.";
    setTimeout(() => (words.textContent = ""), WORDS_STAY);
  });
}

async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // no clipboard without https, or it was refused: the text is selected, which is half the way
    field.focus();
    field.select();
    return document.execCommand?.("copy") ?? false;
  }
}
