// A line at the bottom that tells quietly what the page could not do by itself. What matters more stands
// before what matters less: the end of following, then a dead line, then a part that waits to be shown.

const ORDER = ["end", "worry", "kept"];
const MOMENT = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit" });

export function makeBar(root) {
  const bar = document.createElement("div");
  bar.className = "live-bar";
  bar.hidden = true;
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  bar.append(words, button);
  root.append(bar);
  const waiting = new Map();
  const show = () => {
    const first = ORDER.map((kind) => waiting.get(kind)).find(Boolean);
    bar.hidden = !first;
    if (words.textContent !== (first?.text ?? "")) words.textContent = first?.text ?? "";
    button.textContent = first?.label ?? "";
    button.onclick = first?.action ?? null;
  };
  return {
    say(kind, text, label, action) {
      waiting.set(kind, { text, label, action });
      show();
    },
    worry(since, action) {
      this.say("worry", `Not up to date since ${MOMENT.format(since)}. Trying again.`, "Try now", action);
    },
    hide(kind) {
      waiting.delete(kind);
      show();
    },
  };
}
