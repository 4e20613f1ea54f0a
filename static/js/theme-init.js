// Runs before the first paint, so a chosen theme does not flash; not a module for that reason.
(function () {
  try {
    const chosen = localStorage.getItem("fx-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is switched off: the device's own setting stands.
  }
})();
