// The meeting page with JavaScript: exact places in the video, click or Enter on a word plays it,
// the text follows what is spoken. Without it the page's links do the same by reloading.

import { Clock } from "./clock.js";
import { Reader } from "./reader.js";
import { Text } from "./text.js";

const root = document.getElementById("wortlaut-text");
const panel = document.getElementById("wortlaut");
const video = document.getElementById("video");

document.documentElement.classList.add("js");

if (root) {
  const text = new Text(root);
  const clock = video ? new Clock(video) : null;
  const reader = new Reader(text, panel, clock, document.getElementById("folgen"));
  reader.start();
}
