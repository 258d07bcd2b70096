// The service worker: lets the rating pages of one person open without a connection.
//
// It is there for the rating pages of one assessment and answers only two kinds of request: opening
// such a page, and the files it needs. What is sent to the server is none of its business. A page
// comes from the network; when that fails, or takes too long, from what was kept.
//
// The server puts VERSION and FILES in front of this text, so each change of either makes a new worker.
// Kept pages lie under "<whose>.<version of the files>": other people's go as soon as a page of
// somebody else comes, and a page never runs with scripts of another version.

const ALL = "blockwise.";
const PAGES = `${ALL}pages.`;
const SAVED = `${ALL}saved.`;
const OWN_FILES = `${ALL}files.${VERSION}`;
const MARK = "Offline-Pages";
const RATING_PAGE = /^\/assessments\/\d+\/rate(\/[^/]+)?$/;
const PATIENCE = 4000;
const LITTLE_PATIENCE = 2000;
const A_MINUTE = 60000;
const AN_HOUR = 60 * A_MINUTE;

// windows that show a kept page, and when one was last needed; forgetting both does no harm
const windows = new Set();
let failedAt = 0;

self.addEventListener("install", (event) => event.waitUntil(keepFiles().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(dropOldVersions().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && RATING_PAGE.test(pathname)) openPage(event);
  else if (pathname.startsWith("/static/")) event.respondWith(getFile(event));
});
self.addEventListener("message", (event) => {
  const work = { keep: keepPages, saved: keepSaved }[event.data?.kind];
  if (work) event.waitUntil(work(event.data));
});

async function keepFiles() {
  const cache = await caches.open(OWN_FILES);
  await cache.addAll(FILES.map((path) => new Request(path, { cache: "no-cache" })));
}

async function dropOldVersions() {
  const isOld = (name) =>
    (name.startsWith(`${ALL}files.`) && name !== OWN_FILES) || (name.startsWith(PAGES) && !name.endsWith(`.${VERSION}`));
  for (const name of await caches.keys()) if (isOld(name)) await caches.delete(name);
}

function openPage(event) {
  const fresh = fetch(event.request);
  const stored = fresh.then((response) => takeNote(event.request.url, response.clone())).catch(() => {});
  event.waitUntil(stored);
  event.respondWith(choosePage(event, fresh));
}

async function choosePage(event, fresh) {
  const kept = await findPage(event.request.url);
  if (!kept) return fresh.catch(() => sayNotKept(event));
  const patience = Date.now() - failedAt < A_MINUTE ? LITTLE_PATIENCE : PATIENCE;
  const response = await Promise.race([fresh.catch(() => null), pause(patience)]);
  // a redirect has status 0 here and is followed by the browser
  if (response && response.status < 500) {
    failedAt = 0;
    return response;
  }
  failedAt = Date.now();
  windows.add(event.resultingClientId);
  return showKept(kept);
}

/** What came from the network replaces what was kept, or shows that it must go. */
async function takeNote(url, response) {
  const place = placeOf(response);
  if (place && (await caches.has(PAGES + place))) await storePage(url, response);
  else if (!place && response.status < 500) await forEachPlace((cache) => cache.delete(url));
}

/** The mark names whose page this is, for which files, and for how many seconds it may be kept. */
function placeOf(response) {
  return response.status === 200 ? (response.headers.get(MARK) || "").split(" ")[0] : "";
}

async function storePage(url, response) {
  const [place, seconds] = response.headers.get(MARK).split(" ");
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  headers.set("Kept-At", Date.now());
  headers.set("Kept-Until", Date.now() + Number(seconds) * 1000);
  const copy = new Response(await response.text(), { headers });
  await dropOthers(place.split(".")[0]);
  await (await caches.open(PAGES + place)).put(url, copy);
}

async function dropOthers(owner) {
  for (const name of await caches.keys()) {
    const isPersonal = name.startsWith(PAGES) || name.startsWith(SAVED);
    if (isPersonal && name.split(".")[2] !== owner) await caches.delete(name);
  }
}

