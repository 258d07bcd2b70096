// Keeps what a facilitator types about a milestone while it is not agreed: the meeting may move on under
// the page, a link may lead away, a sign-in may run out.
//
// It lies in this tab only, under its owner: gone with the tab, at sign-out, and for the next person.

import { owner } from "./place.js";
import { tab } from "./storages.js";

const ALL = "blockwise.reasons.";
const place = (page) => `${ALL}${owner}.${page}`;

/** {name of the field: text} that was typed on a page. */
export const reasonsOf = (page) => tab.read(place(page)) || {};

/** Keep one text of a page; an empty one is kept as nothing. */
export function keepReason(page, name, text) {
  const kept = { ...reasonsOf(page), [name]: text };
  if (!text) delete kept[name];
  if (Object.keys(kept).length) tab.write(place(page), kept);
  else forgetReasonsOf(page);
}

export const forgetReasonsOf = (page) => tab.drop([place(page)]);

/** Drop what everybody but this owner typed. */
export function forgetStrangersReasons() {
  tab.drop(tab.names(ALL).filter((name) => !name.startsWith(place(""))));
}
