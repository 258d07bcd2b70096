// Keeps a half-keyed paper form on this device until it is stored: a reload, a crash or a dead line
// loses none of its answers.
//
// Each page of keying in has a name of its own, so that two windows do not overwrite each other. What
// somebody else began is dropped as soon as another person signs in, and all of it at sign-out.

import { owner } from "./place.js";
import { device } from "./storages.js";

const ALL = "blockwise.paper.";
const LASTS = 14 * 24 * 3600 * 1000;
const begin = (assessment = "") => `${ALL}${owner}.${assessment && `${assessment}.`}`;

/** Keep {name: value} of the form on a page; nothing typed means nothing kept. */
export function keepDraft({ assessment, mark }, fields) {
  const name = begin(assessment) + mark;
  if (fields) device.write(name, { at: Date.now(), fields });
  else device.drop([name]);
}

/** {mark, fields} of the form that was begun last in this assessment, or null. */
export function lastDraft(assessment) {
  const start = begin(assessment);
  const found = device.names(start).map((name) => ({ ...device.read(name), mark: name.slice(start.length) }));
  return found.filter(({ at }) => at).sort((a, b) => b.at - a.at)[0] || null;
}

/** How many forms this person began on this device and did not store. */
export const countDrafts = () => device.names(begin()).length;

/** Forget what was begun in this assessment: nothing can be stored in it any more. */
export const forgetAssessment = (assessment) =>
  device.drop([...device.names(begin(assessment)), ...device.names(`${begin()}${assessment}-`)]);

/** Forget what others began here, and what nobody went on with. */
export function forgetStrangersDrafts() {
  const isKept = (name) => name.startsWith(begin()) && device.read(name)?.at > Date.now() - LASTS;
  device.drop(device.names(ALL).filter((name) => !isKept(name)));
}

export const forgetDrafts = () => device.drop(device.names(ALL));
