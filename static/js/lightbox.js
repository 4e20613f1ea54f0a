// Evidence opens large over the page; without scripts the link opens the file itself.
function open(link) {
  const dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  const view = document.createElement(link.dataset.lightbox === "video" ? "video" : "img");
  view.src = link.href;
  if (view.matches("video")) view.controls = true;
  else view.alt = link.dataset.caption || "";
  const words = document.createElement("p");
  words.textContent = link.dataset.caption || "";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "photo-remove";
  close.dataset.dialogClose = "";
  close.setAttribute("aria-label", "关闭");
  close.textContent = "×";
  dialog.setAttribute("aria-label", link.dataset.caption || "附件");
  dialog.append(view, words, close);
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

export function lightbox() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-lightbox]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!["photo", "video", "signature"].includes(link.dataset.lightbox)) return;
    event.preventDefault();
    open(link);
  });
}
