// data-dialog="id" opens a native dialog, data-dialog-close closes it; a click beside it closes it too.
export function dialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      document.getElementById(opener.dataset.dialog)?.showModal();
      opener.closest("details.menu")?.removeAttribute("open");
      return;
    }
    const dialog = event.target.closest("dialog");
    if (dialog && (event.target.closest("[data-dialog-close]") || event.target === dialog)) dialog.close();
  });
  // A form inside that came back with errors opens its dialog again.
  document.querySelector("dialog:has(.has-error)")?.showModal();
}
