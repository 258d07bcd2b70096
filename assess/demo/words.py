"""What the fictional staff of the demonstration wrote down: evidence, reasons, other views."""

from __future__ import annotations

NOTES = {
    "protected-team-time": (
        "The team met in two of the last three months.",
        "Our meeting time is blocked, but two of us were pulled into clinic.",
    ),
    "visible-priority-and-feedback": (
        "Opioid care is on the agenda of the monthly staff meeting.",
        "Nobody has asked the front desk so far.",
    ),
    "clinical-education-offered": (
        "Only prescribers were invited to the last session.",
        "Recordings of the lunch sessions are in the shared folder.",
    ),
    "policy-aligned": (
        "The policy was last changed this spring.",
        "It still has the old dose numbers in it.",
    ),
    "agreement-aligned": (
        "I counted ten charts: six had a signed agreement.",
        "The agreement and the policy differ on early refills.",
    ),
    "workflows-written": (
        "Refill steps are posted next to the phones.",
        "Only the refill workflow is written down.",
    ),
    "training-conducted": (
        "New staff have not been shown the policy yet.",
        "Medical assistants had their session in the first month.",
    ),
    "patients-identified": (
        "The list was renewed in the first week of the month.",
        "The list is a spreadsheet that one person keeps.",
    ),
    "pdmp-registered": (
        "All clinicians are registered; two assistants are still waiting.",
        "The delegate for our team left and was not replaced.",
    ),
    "med-easy": (
        "The calculator is on every desktop.",
        "We use two calculators and they do not agree.",
    ),
    "dashboard-exists": (
        "We cannot see overdue checks without opening each chart.",
        "The spreadsheet shows doses and agreement dates.",
    ),
    "data-used": (
        "The team went through the list once this quarter.",
        "We looked at the list but gave nobody a task.",
    ),
    "previsit-data-used": (
        "Visits are flagged on Mondays when the coordinator is in.",
        "The morning huddle covers these patients on most days.",
    ),
    "ehr-visit-templates": (
        "Three of five clinicians use the template.",
        "The template is too long for a short visit.",
    ),
    "standard-visits-in-practice": (
        "Peer chart review found the steps in seven of ten visits.",
        "It depends on who is working that day.",
    ),
    "patient-education": (
        "Handouts are in room 2 only.",
        "The naloxone handout is given with every refill visit.",
    ),
    "engagement-training": (
        "Two nurses went to the communication course.",
        "We practiced one hard sentence at the staff meeting.",
    ),
    "alternatives-considered": (
        "Physical therapy has a six-week wait.",
        "The list of local programs is two years old.",
    ),
    "screening-tools-in-use": (
        "Forms are filled in, but I do not know who reads them.",
        "The mood form is in the check-in packet.",
    ),
    "sud-education": (
        "One clinician finished the course.",
        "No session on this topic since last year.",
    ),
    "behavioral-health-link": (
        "The counselor comes on Tuesdays.",
        "The last referral took five weeks.",
    ),
    "oud-treatment-link": (
        "Our partner gave us one number to call, and it works.",
        "One of our clinicians prescribes buprenorphine.",
    ),
    "information-sharing-resolved": (
        "The release form was updated this year.",
        "We do not hear back from the treatment program.",
    ),
    "stigma-training": (
        "We changed the words on the waiting room poster.",
        "The film was shown, but only day staff saw it.",
    ),
    "measures-chosen": (
        "We report two numbers to the board.",
        "We talked about measures and have not picked any.",
    ),
    "measures-reviewed": (
        "The chart in the break room is from last quarter.",
        "I have not seen any numbers yet.",
    ),
}
RATIONALES = (
    "Two of us could name an example from last month.",
    "It works on most days but not when the coordinator is away.",
    "We went with the lower level because it depends on one person.",
    "Everyone in the room described it the same way.",
    "Front desk and clinicians saw it differently; we agreed on what patients meet.",
    "Better than last quarter, but not yet with every care team.",
    "We want to see it hold for another quarter first.",
)
DISSENTS = (
    "One nurse would have said one level lower.",
    "One physician sees it a level higher.",
    "The front desk wants it raised again next quarter.",
)
