// Keeps a screen of the meeting up to date. It asks one small resource each second; when the version
// there has changed it fetches the page again and swaps the parts that differ. No connection is held.
//
// The page: <div data-live data-state-url="…" data-version="17"> around <… data-live-part="name">.

import { takeOver } from "./parts.js";

const EACH = 1000;
const HIDDEN = 5000;
const ENDED = 10_000;
const LONGEST_WAIT = 30_000;
const PATIENCE = 8000;
// a forgotten screen must not keep its sign-in alive for ever
const GIVES_UP_AFTER = 2 * 60 * 60 * 1000;
const WORRIES_AFTER = 3;

/** Follow the meeting. onVersion(state) may return false: then the caller shows the change itself.
 *  onChange(state, names) comes after parts were swapped; force: also those with the focus. Returns a
 *  function that stops it. */
export function follow({ root = document.querySelector("[data-live]"), onVersion, onChange, force = false } = {}) {
  const bar = makeBar(root);
  const lastChange = { at: Date.now() };
  let failures = 0;
  let ended = false;
  let timer = 0;
  let stopped = false;

  const stop = (words) => {
    stopped = true;
    clearTimeout(timer);
    if (words) bar.say(words, "Reload", () => location.reload());
  };
  const wait = () => {
    if (failures) return Math.min(EACH * 2 ** failures, LONGEST_WAIT);
    if (document.hidden) return HIDDEN;
    return ended ? ENDED : EACH;
  };
  const schedule = (delay = wait()) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(ask, delay);
  };

  async function ask() {
    if (Date.now() - lastChange.at > GIVES_UP_AFTER) return stop("This page no longer follows the meeting.");
    try {
      const state = await askState(root);
      if (failures >= WORRIES_AFTER) bar.hide();
      failures = 0;
      if (state) {
        lastChange.at = Date.now();
        ended = state.ended;
        if (onVersion?.(state) !== false) await show(state);
      }
    } catch (error) {
      if (error instanceof Gone) return stop(error.message);
      failures += 1;
      if (failures === WORRIES_AFTER) bar.say("No connection. This page may be behind.");
    }
    schedule();
  }

  async function show(state) {
    const fresh = await fetchPage();
    const freshRoot = fresh.querySelector("[data-live]");
    if (!freshRoot) throw new Gone("This page has changed.");
    const { swapped, kept } = takeOver(root, freshRoot, { force });
    root.dataset.version = freshRoot.dataset.version;
    if (kept.length) {
      bar.say("Changed in another window.", "Show", () => {
        bar.hide();
        takeOver(root, freshRoot, { names: kept, force: true });
        onChange?.(state, kept);
      });
    }
    onChange?.(state, swapped);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) schedule(0);
  });
  schedule(EACH * Math.random());
  return stop;
}

/** It makes no sense to ask again. */
class Gone extends Error {}

/** What the resource says, or null when nothing has changed. */
async function askState(root) {
  const answer = await fetch(root.dataset.stateUrl, {
    headers: { Accept: "application/json", "If-None-Match": `"${root.dataset.version}"` },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.status === 304) return null;
  if (answer.status === 401) throw new Gone("You are signed out.");
  if (answer.status === 403 || answer.status === 404) throw new Gone("This page can no longer be shown.");
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  return answer.json();
}

async function fetchPage() {
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (answer.redirected) throw new Gone("This page has moved.");
  if (!answer.ok) throw new Error(`the page answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** A line at the bottom that tells quietly what the page could not do by itself. */
function makeBar(root) {
  const bar = document.createElement("div");
  bar.className = "live-bar";
  bar.hidden = true;
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  bar.append(words, button);
  root.append(bar);
  return {
    say(text, label = "", action = null) {
      bar.hidden = false;
      words.textContent = text;
      button.hidden = !action;
      button.textContent = label;
      button.onclick = action;
    },
    hide() {
      bar.hidden = true;
      words.textContent = "";
    },
  };
}
