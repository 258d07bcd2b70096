// Keeps answers until the server has them: in localStorage, so a reload or a dead line loses nothing.
//
// Two parts are stored. `sent` is the batch on its way: it is sent again, unchanged and with the
// same key, until a reply comes, so that a lost reply cannot turn into a conflict with ourselves.
// `waiting` holds what changed since, one entry per milestone, the last one wins. `held` keeps what
// cannot be sent as it is: a note that is too long, an answer in conflict.
//
// On a device that several people use, the next one must not find what the last one left: those
// answers have names of their own and go when another rating begins.

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
const SHARED = "blockwise.shared.";

export class AnswerQueue extends EventTarget {
  constructor({ rating, url, tokenUrl, isJoined = false, isShared = false, storage = window.localStorage }) {
    super();
    this.name = `${isShared ? SHARED : "blockwise.rating."}${rating}`;
    this.url = url;
    this.tokenUrl = tokenUrl;
    this.isJoined = isJoined;
    this.token = tokenOfPage()?.content || "";
    this.isTokenNew = false;
    this.storage = storage;
    this.memory = null;
    this.stopped = null;
    this.failures = 0;
    this.timer = null;
    this.running = null;
    window.addEventListener("online", () => this.flush());
  }

  /** Take an answer {milestone, state, level, note, revision} and send it soon. */
  put(answer, delay = 300) {
    this.change((kept) => {
      delete kept.held[answer.milestone];
      kept.waiting[answer.milestone] = answer;
    });
    this.later(delay);
  }

  /** Keep an answer without sending it, until it is put again. */
  hold(answer) {
    this.change((kept) => {
      delete kept.waiting[answer.milestone];
      kept.held[answer.milestone] = answer;
    });
    this.tell("changed");
  }

  forget(milestone) {
    this.change((kept) => {
      delete kept.waiting[milestone];
      delete kept.held[milestone];
    });
    this.tell("changed");
  }

  /** What waits for a milestone, if anything: the newest answer the server does not have. */
  entry(milestone) {
    const { sent, waiting, held } = this.read();
    const onItsWay = sent?.answers.find((one) => one.milestone === milestone);
    return waiting[milestone] || onItsWay || held[milestone] || null;
  }

  /** How many answers are on their way or wait for it. */
  get count() {
    const { sent, waiting } = this.read();
    const names = (sent?.answers || []).map((one) => one.milestone);
    return new Set([...names, ...Object.keys(waiting)]).size;
  }

  /** Milestones whose answers need a decision or a shorter note before they can be sent. */
  get held() {
    return Object.keys(this.read().held);
  }

  /** Send all that waits; resolves true when nothing is left. */
  async flush() {
    clearTimeout(this.timer);
    this.running ||= this.exclusively(() => this.run()).finally(() => {
      this.running = null;
    });
    await this.running;
    return this.count === 0;
  }

  async run() {
    this.stopped = null;
    while (this.count > 0 && !this.stopped) {
      const batch = this.nextBatch();
      this.tell("sending");
      if (!(await this.send(batch))) break;
    }
    this.tell("changed");
  }

  nextBatch() {
    return this.change((kept) => {
      if (!kept.sent) {
        kept.sent = { key: newKey(), answers: Object.values(kept.waiting) };
        kept.waiting = {};
      }
      return kept.sent;
    });
  }

  /** One request; true when the next batch may follow at once. */
  async send(batch) {
    let response;
    try {
      response = await fetch(this.url, {
        method: "PUT",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify(batch),
        credentials: "same-origin",
        keepalive: JSON.stringify(batch).length < 30000,
      });
    } catch {
      return this.retry();
    }
    const body = await response.json().catch(() => ({}));
    if (response.ok && body.saved) return this.accept(batch, body);
    if (response.status === 422 && body.problems) return this.refuse(batch, body.problems);
    if (response.status === 400 && !this.isTokenNew && (await this.renewToken())) return true;
    if (response.status >= 500 || response.status === 429 || response.status === 408) return this.retry();
    this.giveBack(batch);
    this.stopped = { status: response.status, message: body.message || "" };
    return false;
  }

