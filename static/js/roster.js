// The grid of the week: arrows walk, a letter fills and goes on, Shift+letter fills the row, mouse and finger paint.
const table = document.querySelector("[data-roster]");
const buttons = [...document.querySelectorAll("[data-paint]")];
const tones = new Map(buttons.map((button) => [button.dataset.paint, button.dataset.tone]));
let brush = null;

function put(input, letter) {
  input.value = letter;
  show(input);
}

function show(input) {
  const letter = input.value.toUpperCase();
  input.className = `shift shift-${tones.get(letter) ?? "empty"}`;
  input.classList.toggle("is-changed", letter !== input.defaultValue);
}

function neighbour(input, rows, columns) {
  const cell = input.closest("td");
  const row = cell.parentElement;
  const body = row.parentElement;
  let [r, c] = [row.sectionRowIndex, cell.cellIndex];
  // Days of leave have no input: step over them.
  for (;;) {
    r += rows;
    c += columns;
    const found = body.rows[r]?.cells[c];
    if (!found || c < 1) return null;
    const next = found.querySelector("input");
    if (next) return next;
  }
}

function go(input, rows, columns) {
  const next = neighbour(input, rows, columns);
  next?.focus();
  next?.select();
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };

function press(event) {
  const input = event.target.closest("input.shift");
  if (!input || event.ctrlKey || event.metaKey || event.altKey) return;
  const letter = event.key.toUpperCase();
  if (ARROWS[event.key]) go(input, ...ARROWS[event.key]);
  else if (event.key === "Delete" || event.key === "Backspace") put(input, "");
  else if (event.key.length === 1 && tones.has(letter)) {
    put(input, letter);
    if (event.shiftKey) {
      for (let next = neighbour(input, 0, 1); next; next = neighbour(next, 0, 1)) put(next, letter);
      go(input, 1, 0);
    } else go(input, 0, 1);
  } else if (event.key.length === 1) {
    // A letter that means no shift is not typed at all.
  } else return;
  event.preventDefault();
}

function choose(button) {
  brush = button.getAttribute("aria-pressed") === "true" ? null : button.dataset.paint;
  for (const each of buttons) each.setAttribute("aria-pressed", String(each === button && brush !== null));
  // Who paints on a phone needs no keyboard over half the grid.
  for (const input of table.querySelectorAll("input.shift")) input.inputMode = brush === null ? "text" : "none";
}

if (table) {
  table.addEventListener("keydown", press);
  table.addEventListener("input", (event) => show(event.target));
  table.addEventListener("focusin", (event) => brush === null && event.target.select?.());
  // Chosen text under the pointer would be carried away instead of painting on.
  table.addEventListener("dragstart", (event) => event.preventDefault());
  const paint = (event) => {
    const input = event.target.closest("input.shift");
    if (input && brush !== null) put(input, brush);
  };
  // A finger on the grid may mean to scroll: only its tap paints.
  table.addEventListener("pointerdown", (event) => event.pointerType !== "touch" && paint(event));
  table.addEventListener("click", paint);
  table.addEventListener("pointerover", (event) => {
    const input = event.target.closest("input.shift");
    if (input && brush !== null && event.buttons === 1) put(input, brush);
  });
  for (const button of buttons) button.addEventListener("click", () => choose(button));
}
