// Starts every behaviour on the page and on each fragment htmx brings in.
import { autosize } from "./autosize.js";
import { clocks } from "./clocks.js";
import { copies } from "./copy.js";
import { dialogs } from "./dialog.js";
import { guard } from "./guard.js";
import { drafts } from "./drafts.js";
import { hits } from "./hits.js";
import { keys } from "./keys.js";
import { lightbox } from "./lightbox.js";
import { menus } from "./menu.js";
import { outbox } from "./outbox.js";
import { photos } from "./photos.js";
import { picks } from "./picks.js";
import { signatures } from "./signature.js";
import { steps } from "./steps.js";
import { tabs } from "./tabs.js";
import { theme } from "./theme.js";
import { connection, dismissals } from "./toast.js";

const once = [theme, guard, dialogs, keys, lightbox, menus, connection, dismissals, clocks, hits, picks, tabs];
// Steps before drafts and outbox: they say whether a form is complete enough to be sent.
const each = [steps, drafts, photos, signatures, autosize, outbox, copies];

for (const start of once) start();
for (const start of each) start(document);
document.querySelector("[data-focus]")?.focus();
// On a phone the bars scroll sideways: the place somebody is in stands in sight.
for (const here of document.querySelectorAll(".topnav [aria-current], .subnav [aria-current], .tabs [aria-current]")) {
  const bar = here.parentElement;
  if (bar.scrollWidth > bar.clientWidth) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
}
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) for (const start of each) start(event.detail.elt);
});
