// Uploads that go on after any interruption, by the tus protocol 1.0. Written here because what is needed of it
// is small: begin, ask where it stands, send the next part; a library brings its own queues, retries and storage,
// five times as much as this, and none speaks of a session that ended or a disk that is full.

const VERSION = { "Tus-Resumable": "1.0.0" };
const LEAST = 64 * 1024;
const MOST = 8 * 1024 * 1024;
// A part should take so long, in seconds: short enough to lose, long enough to be worth its overhead.
const AIM = [1.5, 6];
const LONGEST_WAIT = 60;
// A proxy that swallows a request must not hold an upload for ever.
const PATIENCE = 120_000;

// An answer that no repetition makes better.
class Refusal extends Error {}

class Upload {
  #token;
  #running = null;
  #size = 1024 * 1024;
  #speed = 0;
  #offset = 0;

  constructor(file, root, say) {
    Object.assign(this, { file, say, page: root.dataset.page, base: root.dataset.address });
    this.#token = root.dataset.token;
    // Whoever picks the same file again, days later, goes on with it.
    this.key = `mitschnitt.upload ${file.name} ${file.size} ${file.lastModified}`;
  }

  get running() {
    return this.#running !== null;
  }

  pause() {
    this.#running?.abort();
    this.#running = null;
  }

  // Sends what is missing; gives the address of the recording's page, or nothing where it was halted.
  async run() {
    const halt = new AbortController();
    this.#running = halt;
    let failures = 0;
    try {
      for (;;) {
        try {
          const address = await this.#begun(halt.signal);
          while (this.#offset < this.file.size) {
            await this.#part(address, halt.signal);
            failures = 0;
            this.say.progress(this.#offset, this.file.size, this.#speed);
          }
          this.#remember(null);
          return `${this.page}/${address.split("/").pop()}`;
        } catch (error) {
          if (halt.signal.aborted) return null;
          if (error instanceof Refusal) throw error;
          failures += 1;
          this.#size = Math.max(this.#size / 2, LEAST);
          const seconds = Math.min(2 ** (failures - 1), LONGEST_WAIT) * (0.75 + Math.random() / 2);
          this.say.waiting(error.message, seconds);
          await pause(seconds, halt.signal);
        }
      }
    } finally {
      if (this.#running === halt) this.#running = null;
    }
  }

  // Where the upload stands; one that is new is begun.
  async #begun(signal) {
    const known = this.#remembered();
    if (known) {
      const answer = await this.#ask(known, { method: "HEAD" }, signal);
      if (answer.ok) {
        this.#offset = Number(answer.headers.get("Upload-Offset"));
        if (Number(answer.headers.get("Upload-Length")) === this.file.size) return known;
      } else if (answer.status !== 404 && answer.status !== 410) {
        throw await this.#trouble(answer);
      }
      this.#remember(null);
    }
    const headers = {
      "Upload-Length": String(this.file.size),
      "Upload-Metadata": `filename ${base64(new TextEncoder().encode(this.file.name))}`,
    };
    const answer = await this.#ask(this.base, { method: "POST", headers }, signal);
    if (answer.status !== 201) throw await this.#trouble(answer);
    const address = new URL(answer.headers.get("Location"), location.href).pathname;
    this.#offset = 0;
    this.#remember(address);
    return address;
  }

  async #part(address, signal) {
    const end = Math.min(this.#offset + Math.floor(this.#size), this.file.size);
    const bytes = await this.file.slice(this.#offset, end).arrayBuffer();
    const headers = {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(this.#offset),
    };
    // Only over TLS, and on this very machine, do browsers compute hashes.
    if (globalThis.crypto?.subtle) {
      const hash = await crypto.subtle.digest("SHA-256", bytes);
      headers["Upload-Checksum"] = `sha256 ${base64(new Uint8Array(hash))}`;
    }
    const began = performance.now();
    const answer = await this.#ask(address, { method: "PATCH", headers, body: bytes }, signal);
    if (answer.status !== 204) throw await this.#trouble(answer);
    const seconds = (performance.now() - began) / 1000;
    this.#offset = Number(answer.headers.get("Upload-Offset"));
    const speed = bytes.byteLength / Math.max(seconds, 0.001);
    this.#speed = this.#speed ? this.#speed * 0.8 + speed * 0.2 : speed;
    if (seconds < AIM[0]) this.#size = Math.min(this.#size * 2, MOST);
    if (seconds > AIM[1]) this.#size = Math.max(this.#size / 2, LEAST);
  }

  async #ask(address, request, signal) {
    const headers = { ...VERSION, "X-Formular": this.#token, ...request.headers };
    const signals = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    return fetch(address, { ...request, headers, signal: signals, redirect: "error" });
  }

  // What an answer means: something to be tried again, or a refusal.
  async #trouble(answer) {
    const kind = answer.headers.get("Content-Type") ?? "";
    const text = kind.startsWith("text/plain") ? await answer.text() : "";
    switch (answer.status) {
      case 401:
      case 403:
        // Somebody may have signed in again meanwhile, in another window.
        return (await this.#renewed()) ? new Error(this.say.words.lost) : new Error(this.say.words.signedOut);
      case 413:
        // A server in front of this one may take less at once; it is tried with less.
        return this.#size > LEAST ? new Error(this.say.words.lost) : new Refusal(text || this.say.words.refused);
      case 404:
      case 409:
      case 410:
      case 423:
      case 460:
        return new Error(this.say.words.lost);
      case 507:
        // Once there is room, it goes on by itself.
        return new Error(text || this.say.words.full);
      default:
        if (answer.status >= 500 || answer.status === 408 || answer.status === 429) return new Error(this.say.words.lost);
        return new Refusal(text || `${this.say.words.refused} (${answer.status})`);
    }
  }

  // Takes the token of the present sign-in from the page; whether there is one.
  async #renewed() {
    const answer = await fetch(this.page, { cache: "no-store" }).catch(() => null);
    const token = answer?.ok && !answer.redirected && /data-token="([0-9a-f]{32})"/.exec(await answer.text());
    if (token) this.#token = token[1];
    return Boolean(token);
  }

  #remembered() {
    try {
      return localStorage.getItem(this.key);
    } catch {
      // A browser that remembers nothing: it goes on only as long as the page is open.
      return this.address ?? null;
    }
  }

  #remember(address) {
    this.address = address;
    try {
      if (address) localStorage.setItem(this.key, address);
      else localStorage.removeItem(this.key);
    } catch {
      // As above.
    }
  }
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

// Waits, but not once the network is back or somebody halts.
function pause(seconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const now = () => {
      clearTimeout(timer);
      resolve();
    };
    addEventListener("online", now, { once: true });
    signal.addEventListener("abort", now, { once: true });
  });
}

