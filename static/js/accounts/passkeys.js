// Adds a passkey to an account, and signs in with one. Both end in a plain form that is sent, so
// that everything the page carries (a wanted page, a form typed before) comes along.

import { fetchOptions, isPossible, makePasskey, usePasskey } from "./webauthn.js";

const WORDS = {
  add: {
    InvalidStateError: "This device has a passkey for your account already.",
    NotAllowedError: "No passkey was made. You can try again.",
    other: "Your device could not make a passkey. Try again, or use another device.",
  },
  signIn: {
    NotAllowedError: "No passkey was used. Try again, or sign in with your password.",
    other: "Your device could not use a passkey. Sign in with your password instead.",
  },
};

if (isPossible()) {
  document.querySelectorAll("[data-passkey-add]").forEach(bindAdding);
  document.querySelectorAll("[data-passkey-sign-in]").forEach(bindSignIn);
}

function bindAdding(form) {
  form.hidden = false;
  document.querySelector("[data-passkey-missing]")?.remove();
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    // without a name the server says so, before the device keeps a passkey that nobody knows of
    if (!form.elements.name.value.trim()) return;
    event.preventDefault();
    run({ place: form, button, words: WORDS.add }, async () => {
      const options = await fetchOptions(form.dataset.options, form.elements.csrf_token.value);
      form.elements.passkey.value = await makePasskey(options);
      form.submit();
    });
  });
}

function bindSignIn(place) {
  place.hidden = false;
  const form = place.closest("form");
  const button = place.querySelector("button");
  button.addEventListener("click", () => {
    run({ place, button, words: WORDS.signIn }, async () => {
      const options = await fetchOptions(place.dataset.options, form.elements.csrf_token.value);
      const answer = await usePasskey(options);
      hiddenForm(form, place.dataset.action, answer).submit();
    });
  });
}

/** What the sign-in form carries, without email and password, which no passkey needs. */
function hiddenForm(form, action, answer) {
  const copy = document.createElement("form");
  copy.method = "post";
  copy.action = action;
  copy.hidden = true;
  for (const field of form.querySelectorAll("input[type=hidden]")) copy.append(field.cloneNode());
  const passkey = document.createElement("input");
  passkey.type = "hidden";
  passkey.name = "passkey";
  passkey.value = answer;
  copy.append(passkey);
  document.body.append(copy);
  return copy;
}

/** One ceremony at a time; what goes wrong is said at the button, which gets the focus back. */
async function run({ place, button, words }, ceremony) {
  const problem = place.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  problem.textContent = "";
  button.setAttribute("aria-disabled", "true");
  if (place.dataset.running) return;
  place.dataset.running = "true";
  try {
    await ceremony();
  } catch (error) {
    const known = error instanceof DOMException ? words[error.name] || words.other : error.message;
    problem.hidden = false;
    problem.textContent = known || words.other;
    button.focus();
  } finally {
    delete place.dataset.running;
    button.removeAttribute("aria-disabled");
  }
}
