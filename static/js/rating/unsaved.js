// When answers are no longer taken: shows those that did not arrive in time, and lets go of them.

/** List what waits in the queue below the words about it. */
export function showUnsaved(place, queue) {
  if (queue.unsent === 0) return;
  const list = document.createElement("ul");
  for (const answer of queue.entries) {
    const line = document.createElement("li");
    line.textContent = `${answer.title || "An answer"}: ${answer.words || "chosen"}${answer.note ? `. Note: ${answer.note}` : ""}`;
    list.append(line);
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-secondary";
  button.textContent = "Remove them from this device";
  button.addEventListener("click", () => {
    queue.forgetAll();
    place.remove();
  });
  place.append(list, button);
}
