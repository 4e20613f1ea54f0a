// Keeps times on the page true while it stays open: data-due counts down, data-since counts up.
const MINUTE = 60000;

// The same words as the `minutes` filter on the server.
export function words(milliseconds) {
  const whole = Math.floor(Math.abs(milliseconds) / MINUTE);
  const days = Math.floor(whole / 1440);
  const hours = Math.floor((whole % 1440) / 60);
  const minutes = whole % 60;
  if (days) return hours ? `${days}天${hours}小时` : `${days}天`;
  if (hours) return minutes ? `${hours}小时${minutes}分` : `${hours}小时`;
  return minutes ? `${minutes}分` : "不到1分";
}

function countUp(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-due]")) {
    const left = new Date(element.dataset.due) - now;
    element.textContent = left >= 0 ? `还剩 ${words(left)}` : `已超 ${words(left)}`;
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    element.textContent = countUp(now - new Date(element.dataset.since));
  }
}

export function clocks() {
  tick();
  const every = document.querySelector("[data-since]") ? 1000 : 15000;
  setInterval(() => document.hidden || tick(), every);
  document.addEventListener("htmx:afterSettle", tick);
}
