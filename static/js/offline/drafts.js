// Keeps a half-keyed paper form on this device until it is stored: a reload, a crash or a dead line
// loses none of its answers.
//
// Each page of keying in has a name of its own, so that two windows do not overwrite each other. What
// somebody else began is dropped as soon as another person signs in, and all of it at sign-out.

import { owner } from "./place.js";

const ALL = "blockwise.paper.";
const LASTS = 14 * 24 * 3600 * 1000;
const begin = (assessment = "") => `${ALL}${owner}.${assessment && `${assessment}.`}`;

/** Keep {name: value} of the form on a page; nothing typed means nothing kept. */
export function keepDraft({ assessment, mark }, fields) {
  const name = begin(assessment) + mark;
  if (!fields) return drop([name]);
  return attempt(() => window.localStorage.setItem(name, JSON.stringify({ at: Date.now(), fields })));
}

/** {mark, fields} of the form that was begun last in this assessment, or null. */
export function lastDraft(assessment) {
  const start = begin(assessment);
  const found = names(start).map((name) => ({ ...read(name), mark: name.slice(start.length) }));
  return found.filter(({ at }) => at).sort((a, b) => b.at - a.at)[0] || null;
}

/** How many forms this person began on this device and did not store. */
export const countDrafts = () => names(begin()).length;

/** Forget what was begun in this assessment: nothing can be stored in it any more. */
export const forgetAssessment = (assessment) => drop([...names(begin(assessment)), ...names(`${begin()}${assessment}-`)]);

/** Forget what others began here, and what nobody went on with. */
export function forgetStrangers() {
  const isDue = (name) => name.startsWith(begin()) && read(name).at > Date.now() - LASTS;
  drop(names(ALL).filter((name) => !isDue(name)));
}

export const forgetDrafts = () => drop(names(ALL));

const names = (start) => attempt(() => Object.keys(window.localStorage).filter((name) => name.startsWith(start))) || [];
const read = (name) => attempt(() => JSON.parse(window.localStorage.getItem(name))) || {};
const drop = (gone) => gone.forEach((name) => attempt(() => window.localStorage.removeItem(name)));

/** A browser may forbid its storage, or it may be full: then the form lives in its page only. */
function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
