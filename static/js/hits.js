// A search box over a list of hits: ArrowDown or Enter goes into the list, arrows walk it, Escape comes back,
// and what was chosen hands the focus on to the next empty field.

const listOf = (input) => document.querySelector(input.getAttribute("hx-target"))?.querySelector("[data-hits]");
const hitsIn = (list) => [...list.querySelectorAll(".hit")];

function intoList(event) {
  const list = listOf(event.target);
  if (!list || !["ArrowDown", "Enter"].includes(event.key)) return;
  event.preventDefault();
  const first = hitsIn(list)[0];
  if (event.key === "Enter") first.click();
  else first.focus();
}

function withinList(event) {
  const list = event.target.closest("[data-hits]");
  if (!list) return;
  const hits = hitsIn(list);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const place = hits.indexOf(event.target);
  const input = document.querySelector(`[hx-target="#${list.parentElement.id}"]`);
  if (step) {
    event.preventDefault();
    (hits[place + step] || (step < 0 ? input : event.target)).focus();
  } else if (event.key === "Escape") {
    input.focus();
  }
}

function handOn(event) {
  const next = { where: "fault_words", "fault-chosen": "id_description" }[event.detail.target?.id];
  document.getElementById(next)?.focus();
}

export function hits() {
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("input[type=search][hx-target]")) intoList(event);
    else if (event.target.matches?.(".hit")) withinList(event);
  });
  document.addEventListener("htmx:afterSwap", handOn);
}
