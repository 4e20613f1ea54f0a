// Django's admin: our switch of colours and our menu, and names for what it leaves nameless.
import { drafts } from "./drafts.js";
import { menus } from "./menu.js";
import { theme } from "./theme.js";

// Django tells the state of the side bar on the navigation itself, where aria-expanded is not
// allowed; it belongs to the button.
function sidebar() {
  const bar = document.getElementById("nav-sidebar");
  const button = document.getElementById("toggle-nav-sidebar");
  if (!bar || !button) return;
  const tell = () => {
    bar.removeAttribute("aria-expanded");
    button.setAttribute("aria-expanded", document.getElementById("main").classList.contains("shifted"));
  };
  button.setAttribute("aria-controls", bar.id);
  button.addEventListener("click", tell);
  tell();
}

// Sentences of the two-box choice that Django's own Chinese catalogue does not have yet, or has for
// arrows; our buttons bear words, for on a phone the boxes stand one below the other. The boxes are
// built on load, later than this; the catalogue itself is out of reach behind these functions.
const SENTENCES = {
  "Available %s": "可选的%s",
  "Chosen %s": "已选的%s",
  'Choose %s by selecting them and then select the "Choose" arrow button.': "先点%s，可以点多个，再按“选用”。",
  'Remove %s by selecting them and then select the "Remove" arrow button.': "不要的先点一下，再按“去掉”。",
  "Choose all %s": "全部选用",
  "Choose selected %s": "选用",
  "Remove all %s": "全部去掉",
  "Remove selected %s": "去掉",
  Filter: "输入文字筛选",
  "Type into this box to filter down the list of available %s.": "输入文字，筛选可用的%s。",
  "Type into this box to filter down the list of selected %s.": "输入文字，筛选已选用的%s。",
  "%s selected option not visible": "有 %s 个已选用的未显示",
  "(click to clear)": "（点击清除）",
};

function words() {
  const { gettext, ngettext } = window;
  if (!gettext) return;
  window.gettext = (said) => SENTENCES[said] ?? gettext(said);
  window.ngettext = (one, many, count) => SENTENCES[one] ?? ngettext(one, many, count);
}

// A picture beside the field that narrows a box bears the name; the field itself has none.
function nameNarrowing() {
  for (const picture of document.querySelectorAll(".selector-filter .search-label-icon[aria-label]")) {
    picture.closest(".selector-filter").querySelector("input").setAttribute("aria-label", picture.getAttribute("aria-label"));
    picture.removeAttribute("aria-label");
  }
}

// The icons of yes and no carry Python's words.
function nameIcons() {
  const said = { True: "是", False: "否", None: "未知" };
  for (const image of document.querySelectorAll("img[alt]")) image.alt = said[image.alt] ?? image.alt;
}

// In a table of rows the column's head is all the label a field has.
function nameCells() {
  for (const head of document.querySelectorAll(".tabular thead th:empty")) {
    const word = document.createElement("span");
    word.className = "visually-hidden";
    word.textContent = head.className === "original" ? "记录" : "删除";
    head.append(word);
  }
  for (const cell of document.querySelectorAll(".tabular tbody td[class^='field-'], .tabular tbody td.delete")) {
    const head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
    for (const field of cell.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (!field.labels?.length && head) field.setAttribute("aria-label", head.textContent.trim());
    }
  }
  // What marks a row is called by what the row shows first, not by the name the program has for it.
  for (const box of document.querySelectorAll("#result_list .action-select")) {
    const row = box.closest("tr");
    box.setAttribute("aria-label", `选择 ${(row.querySelector("th") ?? row.cells[1]).textContent.trim()}`);
  }
  // A list that is filled in where it stands: each field is called by its row and its column.
  for (const field of document.querySelectorAll("#result_list td:not(.action-checkbox) :is(input:not([type=hidden]), select)")) {
    const cell = field.closest("td");
    const head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
    const row = cell.parentElement.querySelector("th")?.textContent.trim();
    if (!field.labels?.length) field.setAttribute("aria-label", `${row ?? ""} ${head?.textContent.trim() ?? ""}`.trim());
  }
}

// Select2 puts a box of its own in the select's place, and leaves the label behind.
function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const name = select.labels?.[0]?.textContent.replace(/[:：]\s*$/, "").trim() || select.getAttribute("aria-label");
    const drawn = select.nextElementSibling;
    if (!name || !drawn?.classList.contains("select2")) continue;
    for (const box of drawn.querySelectorAll(".select2-selection--single")) {
      const word = document.createElement("span");
      word.id = `${select.id}-name`;
      word.className = "visually-hidden";
      word.textContent = name;
      if (!document.getElementById(word.id)) drawn.append(word);
      box.setAttribute("aria-labelledby", `${word.id} select2-${select.id}-container`);
    }
    // What is chosen is text beside its button, no field of its own: without a choice it has no name.
    for (const shown of drawn.querySelectorAll("span.select2-selection__rendered")) {
      shown.removeAttribute("role");
      shown.removeAttribute("aria-readonly");
    }
    for (const field of drawn.querySelectorAll(".select2-search__field")) field.setAttribute("aria-label", name);
    for (const list of drawn.querySelectorAll("ul.select2-selection__rendered")) list.setAttribute("role", "presentation");
  }
}

// What scrolls sideways can be scrolled by keyboard too.
function reachScrolled() {
  for (const box of document.querySelectorAll(".tabular, .results, .policy-scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

// The browser's own button speaks the browser's language and says little of the file.
function fileFields() {
  for (const field of document.querySelectorAll(".book input[type=file], .photo-tile input[type=file]")) {
    const button = document.createElement("button");
    const chosen = document.createElement("span");
    const tell = () => {
      const named = [...field.files].map((file) => `${file.name} · ${(file.size / 1048576).toFixed(1)} MB`);
      button.textContent = named.length ? "重新选择" : "选择文件";
      chosen.textContent = named.join("、") || "还没有选择";
    };
    button.type = "button";
    button.className = "file-button";
    button.addEventListener("click", () => field.click());
    field.addEventListener("change", tell);
    field.hidden = true;
    field.after(button, chosen);
    tell();
  }
}

function tidy() {
  nameCells();
  nameBoxes();
  reachScrolled();
}

words();
nameIcons();
theme();
menus();
drafts(document);
sidebar();
fileFields();
// Select2 starts when jQuery says the page is ready; what is asked later comes after it.
if (window.django?.jQuery) window.django.jQuery(tidy);
else tidy();
document.addEventListener("formset:added", tidy);
window.addEventListener("load", nameNarrowing);
