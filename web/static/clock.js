// The meeting's clock over whatever plays it. Owns seeking; times are milliseconds on the meeting's
// clock, a place outside of this recording is opened as a page.

export class Clock {
  // Whether the reader has chosen another place than the one in the address.
  #chosen = false;
  // Whether somebody has pressed play, also where the first picture is not there yet.
  #played = false;
  // Where a stretch that was asked for ends, in seconds of the recording.
  #stop = Infinity;

  constructor(video) {
    this.video = video;
    this.offset = Number(video.dataset.offset);
    this.until = video.dataset.until === undefined ? Infinity : Number(video.dataset.until);
    if (video.dataset.stop !== undefined) {
      // A browser that stops by the fragment does not go on behind it; nothing is loaded yet.
      video.setAttribute("src", video.getAttribute("src").split(",")[0]);
      this.#end(Number(video.dataset.stop));
    }
    if (video.dataset.start !== undefined) this.#begin(Number(video.dataset.start));
    video.addEventListener("play", () => { this.#played = true; }, { once: true });
  }

  now() {
    return this.video.currentTime * 1000 + this.offset;
  }

  get running() {
    return !this.video.paused && !this.video.ended;
  }

  // Whether something was played or chosen, so that the clock says where the reader is.
  get started() {
    return this.#chosen || this.#played;
  }

  // Shows the place and plays from it.
  play(ms) {
    if (ms < this.offset || ms >= this.until) {
      const address = new URL(location.href);
      address.searchParams.set("t", String(ms / 1000));
      address.searchParams.delete("w");
      address.hash = "stelle";
      location.assign(address);
      return;
    }
    this.#chosen = true;
    this.#stop = Infinity;
    this.#set((ms - this.offset) / 1000);
    // Browsers may refuse to play before the first gesture; the place is right all the same.
    this.video.play()?.catch(() => {});
  }

  toggle() {
    if (this.running) this.video.pause();
    else this.video.play()?.catch(() => {});
  }

  skip(ms) {
    this.play(Math.max(this.now() + ms, this.offset));
  }

  // Calls back when time passes, and when it jumps.
  onTime(tick) {
    const run = () => {
      tick();
      if (this.running) requestAnimationFrame(run);
    };
    this.video.addEventListener("play", () => requestAnimationFrame(run));
    // A place chosen while the video stands still counts too, but not the one it opens with.
    this.video.addEventListener("seeked", () => { if (!this.running && this.video.played.length > 0) tick(); });
    this.video.addEventListener("pause", tick);
  }

  // Media fragments (#t=) are rounded by some browsers and ignored by others, and phones drop a
  // time that is set before they have loaded anything: set it as soon as possible, and once more
  // on the first play.
  #begin(seconds) {
    const near = () => Math.abs(this.video.currentTime - seconds) < 0.05;
    const set = () => { if (!this.#chosen && !near()) this.#set(seconds); };
    // The page is there first, the film after it.
    this.video.preload = "metadata";
    if (this.video.readyState >= HTMLMediaElement.HAVE_METADATA) set();
    else this.video.addEventListener("loadedmetadata", set, { once: true });
    this.video.addEventListener("canplay", () => {
      set();
      // From now on a change of place is the reader's wish.
      this.video.addEventListener("seeking", () => { if (!near()) this.#chosen = true; });
    }, { once: true });
    this.video.addEventListener("play", () => {
      if (this.video.currentTime < seconds - 0.5) set();
    }, { once: true });
  }

  // Browsers look at the end of a fragment four times a second; a quote must not run on.
  #end(seconds) {
    this.#stop = seconds;
    const look = () => {
      const left = this.#stop - this.video.currentTime;
      if (left <= 0) {
        this.#stop = Infinity;
        this.video.pause();
      } else if (this.running && left < Infinity) {
        if (left < 0.6) requestAnimationFrame(look);
        else setTimeout(look, Math.min((left - 0.5) * 1000, 500));
      }
    };
    this.video.addEventListener("play", look);
    // Whoever seeks behind the end wants to go on.
    this.video.addEventListener("seeking", () => {
      if (this.video.currentTime > this.#stop + 0.3) this.#stop = Infinity;
    });
  }

  #set(seconds) {
    this.video.currentTime = seconds;
  }
}
