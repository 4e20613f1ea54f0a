// Rows ticked for one act: data-picks on the form they belong to; x ticks the row that has the focus.
// While something is ticked the list does not refresh itself, or the ticks would be gone.
const boxes = (form) => [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`)];
const ticked = (form) => boxes(form).filter((box) => box.checked);

function show(form) {
  const number = ticked(form).length;
  form.hidden = !number;
  form.querySelector("[data-picks-count]").textContent = number;
}

export function picks() {
  const form = document.querySelector("[data-picks]");
  if (!form) return;
  show(form);
  document.addEventListener("change", (event) => event.target.getAttribute?.("form") === form.id && show(form));
  form.querySelector("[data-picks-clear]").addEventListener("click", () => {
    for (const box of ticked(form)) box.checked = false;
    show(form);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const timed = event.detail.requestConfig?.triggeringEvent?.type === "htmx:trigger" || !event.detail.requestConfig?.triggeringEvent;
    if (timed && ticked(form).length) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", () => show(form));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const box = document.activeElement.closest("tr")?.querySelector(`input[form="${form.id}"]`);
    if (!box) return;
    box.checked = !box.checked;
    show(form);
    event.preventDefault();
  });
}
