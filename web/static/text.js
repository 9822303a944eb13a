// The transcript in the page: which word stands where, and when it is spoken. Owns the reading of
// data-t ("start distance distance …", milliseconds) and the spans around single words, which are
// made only for the utterance that needs them: an eight-hour meeting has 80,000 words.

export class Text {
  #starts = [];
  #times = new Map();
  #words = new Map();

  constructor(root) {
    this.root = root;
    this.utterances = [...root.querySelectorAll(".u")];
    this.#starts = this.utterances.map((u) => Number.parseInt(u.dataset.t, 10));
  }

  // Index of the utterance spoken at ms: the last that has begun; -1 before the first.
  at(ms) {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= ms) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  start(index) {
    return this.#starts[index];
  }

  // Start of every word of an utterance.
  times(utterance) {
    let times = this.#times.get(utterance);
    if (!times) {
      let sum = 0;
      times = utterance.dataset.t.split(" ").map((distance) => (sum += Number(distance)));
      this.#times.set(utterance, times);
    }
    return times;
  }

  // The word of an utterance spoken at ms.
  wordAt(utterance, ms) {
    const times = this.times(utterance);
    let word = 0;
    while (word + 1 < times.length && times[word + 1] <= ms) word += 1;
    return word;
  }

  // The spans of an utterance's words; made on first use. Words hold no spaces (the server sees
  // to that), so every space is a border.
  words(utterance) {
    let words = this.#words.get(utterance);
    if (!words) {
      for (const node of [...utterance.childNodes]) {
        const marked = node.nodeType === Node.ELEMENT_NODE;
        if (marked) node.dataset.word = "";
        else node.replaceWith(...cut(node.data));
      }
      words = [...utterance.querySelectorAll("[data-word]")];
      this.#words.set(utterance, words);
    }
    return words;
  }

  // Which word of the utterance a click hit; its first if it hit none.
  clicked(utterance, target) {
    const hit = this.words(utterance).indexOf(target.closest("[data-word]"));
    return Math.max(hit, 0);
  }
}

function cut(text) {
  return text.split(/( )/).filter((piece) => piece !== "").map((piece) => {
    if (piece === " ") return document.createTextNode(" ");
    const span = document.createElement("span");
    span.dataset.word = "";
    span.textContent = piece;
    return span;
  });
}
