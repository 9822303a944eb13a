// A film on another site, on the meeting's clock. Nothing of it is loaded before the reader wants it;
// then its own player is shown in a frame and told by messages where to go.

export class Film {
  #frame = null;
  #ready = false;
  #waiting = null;
  #ticks = [];
  #place = { ms: 0, at: 0, playing: false };

  constructor(box) {
    this.box = box;
    this.shift = Number(box.dataset.shift);
    this.kind = box.dataset.kind;
    const button = document.getElementById("film-laden");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => this.#load(box.dataset.start));
    }
  }

  now() {
    const { ms, at, playing } = this.#place;
    return ms + (playing ? performance.now() - at : 0);
  }

  get running() {
    return this.#place.playing;
  }

  get started() {
    return this.#frame !== null;
  }

  // Before the reader has loaded the film there is nothing to play: the button is shown.
  play(ms) {
    if (!this.kind) return;
    if (!this.#frame) {
      this.box.dataset.start = String(Math.max(0, Math.floor((ms + this.shift) / 1000)));
      this.box.scrollIntoView({ block: "nearest" });
      document.getElementById("film-laden")?.focus({ preventScroll: true });
      return;
    }
    this.#seek(Math.max(0, (ms + this.shift) / 1000));
  }

  toggle() {
    if (!this.#frame) return;
    this.#say(this.running ? "pauseVideo" : "playVideo", [], this.running ? "pause" : "play");
  }

  skip(ms) {
    this.play(this.now() + ms);
  }

  onTime(tick) {
    this.#ticks.push(tick);
  }

  #load(start) {
    const address = new URL(this.box.dataset.embed);
    const pairs = this.kind === "youtube"
      ? { enablejsapi: "1", origin: location.origin, rel: "0", playsinline: "1" }
      : { api: "1", p2p: "0" };
    for (const [name, value] of Object.entries(pairs)) address.searchParams.set(name, value);
    if (start) address.searchParams.set("start", this.kind === "youtube" ? start : `${start}s`);
    const frame = document.createElement("iframe");
    frame.title = this.box.dataset.title;
    frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
    // Without the page's origin YouTube refuses to play.
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = address.href;
    this.box.replaceChildren(frame);
    this.box.classList.add("loaded");
    this.#frame = frame;
    addEventListener("message", (event) => {
      if (event.source === frame.contentWindow && event.origin === address.origin) this.#hear(event.data);
    });
    frame.addEventListener("load", () => {
      this.#ready = true;
      // YouTube answers only those who have said hello.
      if (this.kind === "youtube") this.#post({ event: "listening", id: 1 });
      else this.#post({ id: "play", method: "peertube::addEventListener", params: "playbackStatusUpdate" });
      if (this.#waiting !== null) this.#seek(this.#waiting);
    });
    frame.focus();
  }

  #seek(seconds) {
    if (!this.#ready) {
      this.#waiting = seconds;
      return;
    }
    this.#waiting = null;
    this.#say("seekTo", [seconds, true], "seek", seconds);
    this.#say("playVideo", [], "play");
    this.#set(seconds * 1000 - this.shift, true);
  }

  #say(name, args, method, params = null) {
    if (this.kind === "youtube") this.#post({ event: "command", func: name, args });
    else this.#post({ id: method, method: `peertube::${method}`, params });
  }

  #post(message) {
    const origin = new URL(this.box.dataset.embed).origin;
    this.#frame.contentWindow.postMessage(JSON.stringify(message), origin);
  }

  #hear(data) {
    let message = data;
    try {
      if (typeof data === "string") message = JSON.parse(data);
    } catch {
      return;
    }
    const info = message?.info ?? message?.params;
    if (typeof info !== "object" || info === null) return;
    const seconds = info.currentTime ?? info.position;
    const playing = info.playerState === undefined ? info.playbackState === "playing" || this.running : info.playerState === 1;
    if (typeof seconds === "number") this.#set(seconds * 1000 - this.shift, playing);
    else if (info.playerState !== undefined) this.#set(this.now(), playing);
  }

  #set(ms, playing) {
    const was = this.running;
    this.#place = { ms, at: performance.now(), playing };
    if (playing && !was) this.#run();
    else for (const tick of this.#ticks) tick();
  }

  #run() {
    for (const tick of this.#ticks) tick();
    if (this.running) requestAnimationFrame(() => this.#run());
  }
}
