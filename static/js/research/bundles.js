// Shows how far each data bundle is, and loads the page again when one is ready or has failed.
// Without this module the page has a link for looking again.

const EACH = 2000;
const LONGEST_WAIT = 30_000;

for (const card of document.querySelectorAll("[data-progress-url]")) follow(card);

function follow(card) {
  const bar = card.querySelector("[data-progress-bar]");
  const percent = card.querySelector("[data-progress-percent]");
  const step = card.querySelector("[data-progress-step]");
  const said = card.querySelector("[data-progress-said]");
  let failures = 0;
  card.querySelector("[data-progress-alone] a").hidden = true;

  async function ask() {
    try {
      const answer = await fetch(card.dataset.progressUrl, { headers: { Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) return; // signed out, or removed on another page: the link for looking again says more
      show(await answer.json());
      failures = 0;
    } catch {
      failures += 1;
    }
    setTimeout(ask, Math.min(EACH * 2 ** failures, LONGEST_WAIT));
  }

  function show(bundle) {
    if (bundle.state === "ready" || bundle.state === "failed") {
      location.reload();
      return;
    }
    // said now and then, not at every percent
    if (Math.floor(bundle.progress / 25) > Math.floor(bar.value / 25)) said.textContent = `${bundle.progress}% done`;
    bar.value = bundle.progress;
    percent.textContent = `${bundle.progress}%`;
    step.textContent = bundle.step;
  }

  setTimeout(ask, EACH);
}
