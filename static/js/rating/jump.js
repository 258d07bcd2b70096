// A level far above last time's asks for evidence, quietly: it never keeps anybody from going on.

const FAR = 2;

/** Show or hide the line in the card that asks what shows the change. */
export function showJump(card) {
  const line = card.element.querySelector("[data-jump]");
  const last = card.element.dataset.last;
  if (!line || !last) return;
  const before = card.radios.find((radio) => radio.value === last);
  const isFar = before && card.checked && levelOf(card, card.checked) - levelOf(card, before) >= FAR;
  const isAsking = Boolean(isFar) && card.note.value.trim() === "";
  if (isAsking === !line.hidden) return;
  line.hidden = !isAsking;
  line.textContent = isAsking ? `${whenOf(card)} this stood at ${last}. What shows the change? Add evidence (optional)` : "";
}

/** The place of a choice among the levels; on a long scale several numbers share one. NaN for the others. */
function levelOf(card, radio) {
  if (!/^\d+$/.test(radio.value)) return NaN;
  const band = radio.closest(".band");
  const levels = band ? [...card.element.querySelectorAll(".band")] : card.radios;
  return levels.indexOf(band || radio);
}

const whenOf = (card) => (/last quarter/.test(card.element.querySelector(".rating-last")?.textContent) ? "Last quarter" : "Last time");
