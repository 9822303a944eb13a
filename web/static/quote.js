// Quoting: words that are selected in the text are offered as a quote, with who said it, where and when,
// and an address that finds them again.

export class Quote {
  #words = null;

  constructor(text) {
    this.text = text;
  }

  start() {
    const { root } = this.text;
    const button = document.getElementById("zitieren");
    if (!button) return;
    this.button = button;
    this.embed = document.getElementById("einbetten");
    this.clip = document.getElementById("ausschnitt");
    this.report = document.getElementById("melden");
    this.embed?.addEventListener("click", () => this.#embed());
    document.addEventListener("selectionchange", () => this.#look(root));
    // By keyboard one is on a sentence; what can be done with it stands before the text.
    root.addEventListener("focusin", ({ target }) => {
      const from = Number(target.dataset.w);
      if (target.matches(".u:focus-visible")) this.#offerReport([from, from + spaces(target.textContent)]);
    });
    button.addEventListener("click", () => this.#take());
  }

  // Whole words from the first to the last that the selection touches.
  #look(root) {
    const selection = getSelection();
    const range = selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const inside = range && root.contains(range.commonAncestorContainer);
    this.#words = inside ? this.#numbers(range) : null;
    this.button.hidden = this.#words === null;
    const stretch = this.#words && this.#stretch();
    for (const other of [this.embed, this.clip]) if (other) other.hidden = !stretch;
    if (this.#words || !document.activeElement?.matches(".u, #melden")) this.#offerReport(this.#words);
    if (this.clip && stretch) this.clip.href = `${location.pathname}/ausschnitt?t=${stretch}`;
  }

  // From the first word to the one behind the last, in seconds.
  #stretch() {
    const [first, last] = this.#words.map((n) => this.text.startOf(n));
    if (first === null || last === null) return null;
    const end = this.text.startOf(this.#words[1] + 1);
    // Behind the last word there may be a long pause.
    const until = end === null ? last + 1500 : Math.min(Math.max(end, last), last + 1500);
    return `${first / 1000},${until / 1000}`;
  }

  #offerReport(words) {
    if (!this.report) return;
    this.report.hidden = !words;
    if (words) this.report.href = `${location.pathname}/fehler?w=${words.join("-")}`;
  }

  async #embed() {
    const { address, title, done } = this.embed.dataset;
    const frame = document.createElement("iframe");
    const attributes = { src: `${address}?t=${this.#stretch()}`, title, width: "640", height: "420", loading: "lazy", allowfullscreen: "" };
    for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
    await this.#copy(frame.outerHTML, this.embed, done);
  }

  async #copy(text, button, done) {
    const said = button.textContent;
    await navigator.clipboard.writeText(text);
    button.textContent = done;
    setTimeout(() => { button.textContent = said; }, 2500);
  }

  // Counts spaces instead of making spans: nothing may change under a selection.
  #numbers(range) {
    const utterances = this.text.utterances.filter((u) => range.intersectsNode(u));
    if (utterances.length === 0) return null;
    const [first, last] = [utterances[0], utterances.at(-1)];
    const before = first.contains(range.startContainer) ? upTo(first, range.startContainer, range.startOffset) : "";
    const until = last.contains(range.endContainer)
      ? upTo(last, range.endContainer, range.endOffset) : last.textContent;
    const from = Number(first.dataset.w) + spaces(before);
    const to = Number(last.dataset.w) + spaces(until.trimEnd());
    return from <= to ? [from, to] : null;
  }

  async #take() {
    if (!this.#words) return;
    const [first, last] = this.#words;
    const address = `${location.pathname}/zitat?w=${first}-${last}`;
    try {
      const answer = await fetch(`${address}&format=json`, { headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { citation } = await answer.json();
      await this.#copy(citation, this.button, this.button.dataset.done);
    } catch {
      // The page of the quote says what is wrong, and has it to copy by hand.
      location.assign(address);
    }
  }
}

// The text of an utterance before a point in it.
function upTo(utterance, node, offset) {
  const range = document.createRange();
  range.setStart(utterance, 0);
  range.setEnd(node, offset);
  return range.toString();
}

function spaces(text) {
  return text.split(" ").length - 1;
}
