// A search box over a list of hits: ArrowDown or Enter goes into the list, arrows walk it, Escape comes back,
// and what was chosen hands the focus on to the next empty field.
// A list answers the text in its data-for: Enter waits for the list of what stands in the box now.

const listOf = (input) => document.querySelector(input.getAttribute("hx-target"))?.querySelector("[data-hits]");
const hitsIn = (list) => [...list.querySelectorAll(".hit")];
const answers = (list, input) => list?.dataset.for?.trim() === input.value.trim();
const waiting = new WeakSet();

function intoList(event) {
  const input = event.target;
  if (event.isComposing || !["ArrowDown", "Enter"].includes(event.key)) return;
  const list = listOf(input);
  const first = list && hitsIn(list)[0];
  if (event.key === "ArrowDown") {
    if (!first) return;
    event.preventDefault();
    first.focus();
    return;
  }
  if (!input.value.trim() || (!first && input.form?.matches("[role=search]"))) return;
  event.preventDefault();
  if (answers(list, input)) first?.click();
  else waiting.add(input);
}

function arrived(event) {
  const inputs = document.querySelectorAll(`input[type=search][hx-target="#${event.detail.target?.id}"]`);
  for (const input of inputs) {
    const list = listOf(input);
    if (!waiting.has(input) || !answers(list, input)) continue;
    waiting.delete(input);
    hitsIn(list)[0]?.click();
  }
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

// What was typed before htmx listened, or came back with the page, is looked for now.
function catchUp() {
  for (const input of document.querySelectorAll("input[type=search][hx-get][hx-target]")) {
    if (input.value === input.defaultValue || answers(listOf(input), input)) continue;
    if (input.dataset.entered !== undefined) waiting.add(input);
    window.htmx.trigger(input, "search");
  }
}

export function hits() {
  document.addEventListener("DOMContentLoaded", catchUp);
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("input[type=search][hx-target]")) intoList(event);
    else if (event.target.matches?.(".hit")) withinList(event);
  });
  document.addEventListener("input", (event) => waiting.delete(event.target));
  document.addEventListener("htmx:afterSwap", handOn);
  // Only then do the hits answer a click.
  document.addEventListener("htmx:afterSettle", arrived);
}
