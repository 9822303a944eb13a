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

  constructor(text, clock, button) {
    this.text = text;
    this.clock = clock;
    this.button = button;
  }

  start() {
    this.#oneTabStop();
    this.text.root.addEventListener("pointerover", (event) => this.#prepare(event));
    this.text.root.addEventListener("click", (event) => this.#click(event));
    this.text.root.addEventListener("keydown", (event) => this.#key(event));
    const target = this.text.root.querySelector("mark[aria-current]");
    const here = target ?? document.getElementById("stelle")?.nextElementSibling;
    if (here) this.#show(here);
    if (this.clock) this.#follow();
    document.querySelector(".aside").addEventListener("click", (event) => this.#link(event, target));
  }

  // Brings a place of the text into sight; the reader has chosen it, so nothing else may follow.
  show(element) {
    this.#pause();
    const utterance = element.closest(".u");
    if (utterance) this.#stopAt(utterance);
    this.#show(element);
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
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!this.clock || !getSelection().isCollapsed) return;
    const link = event.target.closest("a.time, a.minute");
    if (link) {
      event.preventDefault();
      this.clock.play(placeOf(link));
      return;
    }
    const utterance = event.target.closest(".u");
    if (!utterance) return;
    const word = this.text.clicked(utterance, event.target);
    const ms = this.text.times(utterance)[word];
    this.#stopAt(utterance);
    if (ms !== undefined) this.clock.play(ms);
  }

  // Links beside the text do here what they would do by loading the page anew.
  #link(event, target) {
    const link = event.target.closest("a");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.className === "to-word") {
      event.preventDefault();
      this.#show(target);
      return;
    }
    const ms = placeOf(link);
    if (Number.isNaN(ms)) return;
    event.preventDefault();
    this.clock?.play(ms);
    const utterance = this.text.utterances[Math.max(this.text.at(ms), 0)];
    if (utterance) this.#show(utterance);
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
      this.#show(chosen, true);
    } else if (event.key === "Enter" && this.clock && this.text.times(utterance).length > 0) {
      event.preventDefault();
      this.clock.play(this.text.start(index));
    }
  }

  #follow() {
    const stop = () => this.#pause();
    for (const kind of ["wheel", "touchmove"]) addEventListener(kind, stop, { passive: true });
    addEventListener("keydown", (event) => {
      const inText = event.target === document.body || this.text.root.contains(event.target);
      if (inText && SCROLL_KEYS.has(event.key)) stop();
    });
    // A dragged scroll bar gives no wheel: the press on it does.
    addEventListener("pointerdown", (event) => { if (event.target === document.documentElement) stop(); });
    this.button.addEventListener("click", () => this.#resume());
    this.clock.onTime(() => this.#mark(this.clock.now()));
  }

  #pause() {
    if (!this.#following) return;
    this.#following = false;
    // Ends a scroll that is on its way: it would swallow what the reader scrolls.
    scrollBy({ top: 0, behavior: "instant" });
    this.#offer();
  }

  #resume() {
    this.#following = true;
    this.#offer();
    if (this.#word) this.#show(this.#word);
    this.clock.video?.focus({ preventScroll: true });
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
    if (away) this.#show(word);
  }

  #agenda(utterance) {
    const order = utterance?.closest("section.part")?.dataset.order;
    const item = order === undefined ? null : document.querySelector(`.agenda li[data-order="${order}"]`);
    if (item === this.#item) return;
    this.#item?.classList.remove("now");
    this.#item?.querySelector(".item").removeAttribute("aria-current");
    item?.classList.add("now");
    item?.querySelector(".item").setAttribute("aria-current", "true");
    this.#item = item;
  }

  #inSight(word) {
    const box = word.getBoundingClientRect();
    const { top, bottom } = seen();
    return box.top >= top + 20 && box.bottom <= bottom - 60;
  }

  // Scrolls to a place, so that it stands in the middle of what can be seen of the text; with `nearest`
  // only where it cannot be seen. What is far away is laid out first and shown two frames later: text whose
  // height changes in the frame that scrolls counts as moved under the reader's eyes.
  #show(element, nearest = false) {
    const grown = layOut(element.closest(".turn"));
    const painted = performance.getEntriesByType("paint").length > 0;
    if (grown && painted) requestAnimationFrame(() => requestAnimationFrame(() => this.#scroll(element, nearest)));
    else this.#scroll(element, nearest);
  }

  // Text that was never in sight has only an estimated height: after a far jump the place is looked at again,
  // frame by frame, until it has come to rest.
  #scroll(element, nearest, looks = 10) {
    const { top, bottom } = seen();
    const box = element.getBoundingClientRect();
    if (nearest && box.top >= top && box.bottom <= bottom) return;
    const again = looks < 10;
    const height = bottom - top;
    const by = box.top - top - (height - Math.min(box.height, height)) / 2;
    const far = Math.abs(by) > 2 * height;
    const instant = far || again || STEADY.matches;
    if (Math.abs(by) >= 2) scrollBy({ top: by, behavior: instant ? "instant" : "smooth" });
    if ((far || again) && looks > 0) {
      requestAnimationFrame(() => this.#scroll(element, false, looks - 1));
    }
  }
}

// Lays out a turn and what will be seen around it before anybody measures or scrolls, so that nothing moves
// under the reader's eyes afterwards. Says whether anything was to be laid out.
function layOut(turn) {
  if (!turn) return false;
  const turns = [...document.querySelectorAll(".turn")];
  const at = turns.indexOf(turn);
  let grown = false;
  const lay = (turn) => {
    if (turn.classList.contains("laid-out")) return;
    const estimated = turn.offsetHeight;
    turn.classList.add("laid-out");
    grown ||= turn.offsetHeight !== estimated;
  };
  lay(turn);
  for (const by of [-1, 1]) {
    let height = 0;
    for (let n = at + by; turns[n] && height < 4 * innerHeight; n += by) {
      lay(turns[n]);
      height += turns[n].offsetHeight;
    }
  }
  return grown;
}

// The part of the window in which the text can be read: below the bar over it, which on phones lies below
// the player.
function seen() {
  const bar = document.querySelector(".tools").getBoundingClientRect();
  const player = document.querySelector(".player");
  const over = getComputedStyle(player).position === "sticky" ? player.getBoundingClientRect().bottom : 0;
  const sticky = getComputedStyle(document.querySelector(".tools")).position === "sticky" ? bar.height : 0;
  return { top: over + sticky, bottom: innerHeight };
}

// The time that a link within the page leads to.
function placeOf(link) {
  const address = link.getAttribute("href");
  return address.startsWith("?t=") ? Number.parseFloat(address.slice(3)) * 1000 : NaN;
}
