// Shows an answer that was changed elsewhere: both texts, and one button for each.

/** Fill a place with the two sides of a conflict; `choose` has a function for each. */
export function showConflict(place, conflict, choose) {
  const box = document.createElement("div");
  box.className = "notice notice-warning";
  box.setAttribute("role", "alert");
  const title = document.createElement("p");
  title.className = "notice-title";
  title.textContent = "This answer was changed somewhere else.";
  const sides = document.createElement("dl");
  sides.className = "conflict-sides";
  sides.append(...side("Mine, on this page", conflict.mine), ...side("Theirs, already saved", conflict.theirs));
  const row = document.createElement("div");
  row.className = "button-row";
  row.append(button("Keep mine", choose.mine), button("Use theirs", choose.theirs));
  box.append(title, sides, row);
  place.replaceChildren(box);
}

function side(name, answer) {
  const term = document.createElement("dt");
  term.textContent = name;
  const text = document.createElement("dd");
  text.textContent = answer.note ? `${answer.words}\nNote: ${answer.note}` : answer.words;
  return [term, text];
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-secondary";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}
