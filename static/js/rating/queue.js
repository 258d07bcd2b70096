// Keeps answers until the server has them: in localStorage, so a reload or a dead line loses nothing.
//
// Two parts are stored. `sent` is the batch on its way: it is sent again, unchanged and with the
// same key, until a reply comes, so that a lost reply cannot turn into a conflict with ourselves.
// `waiting` holds what changed since, one entry per milestone, the last one wins. `held` keeps what
// cannot be sent as it is: a note that is too long, an answer in conflict.

import { owner } from "../offline/place.js";
import { ask, askedFor } from "./requests.js";
import { AnswerStore, listStored } from "./store.js";
import { putToken, tokenOfPage } from "./token.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
// what pages say about an answer; the server has words of its own
const FOR_PEOPLE = new Set(["title", "words"]);

class AnswerQueue extends EventTarget {
  constructor({ rating, url, tokenUrl, owner = "", isJoined = false, isShared = false }) {
    super();
    this.store = new AnswerStore(rating, { isShared });
    this.name = this.store.name;
    this.url = url;
    this.tokenUrl = tokenUrl;
    this.owner = owner;
    this.isJoined = isJoined;
    this.token = tokenOfPage();
    this.isTokenNew = false;
    this.stopped = null;
    this.failures = 0;
    this.notBefore = 0;
    this.timer = null;
    this.running = null;
    this.otherWindows = listenToOthers(this);
    window.addEventListener("online", () => this.flush());
  }

  /** Take an answer {milestone, state, level, note, revision}, with its title and words, and send it soon. */
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

  /** All answers that the server does not have, the newest of each milestone. */
  get entries() {
    const { sent, waiting, held } = this.read();
    const names = [...(sent?.answers || []).map((one) => one.milestone), ...Object.keys(waiting), ...Object.keys(held)];
    return [...new Set(names)].map((milestone) => this.entry(milestone));
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

  /** How many answers the server does not have, for whatever reason. */
  get unsent() {
    return this.count + this.held.length;
  }

  /** What this browser could not keep, so that it goes with the page: "", "held" or "all". */
  get unkept() {
    return this.store.unkept;
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
    const text = JSON.stringify(batch, (name, value) => (FOR_PEOPLE.has(name) ? undefined : value));
    const reply = await ask(this.url, {
      method: "PUT",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
      body: text,
      keepalive: text.length < 30000,
    });
    if (!reply) return this.retry();
    const { response, body } = reply;
    if (response.ok && body.saved) return this.accept(batch, body);
    if (response.status === 422 && body.problems) return this.refuse(batch, body.problems);
    if (response.status === 400 && !this.isTokenNew && (await this.renewToken())) return true;
    // also when it was cut off: whether the server took the answers only a repetition can tell
    if (response.ok || response.status >= 500 || response.status === 429 || response.status === 408) return this.retry(response);
    this.failures = 0;
    this.giveBack(batch);
    this.stopped = { status: response.status, message: body.message || "" };
    return false;
  }

  /** The page was open for longer than its session; with the new token the same batch goes again. */
  async renewToken() {
    this.isTokenNew = Boolean((await this.askForToken())?.body.token);
    return this.isTokenNew;
  }

  /** Whether the server answers at all; the forms of the page can then be sent. */
  async isReachable() {
    const reply = await this.askForToken();
    return Boolean(reply) && reply.response.status < 500;
  }

  async askForToken() {
    const reply = this.tokenUrl && (await ask(this.tokenUrl, { headers: { Accept: "application/json" } }));
    if (!reply || !reply.body.token) return reply;
    this.token = reply.body.token;
    putToken(this.token);
    return reply;
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
    const saved = batch.answers.filter((one) => one.milestone in body.saved);
    const answers = saved.map((one) => ({ ...one, revision: body.saved[one.milestone] }));
    this.tell("saved", { saved: body.saved, answers });
    this.otherWindows?.postMessage({ answers });
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

  retry(response = null) {
    this.failures += 1;
    this.notBefore = performance.now() + askedFor(response);
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.failures - 1));
    this.later(pause * (0.75 + Math.random() / 2));
    return false;
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), Math.max(delay, this.notBefore - performance.now()));
    this.tell("changed");
  }

  /** Two windows with the same rating share the storage; only one of them sends at a time. */
  exclusively(work) {
    return navigator.locks ? navigator.locks.request(this.name, work) : work();
  }

  read() {
    return this.store.read();
  }

  change(work) {
    return this.store.change(work, { url: this.url, tokenUrl: this.tokenUrl, owner: this.owner });
  }

  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Windows with the same rating tell each other what was saved, so that none holds an old revision. */
function listenToOthers(queue) {
  if (!("BroadcastChannel" in window)) return null;
  const channel = new BroadcastChannel(queue.name);
  channel.addEventListener("message", ({ data }) => queue.tell("savedElsewhere", data));
  return channel;
}

function newKey() {
  // crypto.randomUUID is missing on plain http, where a small clinic may well run this
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The queue of the element that carries data-rating and data-save-url. */
export function queueOf(element) {
  const { rating, saveUrl, tokenUrl, joined, shared } = element.dataset;
  return new AnswerQueue({ rating, url: saveUrl, tokenUrl, owner, isJoined: joined !== undefined, isShared: shared !== undefined });
}

/** Queues with unsent answers of this person. What another one left waits until that one signs in. */
export function queuesOf(owner) {
  return listStored().flatMap(({ rating, isShared, kept }) => {
    if (kept.owner && kept.owner !== owner) return [];
    return [new AnswerQueue({ rating, url: kept.url || `/ratings/${rating}/answers`, tokenUrl: kept.tokenUrl, owner, isShared })];
  });
}
