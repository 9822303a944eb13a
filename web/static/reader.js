// Reading along: marks the spoken word, keeps it in sight, and lets keyboard and mouse choose a
// place. Following stops as soon as the reader scrolls, touches or presses a key in the text, and
// starts again only by the button: nothing may pull the text away under a reader's eyes.

const STEADY = matchMedia("(prefers-reduced-motion: reduce)");
const SCROLL_KEYS = new Set([
  "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " ",
]);

export class Reader {
  #following = true;
  #utterance = null;
  #word = null;
  #item = null;

  constructor(text, panel, clock, button) {
    this.text = text;
    this.panel = panel;
    this.clock = clock;
    this.button = button;
  }

  start() {
    this.#oneTabStop();
    this.text.root.addEventListener("pointerover", (event) => this.#prepare(event));
    this.text.root.addEventListener("click", (event) => this.#click(event));
    this.text.root.addEventListener("keydown", (event) => this.#key(event));
    const target = this.text.root.querySelector("mark[aria-current]");
    if (target) this.#show(target, "center");
    if (this.clock) this.#follow();
    document.querySelector(".aside").addEventListener("click", (event) => this.#link(event, target));
  }

  // One stop for the tab key, on the utterance a link led to or else the first; links inside are
  // reached with the mouse, Enter on their utterance does the same.
  #oneTabStop() {
    const { root, utterances } = this.text;
    for (const link of root.querySelectorAll("a")) link.tabIndex = -1;
    const first = root.querySelector("mark[aria-current]")?.closest(".u") ?? utterances[0];
    if (first) this.#stopAt(first);
  }

  #stopAt(utterance) {
    this.text.root.querySelector(".u[tabindex='0']")?.removeAttribute("tabindex");
    utterance.tabIndex = 0;
  }

  // Words become separate on hover, so that a click finds the one that was meant.
  #prepare(event) {
    const utterance = event.target.closest?.(".u");
    if (utterance && this.clock) this.text.words(utterance);
  }

  #click(event) {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey) return;
    if (!this.clock || !getSelection().isCollapsed) return;
    const utterance = event.target.closest(".u");
    if (utterance) {
      const word = this.text.clicked(utterance, event.target);
      this.#stopAt(utterance);
      this.clock.play(this.text.times(utterance)[word]);
      return;
    }
    const link = event.target.closest("a.time");
    const turn = link?.closest(".turn")?.querySelector(".u");
    if (turn) {
      event.preventDefault();
      this.clock.play(this.text.times(turn)[0]);
    }
  }

