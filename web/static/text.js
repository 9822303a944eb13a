// The transcript in the page: which word stands where, and when it is spoken. Owns the reading of
// data-t ("start distance distance …", milliseconds) and data-w (number of the first word), and the
// spans around single words, which are made only for the sentence that needs them: an eight-hour
// meeting has 80,000 words.

export class Text {
  #starts = [];
  #firsts = [];
  #times = new Map();
  #words = new Map();

  constructor(root) {
    this.root = root;
    this.utterances = [...root.querySelectorAll(".u")];
    this.#starts = this.utterances.map((u) => Number.parseInt(u.dataset.t ?? "0", 10));
    this.#firsts = this.utterances.map((u) => Number(u.dataset.w));
  }

  // Index of the utterance spoken at ms: the last that has begun; -1 before the first.
  at(ms) {
    return last(this.#starts, ms);
  }

  start(index) {
    return this.#starts[index];
  }

  // Start of every word of an utterance; nothing where no times are known.
  times(utterance) {
    let times = this.#times.get(utterance);
    if (!times) {
      let sum = 0;
      const distances = utterance.dataset.t?.split(" ") ?? [];
      times = distances.map((distance) => (sum += Number(distance)));
      this.#times.set(utterance, times);
    }
    return times;
  }

  // The word of an utterance spoken at ms.
  wordAt(utterance, ms) {
    return Math.max(last(this.times(utterance), ms), 0);
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

  // The span of the word with this number in the meeting.
  word(number) {
    const utterance = this.utterances[last(this.#firsts, number)];
    return utterance ? this.words(utterance)[number - Number(utterance.dataset.w)] : undefined;
  }

  // When the word with this number is spoken; null where nobody knows, or there is none.
  startOf(number) {
    const utterance = this.utterances[last(this.#firsts, number)];
    return utterance ? this.times(utterance)[number - Number(utterance.dataset.w)] ?? null : null;
  }

  // The number in the meeting of the word that a node lies in.
  numberOf(node) {
    const utterance = node.closest(".u");
    const place = utterance ? this.words(utterance).indexOf(node.closest("[data-word]")) : -1;
    return place < 0 ? null : Number(utterance.dataset.w) + place;
  }

  // When the word of this span is spoken; null where nobody knows.
  timeOf(span) {
    const utterance = span.closest(".u");
    return this.times(utterance)[this.words(utterance).indexOf(span)] ?? null;
  }

  // Which word of the utterance a click hit; its first if it hit none.
  clicked(utterance, target) {
    const hit = this.words(utterance).indexOf(target.closest("[data-word]"));
    return Math.max(hit, 0);
  }
}

// Place of the last of these numbers, which ascend, that is not above n; -1 if all are.
function last(numbers, n) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= n) low = middle + 1; else high = middle;
  }
  return low - 1;
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
