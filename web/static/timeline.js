// The line under the player: shows where the meeting is, names what lies under the pointer, and leads
// there. A picture of what stands beside it as text.

export class Timeline {
  #shown = -1;

  constructor(line, text, clock, reader) {
    Object.assign(this, { line, text, clock, reader });
  }

  start() {
    if (!this.line) return;
    this.from = Number(this.line.dataset.start);
    this.to = Number(this.line.dataset.end);
    this.needle = this.line.querySelector(".needle");
    this.line.addEventListener("pointermove", (event) => { this.line.title = this.#label(this.#time(event)); });
    this.line.addEventListener("click", (event) => {
      const ms = this.#time(event);
      this.clock?.play(ms);
      const utterance = this.text.utterances[Math.max(this.text.at(ms), 0)];
      if (utterance) this.reader.show(utterance);
    });
    this.clock?.onTime(() => this.#move());
  }

  #time(event) {
    const box = this.line.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    return this.from + share * (this.to - this.from);
  }

  #move() {
    const share = (this.clock.now() - this.from) / (this.to - this.from);
    const percent = Math.round(Math.min(Math.max(share, 0), 1) * 1000) / 10;
    if (percent === this.#shown) return;
    this.#shown = percent;
    this.needle.hidden = false;
    this.needle.style.left = `${percent}%`;
  }

  #label(ms) {
    const s = Math.floor(ms / 1000);
    const two = (n) => String(n).padStart(2, "0");
    const clock = `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
    const utterance = this.text.utterances[this.text.at(ms)];
    const heading = utterance?.closest(".part")?.querySelector(".heading")?.textContent.trim();
    const speaker = utterance?.closest(".turn")?.querySelector(".speaker")?.textContent.trim();
    return [clock, speaker, heading].filter(Boolean).join(" · ");
  }
}
