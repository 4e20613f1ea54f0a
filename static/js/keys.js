// Keyboard work at the desk. data-key="n" on a link, button or input is reached by that key;
// j and k walk the rows marked data-row; ? lists what the page offers.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function press(key) {
  const found = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key && element.checkVisibility());
  if (!found) return false;
  if (found.matches("input, textarea, select")) found.focus();
  else found.click();
  return true;
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
  const target = next.matches("a") ? next : next.querySelector("a, button");
  target?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function list() {
  const box = document.querySelector("[data-shortcut-list]");
  if (!box || box.dataset.filled) return;
  box.dataset.filled = "1";
  for (const element of document.querySelectorAll("[data-key]")) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    const words = document.createElement("dd");
    key.textContent = element.dataset.key;
    words.textContent = element.dataset.keyLabel || element.labels?.[0]?.textContent || element.querySelector("span")?.textContent || element.textContent.trim();
    term.append(key);
    row.append(term, words);
    box.append(row);
  }
}

function act(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form");
    const main = form?.querySelector('[data-key="ctrl+enter"]') || form?.querySelector("[type=submit], button:not([type])");
    form?.requestSubmit(main);
    return Boolean(form);
  }
  // Alt with a digit works while typing too: no browser types anything for it.
  if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit\d$/.test(event.code)) {
    return press(`alt+${event.code.at(-1)}`);
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return false;
  if (document.querySelector("dialog[open]")) return false;
  if (event.key === "j") return walk(1);
  if (event.key === "k") return walk(-1);
  if (event.key === "?") {
    list();
    document.getElementById("shortcuts")?.showModal();
    return true;
  }
  return press(event.key);
}

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (!event.isComposing && act(event)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dialog=shortcuts]")) list();
  }, true);
}
