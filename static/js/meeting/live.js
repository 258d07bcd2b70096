// Keeps a screen of the meeting up to date. It asks one small resource each second; when the version
// there has changed it fetches the page again and swaps the parts that differ. No connection is held,
// and a screen that nobody sees asks nothing.
//
// The page: <div data-live data-state-url="…" data-version="17"> around <… data-live-part="name">.
// data-refresh="60": fetch the page each minute too, for words that change by themselves.

import { makeBar } from "./bar.js";
import { takeOver } from "./parts.js";

const EACH = 1000;
const ENDED = 10_000;
const LONGEST_WAIT = 15_000;
const PATIENCE = 8000;
const WORRIES_AFTER = 4000;

/** Follow the meeting. onShown comes after parts were swapped; force: also those with the focus. */
export function follow({ root, onShown, force = false }) {
  const bar = makeBar(root);
  const refresh = Number(root.dataset.refresh || 0) * 1000;
  let upToDate = Date.now();
  let loaded = Date.now();
  let failures = 0;
  let ended = false;
  let stopped = false;
  let timer = 0;

  const wait = () => {
    if (failures) return Math.min(EACH * 2 ** (failures - 1), LONGEST_WAIT);
    return ended ? ENDED : EACH;
  };
  const schedule = (delay = wait()) => {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = setTimeout(ask, delay);
  };

  async function ask() {
    try {
      const state = await askState(root);
      if (state) ended = state.ended;
      if (state || (refresh && Date.now() - loaded > refresh)) await show();
      if (failures) bar.hide("worry");
      failures = 0;
      upToDate = Date.now();
    } catch (error) {
      if (error instanceof Gone) return end(error);
      failures += 1;
      if (Date.now() - upToDate > WORRIES_AFTER) bar.worry(upToDate, () => schedule(0));
    }
    schedule();
  }

  function end({ message, label }) {
    stopped = true;
    bar.say("end", message, label, () => location.reload());
  }

  async function show() {
    const freshRoot = (await fetchPage()).querySelector("[data-live]");
    if (!freshRoot) throw new Gone("This page has changed.", "Reload");
    loaded = Date.now();
    const kept = takeOver(root, freshRoot, { force });
    root.dataset.version = freshRoot.dataset.version;
    if (kept.length) {
      bar.say("kept", "Changed in another window.", "Show", () => {
        bar.hide("kept");
        takeOver(root, freshRoot, { names: kept, force: true });
        onShown();
      });
    }
    onShown();
  }

  // shown again, or the line is back: at once
  for (const [target, name] of [[document, "visibilitychange"], [window, "online"], [window, "pageshow"]]) {
    target.addEventListener(name, () => schedule(0));
  }
  schedule(EACH * Math.random());
}

/** It makes no sense to ask again. */
class Gone extends Error {
  constructor(message, label) {
    super(message);
    this.label = label;
  }
}

// the server then knows that this is nobody's click, but that somebody has the page before them
const BY_ITSELF = { "Blockwise-Screen": "shown" };

/** What the resource says, or null when nothing has changed. */
async function askState(root) {
  const answer = await fetch(root.dataset.stateUrl, {
    headers: { Accept: "application/json", "If-None-Match": `"${root.dataset.version}"`, ...BY_ITSELF },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.status === 304) return null;
  if (answer.status === 401) throw new Gone("You were signed out after a while without a tap or click.", "Sign in and go on");
  if (answer.status === 403 || answer.status === 404) throw new Gone("This page can no longer be shown.", "Reload");
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  return answer.json();
}

async function fetchPage() {
  const answer = await fetch(location.href, { cache: "no-store", headers: BY_ITSELF, signal: AbortSignal.timeout(PATIENCE) });
  if (answer.redirected) throw new Gone("This page has moved.", "Reload");
  if (!answer.ok) throw new Error(`the page answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
