// The page on which the team follows its meeting: it goes wherever the meeting goes, says so once to
// screen readers, and leaves the focus where it was.

import { follow } from "./live.js";
import { runTimers } from "./timer.js";

const LOOKS_EACH = 4000;
const HIDDEN = 20_000;
// a forgotten page must not keep its sign-in alive for ever
const GIVES_UP_AFTER = 2 * 60 * 60 * 1000;

const root = document.querySelector("[data-live]");
const early = document.querySelector("[data-await-reveal]");
if (root) followMeeting();
if (early) awaitReveal();

function followMeeting() {
  // a vote that did not count left the address of its form here, which cannot be read again
  if (location.pathname !== root.dataset.page) history.replaceState(null, "", root.dataset.page);
  const words = root.querySelector("[data-live-words]");
  let said = toSay();
  runTimers();
  follow({
    root,
    force: true,
    onChange: () => {
      if (toSay() === said) return;
      said = toSay();
      words.textContent = said;
    },
  });
}

function toSay() {
  return root.querySelector("[data-say]").dataset.say;
}

/** Before the reveal there is nothing to follow; then the page comes anew. */
function awaitReveal() {
  const since = Date.now();
  const look = async () => {
    try {
      const answer = await fetch(early.dataset.awaitReveal, { cache: "no-store", headers: { Accept: "application/json" } });
      if (answer.ok) return location.reload();
      if (answer.status === 401) return;
    } catch {
      // no connection: look again
    }
    if (Date.now() - since < GIVES_UP_AFTER) setTimeout(look, document.hidden ? HIDDEN : LOOKS_EACH);
  };
  setTimeout(look, LOOKS_EACH);
}
