// What the browser keeps for a page that can do without it: a storage may be forbidden, or full.
//
// Answers that wait do not lie here: rating/store.js says aloud when they cannot be kept.

/** What `work` gives, or null where the browser refuses it. */
export function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

const storage = (kind) => ({
  names: (start) => attempt(() => Object.keys(window[kind]).filter((name) => name.startsWith(start))) || [],
  read: (name) => attempt(() => JSON.parse(window[kind].getItem(name))),
  write: (name, value) => attempt(() => window[kind].setItem(name, JSON.stringify(value))),
  drop: (names) => names.forEach((name) => attempt(() => window[kind].removeItem(name))),
});

/** Outlives the window. */
export const device = storage("localStorage");

/** Goes with the tab. */
export const tab = storage("sessionStorage");
