// On the list of forms: drops the kept copy of a form that is stored now, and tells of one that is not.

import { forgetAssessment, keepDraft, lastDraft } from "../offline/drafts.js";

const place = document.querySelector("[data-forms]");
const { forms: assessment, done, compared } = place.dataset;
if (done) keepDraft({ assessment, mark: done }, null);
if (compared) keepDraft({ assessment: `${assessment}-${compared}`, mark: "again" }, null);
const begun = document.querySelector("[data-draft]");
// the page offers it as long as forms can be stored
if (!begun) forgetAssessment(assessment);
else if (lastDraft(assessment)) begun.hidden = false;
