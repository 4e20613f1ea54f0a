// A form marked data-outbox="owner" is sent by fetch and kept in this phone until the server has it.
// It carries a one-time key, so sending it again after a lost answer makes nothing twice.
// The section marked data-outbox-status tells what is going on.
import { forget } from "./drafts.js";
import { keepKey } from "./guard.js";
import * as kept from "./kept.js";

const AGAIN = 20 * 1000;
const STALE = 7 * 24 * 60 * 60 * 1000;
const WORDS = {
  sending: "正在提交，请稍候……",
  offline: "网络不通。{what}已经存在这部手机里，有网络后会自动提交，请先不要清除浏览器数据。",
  busy: "系统正忙。{what}已经存在这部手机里，稍后会自动再提交。",
  login: "登录已过期，{what}还存着。请重新登录，登录后自动提交。",
  reload: "页面已过期，{what}还存着。请刷新页面，刷新后自动提交。",
};
let sending = false;

const panel = () => document.querySelector("[data-outbox-status]");

function say(state, what = "报修") {
  const box = panel();
  if (!box) return;
  box.hidden = !state;
  box.querySelector("[data-outbox-text]").textContent = (WORDS[state] || "").replace("{what}", what);
  box.querySelector("[data-outbox-retry]").hidden = state === "sending" || state === "login";
  box.querySelector("[data-outbox-login]").hidden = state !== "login";
  if (state && state !== "sending") box.scrollIntoView({ block: "nearest" });
}

function entryOf(form) {
  const pairs = [...new FormData(form).entries()];
  return {
    key: form.elements.form_key.value,
    owner: form.dataset.outbox,
    draft: form.dataset.draft,
    what: form.dataset.outboxWord,
    url: form.getAttribute("action"),
    at: Date.now(),
    pairs: pairs.filter(([name, value]) => name !== "csrfmiddlewaretoken" && !(value instanceof File && !value.size)),
  };
}

async function post(entry) {
  const body = new FormData();
  for (const [name, value] of entry.pairs) body.append(name, value);
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const headers = { "X-CSRFToken": token, "X-Outbox": "1", "X-Outbox-At": new Date(entry.at).toISOString() };
  return fetch(entry.url, { method: "POST", body, headers, credentials: "same-origin" });
}

async function drop(entry) {
  await kept.remove("waiting", entry.key);
  await kept.remove("files", entry.draft);
  forget(entry.draft);
}

// The server's page takes the place of ours: errors at the fields, or a kind refusal.
async function show(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("#main")) return refuse(page);
  for (const place of ["#main", ".bottom"]) {
    const fresh = page.querySelector(place);
    if (!fresh) continue;
    document.querySelector(place).replaceWith(document.adoptNode(fresh));
    window.htmx?.process(fresh);
  }
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: document.getElementById("main") } }));
  scrollTo(0, 0);
  document.querySelector("[data-focus]")?.focus();
}

// A page without our frame (core/error_base.html): its words stand where the form stood.
function refuse(page) {
  const main = document.getElementById("main");
  main.className = "notice-page";
  main.replaceChildren(...page.querySelector("main").children);
  document.querySelector(".bottom")?.replaceChildren();
  scrollTo(0, 0);
  main.focus();
}

async function send(entry) {
  let answer;
  try {
    answer = await post(entry);
  } catch {
    return "offline";
  }
  if (answer.status >= 500) return "busy";
  if (answer.status === 403) return "reload";
  const target = answer.headers.get("X-Go");
  const login = panel()?.dataset.login;
  // The session ended meanwhile: either the view says so, or the door does, which fetch has followed.
  if (login && (target === login || (answer.redirected && new URL(answer.url).pathname === login))) return "login";
  if (target) {
    await drop(entry);
    location.assign(target);
    return "sending";
  }
  await kept.remove("waiting", entry.key);
  // It was done already: what was typed for it is of no more use.
  if (answer.status === 409) await drop(entry);
  if (location.pathname === entry.url) await show(answer);
  else location.assign(entry.url);
  return "";
}

async function flush() {
  const box = panel();
  if (!box || sending) return;
  sending = true;
  try {
    // In the order in which they were pressed: arrived before finished.
    for (const entry of (await kept.all("waiting")).sort((one, other) => one.at - other.at)) {
      if (Date.now() - entry.at > STALE) await kept.remove("waiting", entry.key);
      else if (!box.dataset.owner) say("login", entry.what);
      else if (entry.owner === box.dataset.owner) {
        say("sending");
        say(await send(entry), entry.what);
      }
    }
  } finally {
    sending = false;
  }
}

function watch(form) {
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const entry = entryOf(form);
    keepKey(form);
    // Without a place to keep it, the browser sends the form as it always did.
    if (!(await kept.put("waiting", entry.key, entry))) form.submit();
    else await flush();
  });
}

export function outbox(root) {
  for (const form of root.querySelectorAll("form[data-outbox]")) {
    if (form.dataset.outboxWatched) continue;
    form.dataset.outboxWatched = "1";
    watch(form);
  }
  if (root !== document) return;
  flush();
  setInterval(() => document.visibilityState === "visible" && navigator.onLine && flush(), AGAIN);
  window.addEventListener("online", flush);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-outbox-retry]")) flush();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.logout !== undefined) kept.clear();
  });
}
