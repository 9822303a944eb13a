// The player within another site's page: exact places, and a stretch that stops where it ends.

import { Clock } from "./clock.js";

const video = document.getElementById("video");
if (video) new Clock(video);
