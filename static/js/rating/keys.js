// Rating by keyboard: digits choose, 0 is "don't know", n goes to the next card, e opens the evidence.

import { TWO_DIGITS_WITHIN, isTyping, keySetting } from "./key_setting.js";

/** `early` are keys that were pressed while these scripts were still on their way. */
export function bindKeys(cards, line, early = []) {
  const setting = keySetting(line);
  const keyboard = new Keyboard(cards);
  document.addEventListener("keydown", (event) => {
    if (!setting.isOn() || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") leaveNote(cards, event);
    else if (!isTyping(event.target) && keyboard.press(event)) event.preventDefault();
  });
  if (setting.isOn()) for (const one of early) keyboard.press(one);
}

class Keyboard {
  constructor(cards) {
    this.cards = cards;
    this.typed = { digits: "", card: null, at: 0 };
  }

  /** Do what a key means; false when it means nothing here. */
  press({ key, timeStamp }) {
    const card = currentCard(this.cards);
    if (/^\d$/.test(key)) this.pressDigit(card, key, timeStamp);
    else if (key === "n") goTo(this.cards[this.cards.indexOf(card) + 1]);
    else if (key === "e") openNote(card);
    else return false;
    return true;
  }

  pressDigit(card, digit, at) {
    // on a scale to 12, "1" then "2" means 12, not first 1 and then 2
    const goesOn = this.typed.card === card && at - this.typed.at < TWO_DIGITS_WITHIN;
    const digits = goesOn && has(card, this.typed.digits + digit) ? this.typed.digits + digit : digit;
    this.typed = { digits, card, at };
    choose(card, digits);
  }
}

/** The card with the focus, else the first one that is not wholly above the window. */
function currentCard(cards) {
  const focused = document.activeElement?.closest("[data-card]");
  const found = cards.find((card) => card.element === focused);
  return found || cards.find((card) => card.element.getBoundingClientRect().bottom > 80) || cards.at(-1);
}

const tileOf = (card, digits) => card.radios.find((radio) => radio.value === (digits === "0" ? "dont_know" : digits));
const has = (card, digits) => Boolean(tileOf(card, digits));

function choose(card, digits) {
  const tile = tileOf(card, digits);
  if (!tile) return;
  tile.focus();
  if (tile.checked) return;
  tile.checked = true;
  tile.dispatchEvent(new Event("change", { bubbles: true }));
}

function goTo(card) {
  if (!card) {
    document.querySelector(".button-row button[type=submit]")?.focus();
    return;
  }
  card.element.scrollIntoView({ block: "start" });
  (card.checked || card.radios[0]).focus({ preventScroll: true });
}

function openNote(card) {
  card.note.closest("details").open = true;
  card.note.focus();
}

function leaveNote(cards, event) {
  const card = cards.find((one) => one.note === event.target);
  if (card) (card.checked || card.radios[0]).focus();
}