  /** The page was open for longer than its session; with the new token the same batch goes again. */
  async renewToken() {
    try {
      const response = await fetch(this.tokenUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!response.ok) return false;
      this.token = (await response.json()).token;
    } catch {
      return false;
    }
    this.isTokenNew = true;
    // the forms of this page were printed with the old one
    if (tokenOfPage()) tokenOfPage().content = this.token;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = this.token;
    return true;
  }

  accept(batch, body) {
    this.failures = 0;
    this.isTokenNew = false;
    this.change((kept) => {
      kept.sent = null;
      for (const [milestone, revision] of Object.entries(body.saved)) {
        if (kept.waiting[milestone]) kept.waiting[milestone].revision = revision;
      }
    });
    this.tell("saved", { saved: body.saved });
    for (const conflict of body.conflicts || []) {
      // what was chosen while the old choice was on its way is what we now want
      const mine = this.entry(conflict.milestone) || batch.answers.find((one) => one.milestone === conflict.milestone);
      this.hold(mine);
      this.tell("conflict", { conflict, mine });
    }
    return true;
  }

  refuse(batch, problems) {
    const wrong = new Set(problems.map((one) => one.milestone));
    this.failures = 0;
    this.change((kept) => {
      kept.sent = null;
      for (const answer of batch.answers) {
        const kind = wrong.has(answer.milestone) ? kept.held : kept.waiting;
        kind[answer.milestone] ||= answer;
      }
    });
    for (const problem of problems) this.tell("refused", { problem });
    return wrong.size > 0;
  }

  /** The server answered, so this batch is not in doubt: it may be merged with newer answers. */
  giveBack(batch) {
    this.change((kept) => {
      kept.sent = null;
      for (const answer of batch.answers) kept.waiting[answer.milestone] ||= answer;
    });
  }

  /** Drop everything that was not sent. */
  forgetAll() {
    clearTimeout(this.timer);
    this.change((kept) => Object.assign(kept, { sent: null, waiting: {}, held: {} }));
    this.tell("changed");
  }

  retry() {
    this.failures += 1;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.failures - 1));
    this.later(pause * (0.75 + Math.random() / 2));
    return false;
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
    this.tell("changed");
  }

  /** Two windows with the same rating share the storage; only one of them sends at a time. */
  exclusively(work) {
    return navigator.locks ? navigator.locks.request(this.name, work) : work();
  }

  read() {
    const empty = { sent: null, waiting: {}, held: {} };
    try {
      return { ...empty, ...JSON.parse(this.storage.getItem(this.name) ?? this.memory) };
    } catch {
      return { ...empty, ...JSON.parse(this.memory) };
    }
  }

  change(work) {
    const kept = this.read();
    const result = work(kept);
    const isEmpty = !kept.sent && !Object.keys(kept.waiting).length && !Object.keys(kept.held).length;
    this.memory = isEmpty ? null : JSON.stringify(kept);
    try {
      if (isEmpty) this.storage.removeItem(this.name);
      else this.storage.setItem(this.name, this.memory);
    } catch {
      // a full or forbidden storage: the answers live on in this page until they are sent
    }
    return result;
  }

  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function newKey() {
  // crypto.randomUUID is missing on plain http, where a small clinic may well run this
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The queue of the element that carries data-rating and data-save-url. */
export function queueOf(element) {
  const { rating, saveUrl, tokenUrl, joined, shared } = element.dataset;
  return new AnswerQueue({ rating, url: saveUrl, tokenUrl, isJoined: joined !== undefined, isShared: shared !== undefined });
}

/** Drop what people before left on a shared device; `rating` is the one that is on it now, if any. */
export function forgetOthers(rating, storage = window.localStorage) {
  try {
    const names = Object.keys(storage).filter((name) => name.startsWith(SHARED) && name !== SHARED + rating);
    for (const name of names) storage.removeItem(name);
  } catch {
    // a forbidden storage holds nothing
  }
}

const tokenOfPage = () => document.querySelector('meta[name="csrf-token"]');
