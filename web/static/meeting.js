// The meeting page with JavaScript: exact places in the film, click or Enter on a word plays it, the
// text follows what is spoken, searching and the address keep the place. Without it the page's links
// do the same by reloading.

import { Address } from "./address.js";
import { Clock } from "./clock.js";
import { Film } from "./film.js";
import { Found } from "./found.js";
import { onKeys } from "./keys.js";
import { Quote } from "./quote.js";
import { Reader } from "./reader.js";
import { Text } from "./text.js";
import { Timeline } from "./timeline.js";

const root = document.getElementById("wortlaut-text");
const video = document.getElementById("video");
const elsewhere = document.querySelector("#anderswo[data-kind]");

document.documentElement.classList.add("js");

const clock = video ? new Clock(video) : elsewhere ? new Film(elsewhere) : null;
const text = new Text(root);
const reader = new Reader(text, clock, document.getElementById("folgen"));
const address = new Address(clock);
reader.start();
new Found(text, reader, clock, address).start();
new Timeline(document.getElementById("zeitleiste"), text, clock, reader).start();
new Quote(text, address).start();
address.start();
if (clock) onKeys({ k: () => clock.toggle(), j: () => clock.skip(-5000), l: () => clock.skip(5000) });

const doubts = document.getElementById("zweifel");
if (doubts) {
  doubts.closest("label").hidden = false;
  const show = () => root.classList.toggle("plain", !doubts.checked);
  doubts.addEventListener("change", show);
  show();
}
