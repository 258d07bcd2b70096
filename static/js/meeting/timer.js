// Counts every [data-timer] down. It starts from the seconds that the server says are left, because
// the clock of this device may be wrong. At the end it says so once, politely, and blocks nothing.

const EACH = 250;
const seen = new WeakMap();

export function runTimers() {
  const over = document.createElement("p");
  over.className = "visually-hidden";
  over.setAttribute("role", "status");
  document.querySelector("main").append(over);
  const tick = () => document.querySelectorAll("[data-timer]").forEach((timer) => show(timer, over));
  tick();
  setInterval(tick, EACH);
}

function show(timer, over) {
  // a timer that was swapped for the same one goes on; another end is another timer
  if (!seen.has(timer)) seen.set(timer, { from: Date.now(), left: Number(timer.dataset.left), told: false });
  const state = seen.get(timer);
  const left = Math.max(0, Math.ceil(state.left - (Date.now() - state.from) / 1000));
  const words = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left` : "Time is up";
  if (timer.textContent !== words) timer.textContent = words;
  timer.toggleAttribute("data-over", !left);
  if (!left && state.left && !state.told) {
    state.told = true;
    over.textContent = "Time is up. Take the time that you need.";
  }
}
