// A form marked data-guard is sent once: the button turns busy and further presses do nothing.
// data-confirm on a button asks before it acts.
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

export function guard() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm;
    if (form.dataset.sent) return event.preventDefault();
    if (question && !window.confirm(question)) return event.preventDefault();
    if (form.dataset.guard === undefined || event.defaultPrevented) return undefined;
    form.dataset.sent = "1";
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
