// A form marked data-guard is sent once: the button turns busy and further presses do nothing.
// data-confirm on a button asks before it acts.
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

// A form marked data-once makes something new. After the back button the browser shows what was typed in
// it, but with the fresh key of a page fetched anew: the form takes the key it was sent with, so that the
// server knows the press and answers with what was made.
export function keepKey(form) {
  const key = form.elements.form_key?.value;
  if (form.dataset.once !== undefined && key) history.replaceState({ ...history.state, sentKey: key }, "");
}

function takeKey() {
  const [visit] = performance.getEntriesByType("navigation");
  const field = document.querySelector("form[data-once]")?.elements.form_key;
  if (field && visit?.type === "back_forward" && history.state?.sentKey) field.value = history.state.sentKey;
}

export function guard() {
  takeKey();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm;
    if (form.dataset.sent) return event.preventDefault();
    if (question && !window.confirm(question)) return event.preventDefault();
    if (form.dataset.guard === undefined || event.defaultPrevented) return undefined;
    form.dataset.sent = "1";
    keepKey(form);
    event.submitter?.setAttribute("aria-busy", "true");
    return undefined;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-sent]");
    if (form) release(form);
  });
  // The browser's back button shows the page as it was left: let the form be sent again,
  // the server knows the one-time key.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
  });
}
