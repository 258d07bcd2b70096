// Entry of the facilitator's pages: follows the meeting, counts the time down, listens for keys.

import { bindKeys } from "./keys.js";
import { follow } from "./live.js";
import { runTimers } from "./timer.js";

follow();
runTimers();
const line = document.querySelector("[data-keys]");
if (line) bindKeys(line, document.querySelector("[data-keys-dialog]"));
