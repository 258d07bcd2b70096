// Loses nothing of what is chosen, typed or pressed before the scripts that send it have arrived.
//
// No module, and in the head: on a slow line those come seconds after the first card can be read.
// What changes is laid where the queue finds it (see store.js), also when the page is left at once.

(() => {
  const field = "textarea, select, input:not([type=radio], [type=checkbox])";
  const pressed = [];

  const remember = ({ key, timeStamp, target, ctrlKey, altKey, metaKey }) => {
    if (ctrlKey || altKey || metaKey || target.closest?.(field)) return;
    if (/^[\dne]$/.test(key)) pressed.push({ key, timeStamp });
  };

  const keep = ({ target }) => {
    const card = target.closest?.("[data-card]");
    const form = card?.closest("form[data-rating]");
    if (!form) return;
    const { rating, shared, saveUrl, tokenUrl } = form.dataset;
    const name = `blockwise.${shared === undefined ? "rating" : "shared"}.${rating}`;
    const owner = document.querySelector('meta[name="offline"]')?.content.split(".")[0];
    try {
      const kept = JSON.parse(window.localStorage.getItem(name)) || {};
      const answer = answerOf(card);
      delete kept.held?.[answer.milestone];
      kept.waiting = { ...kept.waiting, [answer.milestone]: answer };
      window.localStorage.setItem(name, JSON.stringify({ ...kept, url: saveUrl, tokenUrl, owner }));
    } catch {
      // a full or forbidden storage: the page itself still has it, as cards.js will see
    }
  };

  const answerOf = (card) => {
    const chosen = card.querySelector("fieldset input[type=radio]:checked");
    const isLevel = /^\d+$/.test(chosen?.value);
    const label = chosen?.labels[0];
    return {
      milestone: card.dataset.milestone,
      title: card.querySelector("h2").textContent,
      state: isLevel ? "level" : chosen?.value || "unanswered",
      level: isLevel ? Number(chosen.value) : null,
      words: label ? (label.querySelector(".tile-head") || label).textContent.trim() : "Not answered",
      note: card.querySelector("textarea").value,
      revision: Number(card.querySelector("[data-revision]").value),
    };
  };

  document.addEventListener("keydown", remember);
  for (const kind of ["change", "input"]) document.addEventListener(kind, keep);

  /** The scripts are there: no more of this; the keys that were pressed until now. */
  document.endEarly = () => {
    document.removeEventListener("keydown", remember);
    for (const kind of ["change", "input"]) document.removeEventListener(kind, keep);
    return pressed;
  };
})();
