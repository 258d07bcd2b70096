// Puts answers that a listing page does not have yet into it: those that wait, and those saved after
// the page was kept on this device.

/** `saved` are answers by milestone that the server has by now. */
export function showNewer(queue, saved) {
  const answers = new Map(saved);
  for (const answer of queue.entries) answers.set(answer.milestone, answer);
  if (answers.size === 0) return;
  for (const row of document.querySelectorAll(".answer-row")) showRow(row, answers.get(milestoneOf(row)));
  for (const task of document.querySelectorAll(".task")) showTask(task, answers);
  countTasks();
  countMissing(answers);
}

/** The milestone that the link of a row or line leads to. */
const milestoneOf = (element) => element.querySelector("a[href*='#m-']")?.hash.slice(3);

function showRow(row, answer) {
  if (!answer?.words) return;
  const level = row.querySelector("dd > span");
  level.textContent = answer.words;
  level.className = answer.state === "unanswered" ? "answer-none" : "answer-level";
  const link = row.querySelector(".answer-change a");
  if (link) link.firstChild.textContent = answer.state === "unanswered" ? "Answer" : "Change";
  row.querySelector(".answer-note")?.remove();
  if (!answer.note) return;
  const note = document.createElement("span");
  note.className = "answer-note";
  note.textContent = answer.note;
  level.after(" ", note);
}

function showTask(task, answers) {
  const block = task.querySelector("a").pathname.split("/").at(-1);
  const milestones = givenBefore(block);
  const isGiven = ([milestone, before]) => (answers.has(milestone) ? answers.get(milestone).state !== "unanswered" : before);
  const given = milestones.filter(isGiven).length;
  const isComplete = given === milestones.length;
  task.classList.toggle("task-complete", isComplete);
  task.dataset.given = given;
  const words = given === 0 ? `Not started, ${milestones.length} to answer` : `${given} of ${milestones.length} answered`;
  task.querySelector(".task-state").textContent = isComplete ? `✓ All ${given} answered` : words;
}

/** The milestones of a block, and whether each had an answer: "block milestone=1 milestone;block ...". */
function givenBefore(block) {
  const sheet = document.querySelector("[data-answers]")?.dataset.answers.split(";") || [];
  const line = sheet.map((one) => one.split(" ")).find(([name]) => name === block) || [];
  return line.slice(1).map((one) => [one.split("=")[0], one.endsWith("=1")]);
}

function countTasks() {
  const tasks = [...document.querySelectorAll(".task[data-given]")];
  const words = document.querySelector("[data-answers]")?.previousElementSibling;
  const sum = words?.textContent.match(/ of (\d+) answered/);
  if (sum) words.textContent = `${tasks.reduce((given, task) => given + Number(task.dataset.given), 0)} of ${sum[1]} answered. Take the blocks in any order.`;
}

/** The notice that says how many are missing, and which. */
function countMissing(answers) {
  const rows = document.querySelectorAll(".answer-row");
  const notice = document.querySelector(".rating-page > .notice-warning");
  if (rows.length === 0 || !notice) return;
  const left = document.querySelectorAll(".answer-row .answer-none").length;
  notice.hidden = left === 0;
  const given = document.querySelector("[data-given]");
  if (given) given.textContent = rows.length - left;
  notice.querySelector(".notice-title").textContent = `${left} of ${rows.length} not answered yet`;
  for (const line of notice.querySelectorAll("li")) line.hidden = (answers.get(milestoneOf(line))?.state ?? "unanswered") !== "unanswered";
}
