// The address of the page follows the reader: the time that plays, the search within. Whoever copies
// it, reloads or switches the language comes back to the same place.

const KEPT = ["q"];

export class Address {
  #last = location.search;

  constructor(clock) {
    this.clock = clock;
  }

  start() {
    const button = document.getElementById("link-hier");
    if (this.clock && button) {
      button.hidden = false;
      button.addEventListener("click", () => this.#copy(button));
    }
    if (!this.clock) return;
    let written = 0;
    this.clock.onTime(() => {
      // Browsers allow only so many changes a minute.
      const now = performance.now();
      if (!this.clock.started || (this.clock.running && now - written < 5000)) return;
      written = now;
      this.follow();
    });
  }

  // Address of this page at a time, and the search in it.
  at(ms) {
    const address = new URL(location.pathname, location.href);
    const asked = new URLSearchParams(location.search);
    for (const name of KEPT) if (asked.get(name)) address.searchParams.set(name, asked.get(name));
    if (ms !== null) address.searchParams.set("t", String(Math.round(ms / 100) / 10));
    return address;
  }

  // Writes the time that plays into the address.
  follow() {
    this.#write(this.at(this.clock.now()));
  }

  // Writes what is searched for into the address; the time stays.
  search(q) {
    const address = new URL(location.href);
    address.searchParams.delete("w");
    if (q) address.searchParams.set("q", q);
    else address.searchParams.delete("q");
    address.hash = "";
    this.#write(address);
  }

  #write(address) {
    if (address.search === this.#last) return;
    this.#last = address.search;
    history.replaceState(null, "", `${address.pathname}${address.search}${address.hash}`);
    const other = document.querySelector("a[hreflang]");
    if (!other) return;
    const there = new URL(other.href);
    const lang = there.searchParams.get("lang");
    there.search = address.search;
    there.searchParams.set("lang", lang);
    other.href = there.href;
  }

  async #copy(button) {
    const address = this.at(this.clock.started ? this.clock.now() : startOf(location.search));
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(address.href);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = said; }, 2500);
    } catch {
      // Where the clipboard is closed, the address bar has it.
      this.#write(address);
    }
  }
}

function startOf(search) {
  const t = Number.parseFloat(new URLSearchParams(search).get("t"));
  return Number.isNaN(t) ? null : t * 1000;
}
