// After signing out, or when somebody else signs in, no other window goes on showing the former person.
//
// Such a window loads its page again: it then asks for a sign-in, or is the new person's. A sign-in
// that merely ran out leaves windows alone, so that what is typed in them is not lost.

import { owner } from "./place.js";
import { tab } from "./storages.js";

const LEFT = "blockwise.left";
const NOBODY = "nobody";

/** Remember whose windows are to go, for the page after signing out. */
export const noteLeaving = () => tab.write(LEFT, owner);

/** Tell the other windows who is here and who has left, and hear it from them. */
export function watchWindows() {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel("blockwise.windows");
  channel.addEventListener("message", ({ data }) => {
    const isSucceeded = data.here !== NOBODY && data.here !== owner;
    if (owner !== NOBODY && (isSucceeded || data.left === owner)) window.location.reload();
  });
  // without a storage the next sign-in clears the other windows
  const left = tab.read(LEFT);
  tab.drop([LEFT]);
  channel.postMessage({ here: owner, left: left === owner ? null : left });
}
