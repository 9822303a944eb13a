// The results page with JavaScript: a hit is played where it stands, and one key leads to the next,
// across meetings. Without it each hit's link opens its meeting.

import { onKeys } from "./keys.js";
import "./suggest.js";

// A page shows a player for one hit at a time.
class Player {
  #meetings = new Map();
  #hits = [...document.querySelectorAll("a.play[data-ms]")];
  #at = -1;
  #box = null;

  start() {
    for (const [n, link] of this.#hits.entries()) {
      link.addEventListener("click", (event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.#play(n);
      });
    }
    onKeys({ n: () => this.#step(1), N: () => this.#step(-1) });
  }

  #step(by) {
    if (this.#hits.length === 0) return false;
    const next = this.#at + by;
    if (next >= this.#hits.length) {
      // The list goes on, on the next page.
      const link = document.querySelector("nav.pages a[rel~=next]");
      if (link) location.assign(link.href);
    } else {
      this.#play(Math.max(next, 0));
    }
  }

  async #play(n) {
    const link = this.#hits[n];
    this.#at = n;
    let part;
    try {
      part = await this.#part(link.dataset.meeting, Number(link.dataset.ms));
    } catch {
      part = null;
    }
    // Where nothing of ours plays it, its meeting's page knows more.
    if (!part) {
      location.assign(link.href);
      return;
    }
    if (this.#at === n) this.#show(link, part);
  }

  // The recording that runs at a time, and the time in it.
  async #part(meeting, ms) {
    if (!this.#meetings.has(meeting)) {
      const asked = fetch(`/api/v1/meetings/${encodeURIComponent(meeting)}`).then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      });
      this.#meetings.set(meeting, asked);
    }
    const { recordings } = await this.#meetings.get(meeting);
    const part = recordings.findLast((recording) => recording.offset_ms <= ms);
    return part?.media ? { media: part.media, seconds: Math.max(0, (ms - part.offset_ms) / 1000 - 1.5) } : null;
  }

  #show(link, { media, seconds }) {
    const hit = link.closest(".hit");
    if (!this.#box) {
      this.#box = document.createElement("div");
      this.#box.className = "inline-player";
      const video = document.createElement("video");
      video.controls = true;
      video.playsInline = true;
      this.#box.append(video);
    }
    const video = this.#box.firstChild;
    video.setAttribute("aria-label", link.textContent.trim());
    hit.querySelector("blockquote").after(this.#box);
    const source = new URL(media, location.href).href;
    if (video.src !== source) {
      video.src = source;
      video.addEventListener("loadedmetadata", () => { video.currentTime = seconds; }, { once: true });
    } else {
      video.currentTime = seconds;
    }
    document.querySelector(".hit.playing")?.classList.remove("playing");
    hit.classList.add("playing");
    link.focus({ preventScroll: true });
    hit.scrollIntoView({ block: "nearest" });
    video.play()?.catch(() => {});
  }
}

document.documentElement.classList.add("js");
new Player().start();
