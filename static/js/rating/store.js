// Where unsent answers lie: in localStorage, one text per rating, so a reload or a crash loses nothing.
//
// On a device that several people use, the next one must not find what the last one left: those
// answers have names of their own and go when another rating begins.

const OWN = "blockwise.rating.";
const SHARED = "blockwise.shared.";
const empty = () => ({ sent: null, waiting: {}, held: {} });

export class AnswerStore {
  constructor(rating, { isShared }) {
    this.name = `${isShared ? SHARED : OWN}${rating}`;
    this.memory = null;
    // what lies in this page alone and goes with it: "", "held" or "all"
    this.unkept = "";
  }

  /** {sent, waiting, held} as any window left it last. */
  read() {
    try {
      return { ...empty(), ...JSON.parse(this.memory ?? window.localStorage.getItem(this.name)) };
    } catch {
      return empty();
    }
  }

  /** Let `work` change what is stored, and keep `facts` with it: where it goes and whose it is. */
  change(work, facts) {
    const kept = this.read();
    const result = work(kept);
    const isEmpty = !kept.sent && !Object.keys(kept.waiting).length && !Object.keys(kept.held).length;
    const text = isEmpty ? null : JSON.stringify({ ...kept, ...facts });
    if (this.write(text)) {
      this.memory = null;
      this.unkept = "";
      return result;
    }
    // a full or forbidden storage: the answers live on in this page until they are sent; those that
    // can be sent may still find room when one endless note stays out
    this.memory = text;
    const rest = { ...kept, held: {}, ...facts };
    this.unkept = Object.keys(kept.held).length && this.write(JSON.stringify(rest)) ? "held" : "all";
    return result;
  }

  write(text) {
    try {
      if (text === null) window.localStorage.removeItem(this.name);
      else window.localStorage.setItem(this.name, text);
      return true;
    } catch {
      return text === null;
    }
  }
}

/** Everything that waits in this browser: [{rating, isShared, kept}]; what cannot be read is passed over. */
export function listStored() {
  try {
    return names().flatMap((name) => {
      const isShared = name.startsWith(SHARED);
      const kept = parsed(window.localStorage.getItem(name));
      return kept ? [{ rating: name.slice((isShared ? SHARED : OWN).length), isShared, kept }] : [];
    });
  } catch {
    // a forbidden storage holds nothing
    return [];
  }
}

/** What a text says, or null where it was cut off or never was ours. */
function parsed(text) {
  try {
    const found = JSON.parse(text);
    return typeof found === "object" ? found : null;
  } catch {
    return null;
  }
}

/** Drop what people before left on a shared device; `rating` is the one that is on it now, if any. */
export function forgetOthers(rating) {
  try {
    for (const name of names()) if (name.startsWith(SHARED) && name !== SHARED + rating) window.localStorage.removeItem(name);
  } catch {
    // a forbidden storage holds nothing
  }
}

const names = () => Object.keys(window.localStorage).filter((name) => name.startsWith(OWN) || name.startsWith(SHARED));
