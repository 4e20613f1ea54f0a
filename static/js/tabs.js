// Rows of tabs wider than a phone: the one that is shown stands in view.
export function tabs() {
  for (const row of document.querySelectorAll(".subnav, .topnav, .tabs")) {
    const here = row.querySelector("[aria-current]")?.getBoundingClientRect();
    const frame = row.getBoundingClientRect();
    if (here) row.scrollLeft += here.left - frame.left - (frame.width - here.width) / 2;
  }
}
