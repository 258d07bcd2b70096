// Entry of the facilitator's pages: follows the meeting, counts the time down, listens for keys.

import { sendInPlace } from "./in_place.js";
import { bindKeys } from "./keys.js";
import { follow } from "./live.js";
import { sayChanges } from "./saying.js";
import { runTimers } from "./timer.js";
import { keepTyped } from "./typed.js";

keepTyped();
const root = document.querySelector("[data-live]");
const say = sayChanges(root);
follow({ root, onShown: say });
sendInPlace({ root, onShown: say });
runTimers();
const line = document.querySelector("[data-keys]");
if (line) bindKeys(line, document.querySelector("[data-keys-dialog]"));