  // Links beside the text do here what they would do by loading the page anew.
  #link(event, target) {
    const link = event.target.closest("a");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.className === "to-word") {
      event.preventDefault();
      this.#show(target, "center");
      return;
    }
    const address = link.getAttribute("href");
    const ms = address.startsWith("?t=") ? Number.parseFloat(address.slice(3)) * 1000 : NaN;
    if (Number.isNaN(ms) || !this.clock) return;
    event.preventDefault();
    this.clock.play(ms);
    const utterance = this.text.utterances[Math.max(this.text.at(ms), 0)];
    if (utterance) this.#show(utterance, "center");
  }

  #key(event) {
    const utterance = event.target.closest(".u");
    if (!utterance || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { utterances } = this.text;
    const index = utterances.indexOf(utterance);
    const next = {
      ArrowDown: index + 1, ArrowRight: index + 1, ArrowUp: index - 1, ArrowLeft: index - 1,
      Home: 0, End: utterances.length - 1,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      const chosen = utterances[Math.min(Math.max(next, 0), utterances.length - 1)];
      this.#stopAt(chosen);
      chosen.focus({ preventScroll: true });
      this.#show(chosen, "nearest");
    } else if (event.key === "Enter" && this.clock) {
      event.preventDefault();
      this.clock.play(this.text.start(index));
    }
  }

  #follow() {
    const stop = () => this.#pause();
    for (const kind of ["wheel", "touchmove"]) addEventListener(kind, stop, { passive: true });
    addEventListener("keydown", (event) => {
      const inText = event.target === document.body || this.panel.contains(event.target);
      if (inText && SCROLL_KEYS.has(event.key)) stop();
    });
    // A dragged scroll bar gives no wheel: the press on it does.
    this.panel.addEventListener("pointerdown", (event) => { if (event.target === this.panel) stop(); });
    this.button.addEventListener("click", () => this.#resume());
    const tick = () => {
      this.#mark(this.clock.now());
      if (this.clock.running) requestAnimationFrame(tick);
    };
    this.clock.video.addEventListener("play", () => requestAnimationFrame(tick));
    this.clock.video.addEventListener("seeked", () => { if (!this.clock.running) this.#touched(); });
  }

  // A place chosen while the video stands still is marked too, but not the one it opens with.
  #touched() {
    if (this.clock.video.played.length > 0) this.#mark(this.clock.now());
  }

  #pause() {
    if (!this.#following) return;
    this.#following = false;
    // Ends a scroll that is on its way: it would swallow what the reader scrolls.
    this.#area().scrollBy({ top: 0, behavior: "instant" });
    this.#offer();
  }

  #resume() {
    this.#following = true;
    this.#offer();
    if (this.#word) this.#show(this.#word, "center");
    this.clock.video.focus({ preventScroll: true });
  }

  #offer() {
    this.button.hidden = this.#following || !this.#word;
  }

  // Touches only what changed since the last frame, and measures before it writes: measuring
  // behind a change would lay out the whole page anew for every word.
  #mark(ms) {
    const utterance = this.text.utterances[this.text.at(ms)] ?? null;
    const word = utterance ? this.text.words(utterance)[this.text.wordAt(utterance, ms)] : null;
    if (word === this.#word) return;
    const away = word && this.#following && !this.#inSight(word);
    if (utterance !== this.#utterance) {
      this.#utterance?.classList.remove("now");
      this.#utterance?.removeAttribute("aria-current");
      utterance?.classList.add("now");
      utterance?.setAttribute("aria-current", "true");
      this.#utterance = utterance;
      this.#agenda(utterance);
    }
    this.#word?.classList.remove("spoken");
    word?.classList.add("spoken");
    this.#word = word;
    this.#offer();
    if (away) this.#show(word, "center");
  }

  #agenda(utterance) {
    const anchor = utterance?.closest("section.part")?.id;
    const link = anchor && document.querySelector(`.agenda a[href$="#${CSS.escape(anchor)}"]`);
    const item = link ? link.closest("li") : null;
    if (item === this.#item) return;
    this.#item?.classList.remove("now");
    item?.classList.add("now");
    this.#item = item;
  }

  // The panel where it scrolls by itself, else the page.
  #area() {
    const style = getComputedStyle(this.panel);
    return style.overflowY === "auto" ? this.panel : document.scrollingElement;
  }

  #inSight(word) {
    const box = word.getBoundingClientRect();
    const frame = this.#frame(this.#area());
    return box.top >= frame.top + 40 && box.bottom <= frame.bottom - 80;
  }

  // What of the area can be seen: below the bar of the panel, or below the video on phones.
  #frame(area) {
    if (area === this.panel) {
      const box = area.getBoundingClientRect();
      const bar = area.querySelector(".tools").offsetHeight;
      return { top: Math.max(box.top, 0) + bar, bottom: Math.min(box.bottom, innerHeight) };
    }
    const player = document.querySelector(".player");
    const sticky = getComputedStyle(player).position === "sticky";
    return { top: sticky ? player.getBoundingClientRect().bottom : 0, bottom: innerHeight };
  }

  // Scrolls the area and nothing else, so that the video stays where it is. Text that was never in
  // sight has only an estimated height: after a far jump the place is looked at again, frame by
  // frame, until it has come to rest.
  #show(element, where, looks = 10) {
    const area = this.#area();
    const frame = this.#frame(area);
    const box = element.getBoundingClientRect();
    const inSight = box.top >= frame.top && box.bottom <= frame.bottom;
    if (where === "nearest" && inSight) return;
    const again = looks < 10;
    const height = frame.bottom - frame.top;
    const by = box.top - frame.top - (height - Math.min(box.height, height)) / 2;
    const far = Math.abs(by) > 2 * height;
    const instant = far || again || STEADY.matches;
    if (Math.abs(by) >= 2) area.scrollBy({ top: by, behavior: instant ? "instant" : "smooth" });
    if ((far || again) && looks > 0) {
      requestAnimationFrame(() => this.#show(element, where, looks - 1));
    }
  }
}
