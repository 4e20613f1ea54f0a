// Photos picked or taken: shown at once, removable one by one, made smaller when very large.
// Several presses of the button add up instead of replacing each other. In a form that waits for the
// network (data-outbox) they are kept until it was sent, also when the browser is closed meanwhile.
import * as kept from "./kept.js";

const SHRINK_ABOVE = 6 * 1024 * 1024;
const LONG_SIDE = 3200;
const TOO_BIG = 50 * 1024 * 1024;

async function shrink(file) {
  if (!["image/jpeg", "image/png", "image/webp"].includes(file.type) || file.size < SHRINK_ABOVE) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg", lastModified: file.lastModified }) : file;
  } catch {
    // The browser cannot read it; the server will say what is wrong with it.
    return file;
  }
}

function size(bytes) {
  const kilo = Math.max(1, Math.round(bytes / 1024));
  return kilo < 1000 ? `${kilo} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function tile(file, remove) {
  const item = document.createElement("div");
  item.className = "photo-item";
  const frame = document.createElement("div");
  frame.className = "evidence";
  if (file.type.startsWith("image/") && !/hei[cf]/.test(file.type)) {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    frame.append(image);
  }
  const caption = document.createElement("span");
  caption.className = "evidence-caption";
  caption.textContent = `${file.name} · ${size(file.size)}`;
  frame.append(caption);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "photo-remove";
  button.setAttribute("aria-label", `移除 ${file.name}`);
  button.textContent = "×";
  button.addEventListener("click", remove);
  item.append(frame, button);
  return item;
}

function start(box) {
  const input = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-photos-list]");
  const note = box.querySelector("[data-photos-note]");
  const draft = box.closest("form[data-outbox]")?.dataset.draft;
  let files = [];
  const show = () => {
    if (draft) kept.put("files", draft, files);
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
    list.replaceChildren(...files.map((file) => tile(file, () => {
      files = files.filter((other) => other !== file);
      show();
      input.focus();
    })));
    note.textContent = files.length ? `已添加 ${files.length} 个文件` : "";
  };
  input.addEventListener("change", async () => {
    const added = [...input.files];
    note.textContent = "正在处理照片…";
    const small = await Promise.all(added.filter((file) => file.size <= TOO_BIG).map(shrink));
    files = input.multiple ? [...files, ...small] : small.slice(-1);
    show();
    if (small.length < added.length) note.textContent = "超过 50 MB 的文件没有添加，请压缩后再选。";
  });
  if (draft) {
    kept.get("files", draft).then((before) => {
      if (!before?.length || files.length) return;
      files = before;
      show();
      note.textContent = `已恢复上次添加的 ${files.length} 个文件`;
    });
  }
}

export function photos(root) {
  for (const box of root.querySelectorAll("[data-photos]")) {
    if (box.dataset.started) continue;
    box.dataset.started = "1";
    start(box);
  }
}
