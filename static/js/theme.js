// The switch between light, dark and the device's own setting.
const WORDS = { auto: "跟随系统", light: "浅色", dark: "深色" };
const NEXT = { auto: "dark", dark: "light", light: "auto" };

function current() {
  return document.documentElement.dataset.theme || "auto";
}

function show(button) {
  button.hidden = false;
  button.setAttribute("aria-label", `界面颜色：${WORDS[current()]}，点击切换为${WORDS[NEXT[current()]]}`);
  button.title = `界面颜色：${WORDS[current()]}`;
}

function choose(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  try {
    if (name === "auto") localStorage.removeItem("fx-theme");
    else localStorage.setItem("fx-theme", name);
  } catch {
    // Holds for this page only.
  }
}

export function theme() {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    show(button);
    button.addEventListener("click", () => {
      choose(NEXT[current()]);
      document.querySelectorAll("[data-theme-toggle]").forEach(show);
    });
  }
}
