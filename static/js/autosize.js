// Text areas grow with their text where the browser cannot do it by field-sizing.
export function autosize(root) {
  if (CSS.supports("field-sizing", "content")) return;
  for (const area of root.querySelectorAll("textarea")) {
    const fit = () => {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight + 2}px`;
    };
    area.addEventListener("input", fit);
    area.addEventListener("fx:restored", fit);
    fit();
  }
}
