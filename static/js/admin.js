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

// Sentences of the two-box choice that Django's own Chinese catalogue does not have yet. The boxes
// are built on load, later than this; the catalogue itself is out of reach behind these functions.
const SENTENCES = {
  'Choose %s by selecting them and then select the "Choose" arrow button.': "选中要用的%s，再按向右的箭头。",
  'Remove %s by selecting them and then select the "Remove" arrow button.': "选中要去掉的%s，再按向左的箭头。",
  "Choose all %s": "全部选用%s",
  "Choose selected %s": "选用选中的%s",
  "Remove all %s": "全部去掉%s",
  "Remove selected %s": "去掉选中的%s",
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
    for (const field of drawn.querySelectorAll(".select2-search__field")) field.setAttribute("aria-label", name);
    for (const list of drawn.querySelectorAll("ul.select2-selection__rendered")) list.setAttribute("role", "presentation");
  }
}

// What scrolls sideways can be scrolled by keyboard too.
function reachScrolled() {
  for (const box of document.querySelectorAll(".tabular, .results")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
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
// Select2 starts when jQuery says the page is ready; what is asked later comes after it.
if (window.django?.jQuery) window.django.jQuery(tidy);
else tidy();
document.addEventListener("formset:added", tidy);
