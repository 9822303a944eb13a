// The sound of a meeting's recordings for the editor: one element, which holds the recording that is heard. Times
// are milliseconds on a recording's line.

export class Sound {
  #part = 0;
  #ticks = [];

  constructor(media, base) {
    this.media = media;
    this.base = base;
    const run = () => {
      for (const tick of this.#ticks) tick(this.#part, media.currentTime * 1000);
      if (!media.paused) setTimeout(() => requestAnimationFrame(run), 150);
    };
    media.addEventListener("play", run);
    media.addEventListener("seeked", run);
  }

  onTime(tick) {
    this.#ticks.push(tick);
  }

  // Plays a paragraph's recording from this time.
  playFrom(para, ms) {
    const part = Number(para.dataset.teil);
    if (part !== this.#part || !this.media.getAttribute("src")) {
      this.#part = part;
      this.media.src = `${this.base}/ton/${part}`;
    }
    const seconds = Math.max(ms, 0) / 1000;
    const set = () => { this.media.currentTime = seconds; };
    if (this.media.readyState >= HTMLMediaElement.HAVE_METADATA) set();
    else this.media.addEventListener("loadedmetadata", set, { once: true });
    // Without sound, the text can be worked on all the same.
    this.media.play()?.catch(() => {});
  }

  // Stops; or goes on two seconds earlier where it is within the paragraph, else from the cursor.
  toggle(para, cursor) {
    if (!this.media.paused) {
      this.media.pause();
      return;
    }
    if (!para) return;
    const now = this.media.currentTime * 1000;
    const until = para.dataset.bis === "" ? Infinity : Number(para.dataset.bis);
    const inside = Number(para.dataset.teil) === this.#part && now > Number(para.dataset.ab) && now < until;
    this.playFrom(para, (inside ? now : cursor()) - (inside ? 2000 : 0));
  }

  skip(ms) {
    this.media.currentTime = Math.max(this.media.currentTime + ms / 1000, 0);
  }
}
