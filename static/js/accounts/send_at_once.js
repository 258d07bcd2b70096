// Sends the one form of the page that a provider sends people back to, while the page still loads:
// the browser then puts the next page in its place, so that "Back" does not send it twice.
"use strict";

const form = document.querySelector("form[data-send-at-once]");
form.querySelector("button").disabled = true;
form.submit();
// an answer that never came may be asked for again
addEventListener("pageshow", (event) => {
  if (event.persisted) form.querySelector("button").disabled = false;
});
