// Keeps what a facilitator types about a milestone while it is not agreed: the meeting may move on under
// the page, a link may lead away, a sign-in may run out.
//
// It lies in this tab only, under its owner: gone with the tab, at sign-out, and for the next person.

import { owner } from "./place.js";

const ALL = "blockwise.reasons.";
const place = (page) => `${ALL}${owner}.${page}`;

/** {name of the field: text} that was typed on a page. */
export function reasonsOf(page) {
  return attempt(() => JSON.parse(window.sessionStorage.getItem(place(page)))) || {};
}

/** Keep one text of a page; an empty one is kept as nothing. */
export function keepReason(page, name, text) {
  const kept = { ...reasonsOf(page), [name]: text };
  if (!text) delete kept[name];
  if (!Object.keys(kept).length) return forgetReasonsOf(page);
  return attempt(() => window.sessionStorage.setItem(place(page), JSON.stringify(kept)));
}

export function forgetReasonsOf(page) {
  attempt(() => window.sessionStorage.removeItem(place(page)));
}

/** Drop what everybody but this owner typed. */
export function forgetReasons({ except = "" } = {}) {
  const names = attempt(() => Object.keys(window.sessionStorage)) || [];
  for (const name of names) {
    const isMeant = name.startsWith(ALL) && (!except || !name.startsWith(`${ALL}${except}.`));
    if (isMeant) attempt(() => window.sessionStorage.removeItem(name));
  }
}

/** A browser may forbid its storage, or it may be full: then the text lives in its page only. */
function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
