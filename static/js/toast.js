// Short notes at the foot of the page, and what to say when the network or the server fails.
export function toast(text, action = null) {
  const box = document.getElementById("toasts");
  if (!box) return;
  const note = document.createElement("div");
  note.className = "toast-note";
  note.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      action.run();
      note.remove();
    });
    note.append(button);
  }
  box.replaceChildren(note);
  setTimeout(() => note.remove(), action ? 12000 : 6000);
}

export function dismissals() {
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest("[data-message]")?.remove();
  });
}

function say(status) {
  if (status === 403) return "没有权限，或登录已过期，请刷新页面。";
  if (status === 404) return "没有找到，可能已被移走，请刷新页面。";
  if (status === 409) return "这一步已经有人办了，请刷新页面看最新情况。";
  if (status === 413) return "文件太大，没有收到。";
  return "操作没有成功，请稍后再试。";
}

// A session that ended in the middle answers a fragment with the login page: go there, and come back here.
function signInAgain(event) {
  const answered = event.detail.xhr.responseURL;
  if (!answered || new URL(answered).pathname !== "/login/" || location.pathname === "/login/") return;
  event.detail.shouldSwap = false;
  location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
}

export function connection() {
  document.addEventListener("htmx:beforeSwap", signInAgain);
  const show = () => {
    for (const note of document.querySelectorAll("[data-offline]")) note.hidden = navigator.onLine;
  };
  show();
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  document.addEventListener("htmx:responseError", (event) => toast(say(event.detail.xhr.status)));
  document.addEventListener("htmx:sendError", () => toast("网络不通，请检查网络后再试。"));
}
