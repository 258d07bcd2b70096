"""What the fictional staff of the demonstration wrote down: evidence, reasons, other views."""

from __future__ import annotations

NOTES = {
    "leadership-consensus": (
        "The team met in two of the last three months.",
        "Opioid care is on the agenda of the monthly staff meeting.",
        "Only prescribers were invited to the last session.",
        "Our medical director brought it up at the all-staff lunch.",
    ),
    "policies-agreements-workflows": (
        "The policy is in the shared folder, last changed this spring.",
        "I counted ten charts: six had a signed agreement.",
        "Refill steps are posted next to the phones.",
        "New staff have not been shown the policy yet.",
    ),
    "tracking-monitoring": (
        "The list is a spreadsheet that one person keeps.",
        "We cannot see overdue checks without opening each chart.",
        "The list was renewed in the first week of the month.",
        "The stand-in does not have access to the list.",
    ),
    "planned-visits": (
        "Flags are set on Mondays when the coordinator is in.",
        "The visit template is used by three of five clinicians.",
        "The morning huddle covers these patients on most days.",
        "Handouts are in room 2 only.",
    ),
    "complex-needs": (
        "The counselor comes on Tuesdays.",
        "Our partner gave us one number to call; it works.",
        "Screening forms are filled in, but I do not know who reads them.",
        "The last referral took five weeks.",
    ),
    "measuring-success": (
        "The chart in the break room is from last quarter.",
        "We report two numbers to the board.",
        "I have not seen any numbers yet.",
    ),
}
RATIONALES = (
    "Two of us could name an example from last month.",
    "It works on most days but not when the coordinator is away.",
    "We went with the lower level because it depends on one person.",
    "The chart check showed six of ten.",
    "Written down since last quarter, not yet used by everyone.",
    "Everyone in the room described it the same way.",
    "Front desk and clinicians saw it differently; we agreed on what patients meet.",
)
DISSENTS = (
    "One nurse would have said one level lower.",
    "The physician sees it a level higher, from the newest visits.",
    "The front desk finds the step unclear and wants it raised again next quarter.",
)
