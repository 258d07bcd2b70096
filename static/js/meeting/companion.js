// The page on which the team follows its meeting: it goes wherever the meeting goes, says so once to
// screen readers, and leaves the focus where it was.

import { sendInPlace } from "./in_place.js";
import { follow } from "./live.js";
import { sayChanges } from "./saying.js";
import { runTimers } from "./timer.js";

const LOOKS_EACH = 4000;

const root = document.querySelector("[data-live]");
const early = document.querySelector("[data-await-reveal]");
if (root) followMeeting();
if (early) awaitReveal();

function followMeeting() {
  // a vote that did not count left the address of its form here, which cannot be read again
  if (location.pathname !== root.dataset.page) history.replaceState(null, "", root.dataset.page);
  runTimers();
  const say = sayChanges(root);
  follow({ root, force: true, onShown: say });
  sendInPlace({ root, force: true, onShown: say });
}

/** Before the reveal there is nothing to follow; then the page comes anew. */
function awaitReveal() {
  let timer = 0;
  const look = async () => {
    try {
      const answer = await fetch(early.dataset.awaitReveal, { cache: "no-store", headers: { Accept: "application/json" } });
      // without a sign-in the page asks for one
      if (answer.ok || answer.status === 401) return location.reload();
    } catch {
      // no connection: look again
    }
    schedule(LOOKS_EACH);
  };
  const schedule = (delay) => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(look, delay);
  };
  document.addEventListener("visibilitychange", () => schedule(0));
  schedule(LOOKS_EACH);
}
