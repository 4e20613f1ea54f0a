// A form marked data-steps shows one [data-step] at a time; without this script it is one page.
// [data-steps-bar="form id"] holds the buttons, [data-step-count] says where one is, [data-steps-intro]
// is read at the first step alone.
// A [data-pick="id"] puts its value into that select.

// What cannot be seen is not asked for.
function firstBad(step) {
  return [...step.querySelectorAll("input, select, textarea")].find((field) => field.offsetParent !== null && !field.checkValidity());
}

// The sentence for what is empty, as core/forms.py makes it.
function missing(name, verb) {
  if (name.endsWith("？")) return `请回答：${name}`;
  return name.startsWith("请") ? `${name}。` : `${verb}${name}。`;
}

// The browser's own bubble speaks the browser's language and goes away; here it is said at the field, in
// the words of the server (core/forms.py). What is not simply empty is left to the browser.
function complain(bad) {
  const box = bad.closest(".field");
  const label = box && box.querySelector(".field-label");
  if (!label || !bad.validity.valueMissing) {
    bad.reportValidity();
    return;
  }
  if (!box.querySelector(".field-error")) {
    const chosen = ["radio", "select-one", "file"].includes(bad.type);
    const words = document.createElement("p");
    words.className = "field-error";
    words.setAttribute("role", "alert");
    const mark = document.querySelector("[data-error-mark]");
    if (mark) words.append(mark.firstElementChild.cloneNode(true));
    const said = document.createElement("span");
    said.textContent = missing(label.firstChild.textContent.trim(), chosen ? "请选择" : "请填写");
    words.append(said);
    box.append(words);
    box.classList.add("has-error");
    box.addEventListener("input", () => {
      words.remove();
      box.classList.remove("has-error");
    }, { once: true });
  }
  bad.focus();
  box.scrollIntoView({ block: "center" });
}

function start(form) {
  const steps = [...form.querySelectorAll("[data-step]")];
  const bar = document.querySelector(`[data-steps-bar="${form.id}"]`);
  const [back, next, sent] = ["back", "next", "send"].map((name) => bar.querySelector(`[data-step-${name}]`));
  const count = document.querySelector("[data-step-count]");
  const intro = document.querySelector("[data-steps-intro]");
  let here = 0;
  const show = (place, focus) => {
    here = place;
    steps.forEach((step, number) => {
      step.hidden = number !== here;
    });
    back.hidden = here === 0;
    if (intro) intro.hidden = here > 0;
    next.hidden = here === steps.length - 1;
    sent.hidden = !next.hidden;
    count.hidden = false;
    count.textContent = `第 ${here + 1} 步，共 ${steps.length} 步`;
    if (!focus) return;
    scrollTo(0, 0);
    steps[here].querySelector("h2").focus({ preventScroll: true });
  };
  const forward = () => {
    const bad = firstBad(steps[here]);
    if (bad) complain(bad);
    else show(here + 1, true);
  };
  next.addEventListener("click", forward);
  back.addEventListener("click", () => show(here - 1, true));
  // Before every other listener: Enter in a field of an early step leads on instead of sending.
  form.addEventListener("submit", (event) => {
    const last = here === steps.length - 1;
    if (last && !firstBad(steps[here])) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (last) complain(firstBad(steps[here]));
    else forward();
  }, { capture: true });
  show(Math.max(0, steps.findIndex((step) => step.querySelector(".has-error"))), false);
}

function pick(event) {
  const button = event.target.closest("[data-pick]");
  if (!button) return;
  const field = document.getElementById(button.dataset.pick);
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function mark(event) {
  for (const button of document.querySelectorAll(`[data-pick="${event.target.id}"]`)) {
    button.setAttribute("aria-pressed", String(button.dataset.value === event.target.value));
  }
}

export function steps(root) {
  for (const form of root.querySelectorAll("form[data-steps]")) {
    if (form.dataset.stepsStarted) continue;
    form.dataset.stepsStarted = "1";
    start(form);
  }
  if (root !== document) return;
  document.addEventListener("click", pick);
  document.addEventListener("change", mark);
}
