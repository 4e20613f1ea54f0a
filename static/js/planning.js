// The day's plan by hand: drag a bar or a ticket that is left over, or move the focused bar by arrow keys.
// Every change is the server's: it fills the form under the timeline and sends it.
const STEP = 5;
let held = null;
let last = "";
let dropped = false;
const narrow = matchMedia("(max-width: 61.99em)");

const board = () => document.querySelector("[data-plan-board]");
const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
const words = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const rowOf = (bar) => bar.closest("[data-worker]");

function send(job, worker, start) {
  const form = board().querySelector("[data-plan-form]");
  form.elements.job.value = job;
  form.elements.worker.value = worker;
  form.elements.start.value = words(Math.max(0, Math.min(start, 24 * 60 - STEP)));
  last = job;
  form.requestSubmit();
}

function rowUnder(event) {
  return [...board().querySelectorAll("[data-worker]")].find((row) => {
    const box = row.getBoundingClientRect();
    return event.clientY >= box.top && event.clientY < box.bottom && event.clientX >= box.left && event.clientX < box.right;
  });
}

function minuteAt(row, x) {
  const { scale, opens } = board().dataset;
  return Math.round(((x - row.getBoundingClientRect().left) / Number(scale) + Number(opens)) / STEP) * STEP;
}

function grab(event) {
  const bar = event.target.closest("[data-job]");
  if (!bar || "firm" in bar.dataset || event.button) return;
  const box = (bar.querySelector("svg") || bar).getBoundingClientRect();
  held = { bar, x: event.clientX, y: event.clientY, inside: rowOf(bar) ? event.clientX - box.left : 0, moved: false };
}

function drag(event) {
  if (!held) return;
  if (!held.moved && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 5) return;
  held.moved = true;
  event.preventDefault();
  held.bar.classList.add("is-dragged");
  held.bar.style.transform = `translate(${event.clientX - held.x}px, ${event.clientY - held.y}px)`;
  for (const row of board().querySelectorAll("[data-worker]")) row.classList.toggle("is-over", row === rowUnder(event));
}

function drop(event) {
  if (!held) return;
  const { bar, inside, moved } = held;
  held = null;
  if (!moved) return;
  bar.classList.remove("is-dragged");
  bar.style.transform = "";
  const row = rowUnder(event);
  for (const each of board().querySelectorAll(".is-over")) each.classList.remove("is-over");
  // The click that ends a drag is not meant for the link.
  dropped = true;
  setTimeout(() => { dropped = false; }, 0);
  if (row) send(bar.dataset.job, row.dataset.worker, minuteAt(row, event.clientX - inside));
}

function press(event) {
  const bar = event.target.closest?.("[data-job]");
  if (!bar || !rowOf(bar) || "firm" in bar.dataset || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = [...board().querySelectorAll("[data-worker]")];
  const here = rows.indexOf(rowOf(bar));
  const start = minutes(bar.dataset.start);
  const far = event.shiftKey ? 30 : STEP;
  const moves = {
    ArrowLeft: [here, start - far],
    ArrowRight: [here, start + far],
    ArrowUp: [here - 1, start],
    ArrowDown: [here + 1, start],
  };
  if (event.key === "Delete") send(bar.dataset.job, "", start);
  else if (moves[event.key]) {
    const [row, minute] = moves[event.key];
    if (rows[row]) send(bar.dataset.job, rows[row].dataset.worker, minute);
  } else return;
  event.preventDefault();
}

document.addEventListener("pointerdown", grab);
document.addEventListener("pointermove", drag);
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", () => {
  if (held) held.bar.style.transform = "";
  held = null;
});
document.addEventListener("click", (event) => {
  if (dropped) event.preventDefault();
}, true);
document.addEventListener("dragstart", (event) => event.target.closest?.("[data-job]") && event.preventDefault());
document.addEventListener("keydown", press);
document.addEventListener("htmx:afterSettle", (event) => {
  if (last) document.getElementById(`stop-${last}`)?.focus();
  // A phone has the form far from its answer: what became of a change stands at the top.
  if (narrow.matches && event.detail.requestConfig?.verb === "post") board().scrollIntoView();
});
