// Suggestions while a query is typed: a combobox with a list of its own (WAI-ARIA, "Editable Combobox
// With List Autocomplete"). Without this script the field is a plain one. The key / leads to it.

import { leadTo } from "./keys.js";

const PAUSE_MS = 120;
const field = document.querySelector("#q");

class Suggestions {
  #timer;
  #asked;
  #options = [];
  #active = -1;

  constructor(field) {
    this.field = field;
    this.list = document.createElement("ul");
  }

  start() {
    const { field, list } = this;
    list.id = "vorschlaege";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.labels[0]?.textContent ?? "");
    field.closest("form").append(list);
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
    for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);
    field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
    });
    field.addEventListener("keydown", (event) => this.#key(event));
    field.addEventListener("blur", () => this.#close());
    // Before the field loses the focus, which would close the list.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#take(option);
    });
    leadTo(field);
  }

  async #ask() {
    const typed = this.field.value.trim();
    this.#asked?.abort();
    if (typed.length < 2) return this.#close();
    this.#asked = new AbortController();
    try {
      const address = `/api/v1/suggest?q=${encodeURIComponent(typed)}`;
      const answer = await fetch(address, { signal: this.#asked.signal });
      if (!answer.ok) return;
      this.#show((await answer.json()).completions);
    } catch (error) {
      // A newer beginning was typed, or the network is gone: there is just no list.
      if (error.name !== "AbortError") this.#close();
    }
  }

  #show(completions) {
    this.#options = completions.map(({ text, query }, n) => {
      const option = document.createElement("li");
      option.id = `vorschlag-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.query = query;
      option.textContent = text;
      return option;
    });
    this.list.replaceChildren(...this.#options);
    this.#active = -1;
    const open = this.#options.length > 0 && document.activeElement === this.field;
    this.list.hidden = !open;
    this.field.setAttribute("aria-expanded", String(open));
    this.field.removeAttribute("aria-activedescendant");
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#show([]);
  }

  #key(event) {
    const last = this.#options.length - 1;
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.#close();
    } else if (event.key === "ArrowDown" && last >= 0) {
      event.preventDefault();
      this.#activate(this.#active === last ? -1 : this.#active + 1);
    } else if (event.key === "ArrowUp" && last >= 0) {
      event.preventDefault();
      this.#activate(this.#active === -1 ? last : this.#active - 1);
    } else if (event.key === "Enter" && this.#active >= 0) {
      event.preventDefault();
      this.#take(this.#options[this.#active]);
    }
  }

  #activate(n) {
    this.#active = n;
    for (const [k, option] of this.#options.entries()) option.setAttribute("aria-selected", String(k === n));
    if (n < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", this.#options[n].id);
  }

  #take(option) {
    this.field.value = option.dataset.query;
    this.#close();
    this.field.form.requestSubmit();
  }
}

if (field) new Suggestions(field).start();