async function forEachPlace(work) {
  for (const name of await caches.keys()) if (name.startsWith(PAGES)) await work(await caches.open(name), name);
}

async function findPage(url) {
  let found = null;
  await forEachPlace(async (cache, name) => {
    if (!name.endsWith(`.${VERSION}`)) return;
    const response = await cache.match(url, { ignoreVary: true, ignoreSearch: true });
    if (response && isFresh(response)) found = { response, owner: name.split(".")[2] };
  });
  return found;
}

/** Kept before now and for longer than now: a clock that is set back must not make pages last for a year. */
function isFresh({ headers }) {
  const [since, until] = ["Kept-At", "Kept-Until"].map((name) => Number(headers.get(name)));
  return since < Date.now() + A_MINUTE && Date.now() < until;
}

/** The kept page, which says how old it is and carries what was saved since. */
async function showKept({ response, owner }) {
  const text = await response.text();
  const saved = await getSaved(owner, /data-rating="(\d+)"/.exec(text)?.[1]);
  const since = new Date(Number(response.headers.get("Kept-At"))).toISOString();
  const marked = text
    .replace("<body", () => `<body data-kept="${since}"`)
    .replace("</body>", () => `<script type="application/json" data-saved-since>${inScript(saved)}</script></body>`);
  return new Response(marked, { headers: response.headers });
}

/** Instead of the browser's error page; it has nobody's facts in it. */
function sayNotKept(event) {
  windows.add(event.resultingClientId);
  const styles = ["tokens", "base", "components/layout"].map((name) => `<link rel="stylesheet" href="/static/css/${name}.css">`);
  const text = `<!doctype html>
<html lang="en-US"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>No connection – Blockwise</title>${styles.join("")}</head>
<body><main class="main width"><div class="card narrow"><h1>No connection</h1>
<p>This page is not kept on this device. Load it again when the connection is back.</p>
<p><a class="text-link" href="">Load it again</a></p></div></main></body></html>`;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'self'" };
  return new Response(text, { status: 503, headers });
}

const inScript = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");

async function keepPages({ place, pages }) {
  for (const path of pages) {
    const url = new URL(path, self.location.origin).href;
    const kept = (await caches.has(PAGES + place)) && (await (await caches.open(PAGES + place)).match(url, { ignoreVary: true }));
    if (kept && Math.abs(Date.now() - Number(kept.headers.get("Kept-At"))) < AN_HOUR) continue;
    const response = await fetch(url, { headers: { Accept: "text/html" }, redirect: "manual" });
    if (placeOf(response) === place) await storePage(url, response);
  }
}

/** Answers the server has by now, although the kept pages are older. */
async function keepSaved({ place, rating, answers }) {
  const cache = await caches.open(SAVED + place.split(".")[0]);
  for (const answer of answers) {
    const path = `/ratings/${rating}/answers/${encodeURIComponent(answer.milestone)}`;
    const before = await (await cache.match(path))?.json();
    if (!before || before.revision <= answer.revision) await cache.put(path, new Response(JSON.stringify(answer)));
  }
}

async function getSaved(owner, rating) {
  if (!rating || !(await caches.has(SAVED + owner))) return [];
  const cache = await caches.open(SAVED + owner);
  const mine = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith(`/ratings/${rating}/`));
  return Promise.all(mine.map(async (request) => (await cache.match(request)).json()));
}

/** Files come from the network too, but a kept page gets those it was made with. */
async function getFile(event) {
  const kept = () => caches.match(event.request, { cacheName: OWN_FILES, ignoreVary: true });
  if (windows.has(event.clientId)) return (await kept()) || fetch(event.request);
  try {
    return await fetch(event.request);
  } catch (failure) {
    const file = await kept();
    if (file) return file;
    throw failure;
  }
}

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time, null));
