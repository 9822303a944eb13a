// Searching within the meeting without leaving the place: the words that match are marked in the text,
// and one key or button leads from one to the next. What plays goes on.

import { leadTo, onKeys } from "./keys.js";

export class Found {
  #places = [];
  #marks = [];
  #at = -1;
  #asked;

  constructor(text, reader, clock, address) {
    Object.assign(this, { text, reader, clock, address });
    this.form = document.getElementById("suche-hier");
    this.steps = document.getElementById("schritte");
    this.status = document.getElementById("stand");
    this.field = document.getElementById("hier");
  }

  start() {
    if (!this.form) return;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search(this.field.value.trim(), true);
    });
    for (const [id, by] of [["voriger", -1], ["naechster", 1]]) {
      const button = document.getElementById(id);
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.addEventListener("click", (event) => { event.preventDefault(); this.#step(by); });
      button.addEventListener("keydown", (event) => {
        if (event.key === " ") { event.preventDefault(); this.#step(by); }
      });
    }
    document.getElementById("suche-ende").addEventListener("click", (event) => {
      event.preventDefault();
      this.#end();
    });
    leadTo(this.field);
    onKeys({ n: () => this.#walk(1), N: () => this.#walk(-1) });
    // Hits of a search that came with the page.
    this.#collect();
    const q = new URLSearchParams(location.search).get("q");
    if (q && this.#marks.length > 0) {
      const target = this.text.root.querySelector("mark[aria-current]");
      this.#at = target ? this.#marks.findIndex((marks) => marks.includes(target)) : -1;
      this.#say();
      if (!target && !location.hash && !new URLSearchParams(location.search).has("t")) this.#step(1, false);
    }
  }

  #walk(by) {
    if (this.#marks.length === 0) return false;
    this.#step(by);
  }

  async #search(q, go) {
    this.#asked?.abort();
    if (!q) return this.#end();
    this.#asked = new AbortController();
    const address = `${this.form.dataset.address}?q=${encodeURIComponent(q)}`;
    let found;
    try {
      const answer = await fetch(address, { signal: this.#asked.signal });
      if (!answer.ok) throw new Error(answer.status);
      found = await answer.json();
    } catch (error) {
      // Without an answer the page itself asks.
      if (error.name !== "AbortError") this.form.submit();
      return;
    }
    this.#unmark();
    document.querySelector(".here")?.remove();
    this.#places = found.places;
    this.#marks = this.#places.map(([first, last]) => this.#mark(first, last));
    this.#at = -1;
    this.address.search(q);
    this.#remark(found.remarks);
    this.#say();
    if (go && this.#marks.length > 0) this.#step(1, false);
  }

  // How the query was read, where it was not read as typed.
  #remark(remarks) {
    const box = document.createElement("section");
    box.className = "here";
    for (const remark of remarks) {
      const line = document.createElement("p");
      line.className = "understood";
      line.textContent = remark;
      box.append(line);
    }
    if (remarks.length > 0) this.text.root.before(box);
  }

  // Marks the words from one to another; they may stand in several sentences.
  #mark(first, last) {
    const marks = [];
    for (let word = first; word <= last; word += 1) {
      const span = this.text.word(word);
      if (!span) continue;
      span.classList.add("found");
      marks.push(span);
    }
    return marks;
  }

  #unmark() {
    for (const span of this.text.root.querySelectorAll(".found, .target")) {
      span.classList.remove("found", "target");
      span.removeAttribute("aria-current");
    }
  }

  // Words beside each other are one place.
  #collect() {
    for (const mark of this.text.root.querySelectorAll("mark.found, mark.target")) {
      const last = this.#marks.at(-1)?.at(-1);
      const beside = last && last.nextSibling === mark.previousSibling && last.nextSibling?.data === " ";
      if (beside) this.#marks.at(-1).push(mark);
      else this.#marks.push([mark]);
    }
  }

  #step(by, play = this.clock?.running ?? false) {
    if (this.#marks.length === 0) return;
    const from = this.#at < 0 ? this.#near(by) : this.#at + by;
    this.#at = (from + this.#marks.length) % this.#marks.length;
    for (const span of this.text.root.querySelectorAll("[aria-current].found, [aria-current].target")) {
      span.removeAttribute("aria-current");
    }
    const [span] = this.#marks[this.#at];
    if (!span) return;
    span.setAttribute("aria-current", "true");
    this.reader.show(span);
    this.#say();
    const ms = this.text.timeOf(span);
    if (play && ms !== null) this.clock.play(Math.max(0, ms - 1500));
  }

  // The hit to begin with: the first from where the reader is.
  #near(by) {
    if (!this.clock?.started) return by > 0 ? 0 : -1;
    const now = this.clock.now() - 1500;
    const next = this.#marks.findIndex(([span]) => span && (this.text.timeOf(span) ?? 0) >= now);
    if (by < 0) return (next < 0 ? this.#marks.length : next) - 1;
    return Math.max(next, 0);
  }

  #say() {
    this.steps.hidden = false;
    const all = String(this.#marks.length);
    const { none, of, count } = this.steps.dataset;
    if (this.#marks.length === 0) this.status.textContent = none;
    else if (this.#at < 0) this.status.textContent = count.replace("{m}", all);
    else this.status.textContent = of.replace("{n}", String(this.#at + 1)).replace("{m}", all);
    for (const id of ["voriger", "naechster"]) document.getElementById(id).hidden = this.#marks.length === 0;
  }

  #end() {
    this.#unmark();
    this.#marks = [];
    this.#at = -1;
    this.field.value = "";
    this.steps.hidden = true;
    document.querySelector(".here")?.remove();
    this.address.search("");
    this.field.focus({ preventScroll: true });
  }
}