function size(bytes) {
  const [unit, name] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : [1e3, "kB"];
  return `${(bytes / unit).toLocaleString("de", { maximumFractionDigits: unit === 1e3 ? 0 : 1 })} ${name}`;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function start(root) {
  const [input, button, gauge, state, fault] = ["input", ".go", ".gauge", ".state", ".fault"].map((s) => root.querySelector(s));
  const bar = gauge.querySelector("progress");
  const words = root.dataset;
  let upload = null;
  let spoken = 0;
  root.hidden = false;

  const say = {
    words,
    progress(done, all, speed) {
      bar.value = Math.floor((done / all) * 1000);
      fault.hidden = true;
      // Whoever listens to the page is not told every second.
      if (Date.now() - spoken < 5000 && done < all) return;
      spoken = Date.now();
      const percent = Math.floor((done / all) * 100);
      const left = speed > 0 ? `, ${words.left} ${duration((all - done) / speed)}` : "";
      state.textContent = `${percent} % (${size(done)} / ${size(all)})${left}`;
    },
    waiting(why, seconds) {
      state.textContent = `${why} ${words.again} ${duration(seconds)}.`;
      spoken = 0;
    },
  };

  function show() {
    button.textContent = upload?.running ? words.pause : upload ? words.resume : words.start;
    input.disabled = Boolean(upload?.running);
  }

  input.addEventListener("change", () => {
    upload = null;
    button.disabled = input.files.length === 0;
    fault.hidden = gauge.hidden = true;
    state.textContent = "";
    show();
  });
  button.addEventListener("click", async () => {
    if (upload?.running) {
      upload.pause();
      state.textContent = words.halted;
      return show();
    }
    upload ??= new Upload(input.files[0], root, say);
    gauge.hidden = false;
    fault.hidden = true;
    state.textContent = words.going;
    spoken = 0;
    const done = upload.run();
    show();
    try {
      const page = await done;
      if (page) location.assign(page);
    } catch (error) {
      state.textContent = "";
      fault.textContent = error.message;
      fault.hidden = false;
    }
    show();
  });
  addEventListener("beforeunload", (event) => {
    if (upload?.running) event.preventDefault();
  });
}

const root = document.getElementById("upload");
if (root) start(root);
