// The waveform of a recording on a canvas, with what is not public of it. Owns the picture and the marks; the
// marks are lines of a text field, which stays what counts.

const LEAST_VIEW = 20_000;

export class Waveform {
  #pairs = new Int8Array(0);
  #asked = 0;
  #marked = null;
  #position = 0;
  #begun = 0;

  constructor(box, film, field, onPosition) {
    Object.assign(this, { box, film, field, onPosition });
    this.rate = Number(box.dataset.rate);
    this.length = Number(box.dataset.length) || 0;
    this.view = box.querySelector(".view");
    this.canvas = box.querySelector("canvas");
    this.state = box.querySelector(".state");
    this.clock = box.querySelector("output");
    this.from = 0;
    this.to = this.length || 600_000;
    box.hidden = false;
    this.#listen();
    new ResizeObserver(() => this.#paint()).observe(this.view);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  // Fetches it anew, as it comes into being.
  async draw(address) {
    const round = ++this.#asked;
    this.#pairs = new Int8Array(0);
    for (;;) {
      const answer = await fetch(`${address}&ab=${this.#pairs.length / 2}`, { cache: "no-store" }).catch(() => null);
      if (round !== this.#asked) return;
      if (!answer?.ok) {
        this.state.textContent = this.box.dataset.failed;
        return;
      }
      const more = new Int8Array(await answer.arrayBuffer());
      if (round !== this.#asked) return;
      const all = new Int8Array(this.#pairs.length + more.length);
      all.set(this.#pairs);
      all.set(more, this.#pairs.length);
      this.#pairs = all;
      const drawn = (all.length / 2 / this.rate) * 1000;
      const complete = answer.headers.get("x-vollstaendig") === "ja";
      if (complete || drawn > this.length) this.#grow(Math.max(drawn, complete ? 0 : this.length));
      this.state.textContent = complete ? "" : `${this.box.dataset.coming} ${clock(drawn)}${this.length ? ` / ${clock(this.length)}` : ""}`;
      this.#paint();
      if (complete) return;
      await new Promise((resolve) => setTimeout(resolve, more.length ? 400 : 1200));
    }
  }

  #grow(length) {
    const whole = this.to >= this.length;
    this.length = length;
    this.view.setAttribute("aria-valuemax", String(Math.round(length)));
    if (whole) this.to = length;
  }

  #listen() {
    const press = (selector, act) => this.box.querySelector(selector).addEventListener("click", act);
    press(".in", () => this.#zoom(0.5));
    press(".out", () => this.#zoom(2));
    press(".from", () => this.#markFrom(this.#position));
    press(".until", () => this.#markUntil(this.#position));
    this.field.addEventListener("input", () => this.#paint());
    this.film.addEventListener("timeupdate", () => this.#show(this.film.currentTime * 1000, false));
    this.film.addEventListener("seeked", () => this.#show(this.film.currentTime * 1000, false));
    this.view.addEventListener("keydown", (event) => {
      const act = {
        ArrowLeft: () => this.#show(this.#position - (event.shiftKey ? 10_000 : 1_000)),
        ArrowRight: () => this.#show(this.#position + (event.shiftKey ? 10_000 : 1_000)),
        PageUp: () => this.#show(this.#position - 60_000),
        PageDown: () => this.#show(this.#position + 60_000),
        Home: () => this.#show(0),
        End: () => this.#show(this.length),
        "+": () => this.#zoom(0.5),
        "-": () => this.#zoom(2),
        " ": () => (this.film.paused ? this.film.play().catch(() => {}) : this.film.pause()),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
    this.view.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#begun = event.clientX;
      this.#marked = [this.#time(event), this.#time(event)];
      this.view.setPointerCapture(event.pointerId);
    });
    this.view.addEventListener("pointermove", (event) => {
      if (!this.#marked) return;
      this.#marked[1] = this.#time(event);
      this.#paint();
    });
    this.view.addEventListener("pointerup", (event) => {
      if (!this.#marked) return;
      const [a, b] = this.#marked.toSorted((x, y) => x - y);
      this.#marked = null;
      // A hand that trembles has clicked.
      if (Math.abs(event.clientX - this.#begun) < 5) this.#show(a);
      else this.#mark(a, b);
      this.#paint();
    });
    this.view.addEventListener("pointercancel", () => {
      this.#marked = null;
      this.#paint();
    });
  }

  // Moves the place, and the film with it.
  #show(ms, seek = true) {
    this.#position = Math.min(Math.max(ms, 0), this.length);
    if (seek && this.film.readyState > 0) this.film.currentTime = this.#position / 1000;
    const text = clock(this.#position);
    this.clock.textContent = text;
    this.view.setAttribute("aria-valuenow", String(Math.round(this.#position)));
    this.view.setAttribute("aria-valuetext", text);
    this.onPosition(full(this.#position));
    const width = this.to - this.from;
    if (this.#position < this.from || this.#position > this.to) this.#look(this.#position - width / 4, width);
    this.#paint();
  }

  #zoom(factor) {
    const width = Math.min(Math.max((this.to - this.from) * factor, LEAST_VIEW), this.length);
    this.#look(this.#position - width / 2, width);
  }

  #look(from, width) {
    this.from = Math.min(Math.max(from, 0), Math.max(this.length - width, 0));
    this.to = this.from + width;
    this.#paint();
  }

  #time(event) {
    const box = this.view.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    return this.from + share * (this.to - this.from);
  }

  #markFrom(ms) {
    this.#mark(ms, Infinity);
  }

  // Ends the stretch that reaches here; where none does, everything up to here is meant.
  #markUntil(ms) {
    const spans = this.#spans();
    const open = spans.findLast((span) => span[0] < ms && span[1] >= ms);
    if (!open) return this.#mark(0, ms);
    open[1] = ms;
    this.#write(spans);
  }

  #mark(from, to) {
    this.#write([...this.#spans(), [from, to]]);
  }

  // What the field says; lines that cannot be read stay out of the picture and in the field.
  #spans() {
    return this.field.value.split("\n").map(read).filter(Boolean);
  }

  #write(spans) {
    const unread = this.field.value.split("\n").filter((line) => line.trim() && !read(line));
    const merged = [];
    for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
      // Whole seconds, and rather more than less.
      const span = [Math.floor(from / 1000) * 1000, to >= this.length ? Infinity : Math.ceil(to / 1000) * 1000];
      const last = merged.at(-1);
      if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1]);
      else if (span[0] < span[1]) merged.push(span);
    }
    const lines = merged.map(([from, to]) => `${full(from)}–${to === Infinity ? "Ende" : full(to)}`);
    this.field.value = [...lines, ...unread].join("\n");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.state.textContent = lines.join(", ");
  }

  #paint() {
    const { canvas, view } = this;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.max(Math.round(view.clientWidth * ratio), 1), Math.round(160 * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const style = getComputedStyle(view);
    const colour = (name) => style.getPropertyValue(name).trim();
    const brush = canvas.getContext("2d");
    brush.clearRect(0, 0, width, height);
    brush.fillStyle = colour("--accent");
    const perPixel = (this.to - this.from) / width;
    for (let x = 0; x < width; x += 1) {
      const first = Math.floor(((this.from + x * perPixel) / 1000) * this.rate);
      const last = Math.max(Math.ceil(((this.from + (x + 1) * perPixel) / 1000) * this.rate), first + 1);
      let [low, high] = [0, 0];
      for (let i = first; i < last && 2 * i + 1 < this.#pairs.length; i += 1) {
        low = Math.min(low, this.#pairs[2 * i]);
        high = Math.max(high, this.#pairs[2 * i + 1]);
      }
      if (2 * first < this.#pairs.length) {
        const [top, bottom] = [(1 - high / 128) * height * 0.5, (1 - low / 128) * height * 0.5];
        brush.fillRect(x, top, 1, Math.max(bottom - top, 1));
      }
    }
    const place = (ms) => (Math.min(ms, this.length || ms) - this.from) / perPixel;
    const marked = this.#marked ? [this.#marked.toSorted((a, b) => a - b)] : [];
    for (const [from, to] of [...this.#spans(), ...marked]) {
      const [left, right] = [Math.max(place(from), 0), Math.min(place(to === Infinity ? this.length : to), width)];
      if (right <= left) continue;
      hatch(brush, left, right, height, ratio, colour("--hit"));
    }
    brush.fillStyle = colour("--ink");
    brush.fillRect(Math.round(place(this.#position)) - ratio, 0, 2 * ratio, height);
  }
}

// Not by colour alone: stripes, and a line on each side.
function hatch(brush, left, right, height, ratio, colour) {
  brush.save();
  brush.beginPath();
  brush.rect(left, 0, right - left, height);
  brush.clip();
  brush.globalAlpha = 0.18;
  brush.fillStyle = colour;
  brush.fillRect(left, 0, right - left, height);
  brush.globalAlpha = 0.8;
  brush.strokeStyle = colour;
  brush.lineWidth = ratio;
  for (let x = left - height; x < right; x += 12 * ratio) {
    brush.beginPath();
    brush.moveTo(x, height);
    brush.lineTo(x + height, 0);
    brush.stroke();
  }
  brush.globalAlpha = 1;
  brush.fillStyle = colour;
  brush.fillRect(left, 0, 2 * ratio, height);
  brush.fillRect(right - 2 * ratio, 0, 2 * ratio, height);
  brush.restore();
}

// A line of the field: where it begins and ends.
function read(line) {
  const [from, to, ...more] = line.replace(" bis ", "–").split(/[–—-]/).map((part) => part.trim());
  const span = [time(from), to?.toLowerCase() === "ende" ? Infinity : time(to)];
  return more.length === 0 && span[0] !== null && span[1] !== null && span[0] < span[1] ? span : null;
}

function parts(ms) {
  const s = Math.floor(ms / 1000);
  return [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
}

const two = (n) => String(n).padStart(2, "0");

function clock(ms) {
  const [h, m, s] = parts(ms);
  return `${h}:${two(m)}:${two(s)}`;
}

function full(ms) {
  return parts(ms).map(two).join(":");
}

function time(text) {
  const found = /^(\d+):(\d\d):(\d\d)(?:[.](\d{1,3}))?$/.exec(text ?? "");
  if (!found) return null;
  return ((Number(found[1]) * 60 + Number(found[2])) * 60 + Number(found[3])) * 1000 + Number((found[4] ?? "0").padEnd(3, "0"));
}
