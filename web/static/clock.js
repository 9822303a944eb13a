// The meeting's clock over one video element. Owns seeking; times are milliseconds on the
// meeting's clock, a place outside of this recording is opened as a page.

export class Clock {
  // Whether the reader has chosen another place than the one in the address.
  #chosen = false;

  constructor(video) {
    this.video = video;
    this.offset = Number(video.dataset.offset);
    this.until = video.dataset.until === undefined ? Infinity : Number(video.dataset.until);
    if (video.dataset.start !== undefined) this.#begin(Number(video.dataset.start));
  }

  now() {
    return this.video.currentTime * 1000 + this.offset;
  }

  get running() {
    return !this.video.paused && !this.video.ended;
  }

  // Shows the place and plays from it.
  play(ms) {
    if (ms < this.offset || ms >= this.until) {
      location.search = new URLSearchParams({ t: String(ms / 1000) }).toString();
      return;
    }
    this.#chosen = true;
    this.#set((ms - this.offset) / 1000);
    // Browsers may refuse to play before the first gesture; the place is right all the same.
    this.video.play()?.catch(() => {});
  }

  // Media fragments (#t=) are rounded by some browsers and ignored by others, and phones drop a
  // time that is set before they have loaded anything: set it as soon as possible, and once more
  // on the first play.
  #begin(seconds) {
    const near = () => Math.abs(this.video.currentTime - seconds) < 0.05;
    const set = () => { if (!this.#chosen && !near()) this.#set(seconds); };
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

  #set(seconds) {
    this.video.currentTime = seconds;
  }
}
