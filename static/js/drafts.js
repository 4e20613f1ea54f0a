// Keeps what was typed into a form marked data-draft="name" until it has been sent.
// Passwords, files and hidden fields are never kept; a draft lives for a day and goes with the logout.
// With data-draft-open="address" it is offered and not put back by itself: the next call is another one.
// What was chosen (hidden fields marked data-draft-keep) then goes into that address.
import { keysWith, read, remove, write } from "./store.js";
import { toast } from "./toast.js";

const PREFIX = "fx-draft:";
const SENT = "fx-draft-sent";
const DAY = 24 * 60 * 60 * 1000;

const keyFor = (name) => `${PREFIX}${document.body.dataset.user || "guest"}:${name}`;
const MORE = "draft";
const keyOf = (form) => keyFor(form.dataset.draft);

// For whoever sends a form in another way than the browser does.
export const forget = (name) => remove(keyFor(name));

function fields(form) {
  const skipped = ["hidden", "password", "file", "submit", "button"];
  const offered = form.dataset.draftOpen !== undefined;
  const kept = (field) => !skipped.includes(field.type) || (offered && field.dataset.draftKeep !== undefined);
  return [...form.elements].filter((field) => field.name && kept(field));
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

function open(form, values) {
  const address = new URL(form.dataset.draftOpen, location.href);
  for (const field of form.querySelectorAll("[data-draft-keep]")) {
    const [value] = values[field.name] || [];
    if (value) address.searchParams.set(field.name, value);
  }
  if (values.place?.[0]) address.searchParams.set("place", values.place[0]);
  address.searchParams.set(MORE, "1");
  location.assign(address);
}

function offer(form, key, draft) {
  const box = form.querySelector("[data-draft-offer]");
  if (!draft || !box || form.querySelector(".has-error")) return;
  if (new URLSearchParams(location.search).has(MORE)) {
    put(form, draft.values);
    return;
  }
  if (!draft.values.description && !draft.values.unit && !draft.values.fault) return;
  const words = [draft.values.reporter_name?.[0], draft.values.description?.[0]?.slice(0, 24)];
  box.querySelector("[data-draft-words]").textContent = words.filter(Boolean).join("：");
  box.hidden = false;
  box.querySelector("[data-draft-continue]").addEventListener("click", () => open(form, draft.values));
  box.querySelector("[data-draft-drop]").addEventListener("click", () => {
    remove(key);
    box.hidden = true;
  });
}

function restore(form, key) {
  const draft = read(key);
  if (form.dataset.draftOpen !== undefined) {
    offer(form, key, draft);
    return;
  }
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
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  };
  restore(form, key);
  form.addEventListener("input", soon);
  // What was chosen comes as a fragment and not as input.
  form.addEventListener("htmx:afterSettle", soon);
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
// done with, unless the same form came back. After a lost connection it is kept, and so it is when
// the login page answered: the session had ended.
function settle(root) {
  const sent = read(SENT);
  if (!sent || document.referrer !== sent.page || !document.body.dataset.user) return;
  remove(SENT);
  const again = [...root.querySelectorAll("form[data-draft]")].find((form) => keyOf(form) === sent.key);
  const offered = again?.dataset.draftOpen !== undefined;
  if (!again || !(offered || again.querySelector(".has-error, [role=alert]"))) remove(sent.key);
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
