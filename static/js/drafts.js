// Keeps what was typed into a form marked data-draft="name" until it has been sent.
// Passwords, files and hidden fields are never kept; a draft lives for a day and goes with the logout.
import { keysWith, read, remove, write } from "./store.js";
import { toast } from "./toast.js";

const PREFIX = "fx-draft:";
const SENT = "fx-draft-sent";
const DAY = 24 * 60 * 60 * 1000;

const keyFor = (name) => `${PREFIX}${document.body.dataset.user || "guest"}:${name}`;
const keyOf = (form) => keyFor(form.dataset.draft);

// For whoever sends a form in another way than the browser does.
export const forget = (name) => remove(keyFor(name));

function fields(form) {
  const skipped = ["hidden", "password", "file", "submit", "button"];
  return [...form.elements].filter((field) => field.name && !skipped.includes(field.type));
}

function take(form) {
  const values = {};
  for (const field of fields(form)) {
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) (values[field.name] ??= []).push(field.value);
    } else if (field.multiple) {
      values[field.name] = [...field.selectedOptions].map((option) => option.value);
    } else if (field.value) {
      values[field.name] = [field.value];
    }
  }
  return values;
}

function put(form, values) {
  for (const field of fields(form)) {
    const kept = values[field.name] || [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = kept.includes(option.value);
    else if (kept.length) [field.value] = kept;
    field.dispatchEvent(new Event("fx:restored", { bubbles: true }));
  }
}

function restore(form, key) {
  const draft = read(key);
  const before = take(form);
  if (!draft || JSON.stringify(draft.values) === JSON.stringify(before)) return;
  if (form.querySelector(".has-error")) return;
  put(form, draft.values);
  toast("已恢复上次没有提交的内容。", {
    label: "不要了",
    run: () => {
      remove(key);
      form.reset();
    },
  });
}

function watch(form) {
  const key = keyOf(form);
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = 0;
    write(key, { at: Date.now(), values: take(form) });
  };
  restore(form, key);
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  });
  window.addEventListener("pagehide", () => timer && keep());
  form.addEventListener("submit", () => {
    keep();
    write(SENT, { key, page: location.href.split("#")[0] });
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target === form && event.detail.successful) remove(key);
  });
}

// The page that answers a sent form names the form's page as its referrer; only then is the draft
// done with, unless the same form came back with errors. After a lost connection it is kept.
function settle(root) {
  const sent = read(SENT);
  if (!sent || document.referrer !== sent.page) return;
  remove(SENT);
  const again = [...root.querySelectorAll("form[data-draft]")].find((form) => keyOf(form) === sent.key);
  if (!again?.querySelector(".has-error, [role=alert]")) remove(sent.key);
}

function forgetOld() {
  for (const key of keysWith(PREFIX)) {
    const draft = read(key);
    if (!draft || Date.now() - draft.at > DAY) remove(key);
  }
}

function forgetOnLogout() {
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.logout !== undefined) keysWith(PREFIX).forEach(remove);
  });
}

export function drafts(root) {
  if (root === document) {
    settle(root);
    forgetOld();
    forgetOnLogout();
  }
  const own = root.matches?.("form[data-draft]") ? [root] : [];
  for (const form of [...own, ...root.querySelectorAll("form[data-draft]")]) {
    if (form.dataset.draftWatched) continue;
    form.dataset.draftWatched = "1";
    watch(form);
  }
}
