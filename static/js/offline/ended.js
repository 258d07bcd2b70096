// The service worker where working offline is switched off: it clears up after the other one and goes.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(end()));

async function end() {
  const ours = (await caches.keys()).filter((name) => name.startsWith("blockwise."));
  for (const name of ours) await caches.delete(name);
  await self.registration.unregister();
}
