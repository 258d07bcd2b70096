// One request to the server, with an end: a dead line must not keep anything waiting for ever.

// a request without a reply is given up then; sending it again changes nothing
const PATIENCE = 20000;
const LONGEST_ASKED_FOR = 15 * 60000;

/** One request with a limit of time: {response, body}, or null when no whole reply came. */
export async function ask(url, options) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE);
  try {
    const response = await fetch(url, { ...options, credentials: "same-origin", signal: limit.signal });
    const body = await response.json().catch(() => ({}));
    return limit.signal.aborted ? null : { response, body: body || {} };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds of a Retry-After, which names seconds or a time (RFC 9110, 10.2.3). */
export function askedFor(response) {
  const text = response?.headers.get("Retry-After");
  if (!text) return 0;
  // by the server's clock: the one of this device may be wrong by a year
  const now = Date.parse(response.headers.get("Date")) || Date.now();
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Math.min(Math.max(time, 0), LONGEST_ASKED_FOR) || 0;
}
