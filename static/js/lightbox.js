// Evidence opens large over the page; without scripts the link shows the picture or saves the file.
const VIEWS = { photo: "img", signature: "img", video: "video", audio: "audio" };

function open(link) {
  const dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  const view = document.createElement(VIEWS[link.dataset.lightbox]);
  if (view.matches("img")) view.alt = link.dataset.caption || "";
  else {
    view.controls = true;
    // No browser plays AMR: what cannot be played is saved.
    view.addEventListener("error", () => {
      dialog.close();
      location.assign(link.href);
    });
  }
  view.src = link.href;
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
    if (!Object.hasOwn(VIEWS, link.dataset.lightbox)) return;
    event.preventDefault();
    open(link);
  });
}
