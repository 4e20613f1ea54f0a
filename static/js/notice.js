// On a page that says something went wrong: what was typed has not arrived, so its draft stays.
import { remove } from "./store.js";

if (document.querySelector("[data-refused]")) remove("fx-draft-sent");
