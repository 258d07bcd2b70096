// Whose pages this device may keep, as the page says it, and how they are forgotten.
//
// Caches are missing on plain http by number and in some private windows: then nothing is kept.

const ALL = "blockwise.";
const FILES = `${ALL}files.`;

/** "<whose>.<version of the files>"; whose is "nobody" without a sign-in, the version "off" when switched off. */
export const place = document.querySelector('meta[name="offline"]')?.content || "nobody.off";
export const [owner, version] = place.split(".");
export const isOn = version !== "off" && owner !== "nobody" && "serviceWorker" in navigator && "caches" in window;

/** Drop the kept pages and answers of everybody but this owner; the files are nobody's secret. */
export async function forgetPages({ except = "" } = {}) {
  await forget((name) => !name.startsWith(FILES) && name.split(".")[2] !== except);
}

/** Drop everything that was kept, and the worker. */
export async function forgetAll() {
  await forget(() => true);
  const workers = (await navigator.serviceWorker?.getRegistrations()) || [];
  for (const worker of workers) await worker.unregister();
}

async function forget(isMeant) {
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) if (name.startsWith(ALL) && isMeant(name)) await caches.delete(name);
}
