// Entry of every page: what was kept for somebody else goes, and signing out asks about unsent answers.

import { forgetStrangersDrafts } from "./drafts.js";
import { forgetAll, forgetPages, owner, version } from "./place.js";
import { forgetStrangersReasons } from "./reasons.js";
import { askBeforeSigningOut } from "./sign_out.js";
import { watchWindows } from "./windows.js";

// a browser may forbid its caches; then there is nothing in them
const forgotten = version === "off" ? forgetAll() : forgetPages({ except: owner });
forgotten.catch(() => {});
if (owner !== "nobody") {
  forgetStrangersDrafts();
  forgetStrangersReasons();
}
for (const form of document.querySelectorAll('form[action$="/sign-out"]')) askBeforeSigningOut(form);
watchWindows();
