// Says once, politely, what changed on a page that is swapped in place: the text of all [data-say].

/** A function to call after each change; it speaks when the words are others than before. */
export function sayChanges(root) {
  const words = root.querySelector("[data-live-words]");
  let said = toSay(root);
  return () => {
    const now = toSay(root);
    if (now === said) return;
    said = now;
    words.textContent = now;
  };
}

const toSay = (root) => [...root.querySelectorAll("[data-say]")].map((part) => part.dataset.say).join(" ");
