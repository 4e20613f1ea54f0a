// data-copy="id" copies the text of that element. Without a script there is no button: the text can be selected.
import { toast } from "./toast.js";

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const chosen = getSelection();
  chosen.removeAllRanges();
  chosen.addRange(range);
}

// Plain http has no clipboard of its own; the older way takes what is selected.
async function copy(element) {
  select(element);
  if (!navigator.clipboard) return document.execCommand("copy");
  return navigator.clipboard.writeText(element.textContent.trim()).then(() => true, () => document.execCommand("copy"));
}

export function copies(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(document.getElementById(button.dataset.copy));
      toast(done ? "已复制。" : "没有复制成功，请长按选中的文字复制。");
    });
  }
}
