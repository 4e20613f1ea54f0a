// Runs before the first paint, so a chosen theme does not flash, and before the first key; no module for that reason.
(function () {
  try {
    const chosen = localStorage.getItem("fx-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is switched off: the device's own setting stands.
  }
  // Who is quicker than the scripts is answered when they have come (hits.js).
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "search") event.target.dataset.entered = "";
  });
  addEventListener("input", (event) => delete event.target.dataset.entered);
})();
