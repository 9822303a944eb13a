// Which key does what in the editor. Every one can be changed, also to what a foot pedal sends; the choice stays in
// this browser.

const NAME = "mitschnitt.editor.tasten";
const ACTS = [
  ["ton", "Ton an und aus (vom Cursor; an derselben Stelle weiter, zwei Sekunden früher)", "F4"],
  ["zurueckspulen", "Zwei Sekunden zurück", "F3"],
  ["zweifel", "Nächste zweifelhafte Stelle", "F8"],
  ["stimmt", "Stimmt so: die gewählten Wörter, sonst der Absatz", "F9"],
  ["zurueck", "Rückgängig", "Alt+z"],
  ["ueberall", "Angebot annehmen: überall ändern", "Alt+u"],
  ["teilen", "Absatz am Cursor teilen", "Ctrl+Enter"],
  ["verbinden", "Mit dem Absatz davor verbinden", "Ctrl+Backspace"],
  ["vor", "Bis zum Cursor spricht, wer vorher sprach", "Alt+ArrowUp"],
  ["nach", "Ab dem Cursor spricht, wer danach spricht", "Alt+ArrowDown"],
];
const FIXED = [["Sprecher 1 bis 9 und 0 (Sitzungsleitung) ab hier; mit Umschalt nur dieser Absatz", "Strg+Ziffer oder Alt+Ziffer"]];
const GERMAN = { Ctrl: "Strg", Shift: "Umschalt", Enter: "Eingabe", Backspace: "Rücktaste", ArrowUp: "Pfeil hoch", ArrowDown: "Pfeil runter" };

const shown = (key) => key.split("+").map((part) => GERMAN[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join("+");

function pressed(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.shiftKey && event.key.length > 1 && "Shift", key].filter(Boolean).join("+");
}

export class Keys {
  // The act that the next key will belong to.
  #learning = null;

  constructor(rows) {
    this.rows = rows;
    this.keys = Object.fromEntries(ACTS.map(([act, , key]) => [act, key]));
    try {
      const own = JSON.parse(localStorage.getItem(NAME) ?? "{}");
      for (const act of Object.keys(this.keys)) if (typeof own[act] === "string") this.keys[act] = own[act];
    } catch {
      // A browser that keeps nothing has the usual keys.
    }
    addEventListener("keydown", (event) => this.#learn(event), { capture: true });
    this.#show();
  }

  get isLearning() {
    return this.#learning !== null;
  }

  // The act of a pressed key, if it has one.
  of(event) {
    const key = pressed(event);
    return Object.keys(this.keys).find((act) => this.keys[act] === key);
  }

  reset() {
    for (const [act, , key] of ACTS) this.keys[act] = key;
    this.#keep();
  }

  #learn(event) {
    if (!this.#learning || ["Control", "Alt", "Shift", "Meta", "Tab"].includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const act = this.#learning;
    this.#learning = null;
    if (event.key !== "Escape") {
      const key = pressed(event);
      // A key does one thing.
      for (const other of Object.keys(this.keys)) if (this.keys[other] === key) this.keys[other] = "";
      this.keys[act] = key;
    }
    this.#keep();
    this.rows.querySelector(`button[data-taste="${act}"]`)?.focus();
  }

  #keep() {
    try {
      localStorage.setItem(NAME, JSON.stringify(this.keys));
    } catch {
      // They hold for this page.
    }
    this.#show();
  }

  #show() {
    const row = (what, key, button) => {
      const line = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = what;
      const own = document.createElement("td");
      own.textContent = key ? shown(key) : "keine";
      const change = document.createElement("td");
      if (button) change.append(button);
      line.append(head, own, change);
      return line;
    };
    const button = (act, what) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "second small";
      made.dataset.taste = act;
      made.textContent = "Andere Taste";
      const hidden = document.createElement("span");
      hidden.className = "hidden";
      hidden.textContent = `: ${what}`;
      made.append(hidden);
      made.addEventListener("click", () => {
        this.#learning = act;
        made.textContent = "Taste drücken …";
      });
      return made;
    };
    this.rows.replaceChildren(
      ...ACTS.map(([act, what]) => row(what, this.keys[act], button(act, what))),
      ...FIXED.map(([what, key]) => row(what, key, null)),
    );
  }
}
