// Keeps a half-keyed paper form on this device until it is stored: a reload, a crash or a dead line
// loses none of its answers.
//
// Each page of keying in has a name of its own, so that two windows do not overwrite each other. What
// somebody else began is dropped as soon as another person signs in, and all of it at sign-out.

import { owner } from "./place.js";

const ALL = "blockwise.paper.";
const LASTS = 14 * 24 * 3600 * 1000;
const begin = (whose, assessment = "") => `${ALL}${whose}.${assessment && `${assessment}.`}`;

/** Keep {name: value} of the form on a page; nothing typed means nothing kept. */
export function keepDraft({ assessment, mark }, fields) {
  const name = begin(owner, assessment) + mark;
  attempt(() => {
    if (fields) window.localStorage.setItem(name, JSON.stringify({ at: Date.now(), fields }));
    else window.localStorage.removeItem(name);
  });
}

/** {mark, fields} of the form that was begun last in this assessment, or null. */
export function lastDraft(assessment) {
  const start = begin(owner, assessment);
  const found = names(start).flatMap((name) => {
    const { at, fields } = attempt(() => JSON.parse(window.localStorage.getItem(name))) || {};
    return fields && at > Date.now() - LASTS ? [{ at, fields, mark: name.slice(start.length) }] : [];
  });
  return found.sort((a, b) => b.at - a.at)[0] || null;
}

/** How many forms this person began on this device and did not store. */
export const countDrafts = () => names(begin(owner)).length;

export function forgetDrafts({ except = "" } = {}) {
  for (const name of names(ALL)) {
    if (!except || !name.startsWith(begin(except))) attempt(() => window.localStorage.removeItem(name));
  }
}

const names = (start) => attempt(() => Object.keys(window.localStorage).filter((name) => name.startsWith(start))) || [];

/** A browser may forbid its storage, or it may be full: then the form lives in its page only. */
function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
