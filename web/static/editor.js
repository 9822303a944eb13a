// The editor of a meeting's text: one paragraph at a time, with its sound. What is typed is kept in this browser
// until the desk has answered that it is saved; nothing is written over what somebody else wrote.

import { Keys } from "./editor_keys.js";
import { Sound } from "./editor_sound.js";

const editor = document.getElementById("editor");
const text = document.getElementById("text");
const state = document.getElementById("stand");
const offer = document.getElementById("angebot");
const sound = new Sound(document.getElementById("ton"), editor.dataset.basis);
// So long after the last key a paragraph is saved, and so long after a failure it is tried again.
const PAUSE = 1200;
const AGAIN = 4000;

let current = null; // the paragraph that the keys mean
let open = null; // what is being typed: {para, box, field, was, timer, busy}
const done = []; // what can be taken back: {nummern} or {festlegung}

function say(what, wrong = false) {
  if (state.textContent !== what) state.textContent = what;
  state.classList.toggle("wrong", wrong);
}

const words = (para) => para.querySelector(".said").textContent.trim().split(/\s+/).filter(Boolean);
const said = (para) => words(para).join(" ");
const paragraphs = () => [...text.querySelectorAll(".para")];

function starts(para) {
  let at = 0;
  return para.dataset.zeiten.split(" ").map((step) => { at += Number(step); return at; });
}

// A request of this page. Gives the answer and what it says, or throws where nobody answers.
async function ask(path, fields) {
  const answer = await fetch(`${editor.dataset.basis}/${path}`, {
    method: "POST",
    headers: { "x-formular": editor.dataset.formular },
    body: new URLSearchParams(fields),
  });
  const is_json = answer.headers.get("content-type")?.startsWith("application/json");
  return { status: answer.status, ok: answer.ok, said: is_json ? await answer.json() : {} };
}

const named = (para, war) => ({ teil: para.dataset.teil, ab: para.dataset.ab, bis: para.dataset.bis, war });

// What is typed and not yet saved stays in this browser, under the paragraph's place.
const DRAFTS = `mitschnitt.entwurf.${editor.dataset.basis}`;
const draftName = (para) => `${DRAFTS}.${para.dataset.teil}.${para.dataset.ab}`;

function keepDraft(edit) {
  try {
    localStorage.setItem(draftName(edit.para), JSON.stringify({ was: edit.was, text: edit.field.value }));
  } catch {
    // A browser that keeps nothing: the page asks before it is left.
  }
}

function dropDraft(para) {
  try {
    localStorage.removeItem(draftName(para));
  } catch {
    // As above.
  }
}

function draftOf(para) {
  try {
    return JSON.parse(localStorage.getItem(draftName(para)) ?? "null");
  } catch {
    return null;
  }
}

// --- Choosing a paragraph ---------------------------------------------------------------------------------

function choose(para, focus = true) {
  if (!para) return;
  if (current && current !== para) current.tabIndex = -1;
  current = para;
  para.tabIndex = 0;
  if (focus) {
    para.focus({ preventScroll: true });
    para.scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  const all = paragraphs();
  const here = all.indexOf(current);
  choose(all[Math.min(Math.max(here + by, 0), all.length - 1)]);
}

// --- Typing -----------------------------------------------------------------------------------------------

async function edit(para, selection = null) {
  if (open && open.para !== para) {
    await close();
    // What could not be saved stays open.
    if (open) {
      open.field.focus();
      return;
    }
  }
  if (open?.para === para) {
    if (selection) open.field.setSelectionRange(...selection);
    open.field.focus();
    return;
  }
  choose(para, false);
  const box = document.createElement("div");
  box.className = "mine";
  const field = document.createElement("textarea");
  field.setAttribute("aria-label", `Absatz ab ${para.querySelector(".clock").textContent}`);
  field.spellcheck = true;
  field.lang = "de";
  const was = said(para);
  const draft = draftOf(para);
  field.value = draft ? draft.text : was;
  box.append(field);
  para.hidden = true;
  para.after(box);
  open = { para, box, field, was, timer: 0, saving: null, then_shut: false, in_conflict: false };
  const mine = open;
  field.addEventListener("input", () => {
    keepDraft(mine);
    if (mine.in_conflict) {
      mine.own.textContent = field.value;
      return;
    }
    say("Noch nicht gespeichert");
    clearTimeout(mine.timer);
    mine.timer = setTimeout(() => save(mine), PAUSE);
  });
  // Clicking elsewhere loses nothing.
  field.addEventListener("blur", (event) => {
    if (open === mine && document.hasFocus() && !box.contains(event.relatedTarget)) close();
  });
  field.focus();
  field.setSelectionRange(...(selection ?? [0, 0]));
  if (draft && draft.was !== was && draft.text !== was) conflict(mine, was);
  else if (field.value !== was) save(mine);
}

// Saves and closes. The paragraph stays open where it could not be saved.
async function close() {
  const mine = open;
  if (!mine) return;
  clearTimeout(mine.timer);
  if (changed(mine) || mine.saving) await save(mine, true);
  else shut(mine);
}

function shut(mine) {
  clearTimeout(mine.timer);
  mine.para.hidden = false;
  // Taking the field away takes the cursor from it; that closes nothing more.
  if (open === mine) open = null;
  mine.box.remove();
}

const changed = (mine) => mine.field.value.split(/\s+/).filter(Boolean).join(" ") !== mine.was;

// One save at a time; whoever asks for another waits for it.
function save(mine, then_shut = false) {
  clearTimeout(mine.timer);
  // What two have written waits for a decision.
  if (mine.in_conflict) return Promise.resolve();
  mine.then_shut ||= then_shut;
  mine.saving ??= saveNow(mine).finally(() => { mine.saving = null; });
  return mine.saving;
}

async function saveNow(mine) {
  if (!changed(mine)) {
    if (mine.then_shut) shut(mine);
    return;
  }
  const sent = mine.field.value;
  say("Wird gespeichert …");
  let answer = null;
  try {
    answer = await ask("absatz", { ...named(mine.para, mine.was), text: sent });
  } catch {
    // Nobody answers: it stays typed, and is tried again.
  }
  if (answer?.ok) {
    const said = answer.said;
    if (said.nummern.length > 0) done.push({ nummern: said.nummern });
    const now = replaced(mine.para, said.absatz, mine.box);
    if (!now) {
      // Nothing of it is left.
      const all = paragraphs();
      const next = all.find((para) => Number(para.dataset.uhr) >= Number(mine.para.dataset.uhr)) ?? all.at(-1);
      const inside = mine.box.contains(document.activeElement);
      dropDraft(mine.para);
      mine.then_shut = true;
      shut(mine);
      current = null;
      choose(next, inside);
      say("Gespeichert: der Absatz ist gestrichen. Alt+Z holt ihn zurück.");
      count();
      return;
    }
    mine.para = now;
    mine.was = sent.split(/\s+/).filter(Boolean).join(" ");
    say("Gespeichert");
    if (said.gleich) everywhere(said.gleich);
    if (mine.field.value === sent) dropDraft(mine.para);
    else return saveNow(mine);
    if (mine.then_shut) shut(mine);
    count();
    return;
  }
  mine.then_shut = false;
  if (answer?.status === 409) {
    conflict(mine, answer.said.jetzt);
    return;
  }
  if (answer?.status === 410) {
    // It may not be seen any more, here neither.
    dropDraft(mine.para);
    shut(mine);
    await reload();
    say(answer.said.fehler, true);
    return;
  }
  const is_refused = answer?.status === 401 || answer?.status === 403;
  if (is_refused && await renewed()) {
    mine.timer = setTimeout(() => save(mine), 0);
    return;
  }
  if (answer && answer.status < 500 && answer.status !== 401) {
    say(answer.said.fehler ?? "Das lässt sich nicht speichern. Laden Sie die Seite neu; was Sie geschrieben haben, bleibt in diesem Browser.", true);
    return;
  }
  say(answer?.status === 401
    ? "Sie sind abgemeldet. Melden Sie sich in einem anderen Fenster an; gespeichert wird dann von selbst."
    : answer?.said.fehler ?? "Keine Verbindung. Was Sie geschrieben haben, bleibt hier und wird gespeichert, sobald sie wieder da ist.", true);
  mine.timer = setTimeout(() => save(mine), AGAIN);
}

// Whoever has signed in anew has another token; gives whether there is one.
async function renewed() {
  const page = await fetched();
  const token = page?.getElementById("editor")?.dataset.formular;
  if (!token || token === editor.dataset.formular) return false;
  editor.dataset.formular = token;
  return true;
}

// Puts a paragraph as the desk has it in the place of one of the page.
function replaced(para, told, box = null) {
  const now = told && told.worte.length > 0 ? built(told, para) : null;
  dropDraft(para);
  if (!now) {
    para.remove();
    return null;
  }
  now.hidden = box !== null;
  if (current === para) {
    current = now;
    now.tabIndex = 0;
  }
  para.replaceWith(now);
  return now;
}

// A paragraph as the desk tells of it, built like those of the page.
function built({ teil, ab, bis, uhr, zeiten, worte }, before) {
  const now = before.cloneNode(false);
  Object.assign(now.dataset, { teil, ab, bis: bis ?? "", uhr, zeiten });
  now.classList.remove("plays");
  const said = document.createElement("span");
  said.className = "said";
  worte.forEach((part, n) => {
    if (n > 0) said.append(" ");
    if (part.heard !== undefined) {
      said.append(part.heard);
      return;
    }
    const piece = document.createElement(part.doubtful ? "mark" : "span");
    if (part.doubtful) {
      const [[rank, label], words] = part.doubtful;
      piece.dataset.rang = rank;
      piece.title = label;
      piece.textContent = words;
    } else {
      piece.className = "mended";
      piece.textContent = part.corrected;
    }
    said.append(piece);
  });
  now.append(before.querySelector(".clock").cloneNode(true), " ", said);
  return now;
}

// Somebody else was here: both are shown, and a person decides.
function conflict(mine, other) {
  clearTimeout(mine.timer);
  mine.in_conflict = true;
  mine.box.querySelector(".sides")?.remove();
  say("Diesen Absatz hat inzwischen jemand anders geändert. Entscheiden Sie, was gilt.", true);
  const sides = document.createElement("div");
  sides.className = "sides";
  sides.setAttribute("role", "group");
  sides.setAttribute("aria-label", "Zwei Fassungen");
  const side = (title, value, label, act) => {
    const part = document.createElement("div");
    const head = document.createElement("p");
    head.textContent = title;
    const body = document.createElement("p");
    body.textContent = value;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = label;
    button.addEventListener("click", act);
    part.append(head, body, button);
    sides.append(part);
    return body;
  };
  // What is typed meanwhile counts.
  mine.own = side("Ihre Fassung", mine.field.value, "Meine gilt", () => {
    sides.remove();
    mine.in_conflict = false;
    mine.was = other.split(/\s+/).filter(Boolean).join(" ");
    keepDraft(mine);
    save(mine, true);
  });
  side("Jetzige Fassung", other, "Die jetzige gilt", () => {
    dropDraft(mine.para);
    shut(mine);
    reload();
  });
  mine.box.append(sides);
}

addEventListener("beforeunload", (event) => {
  if (open && changed(open)) event.preventDefault();
});
addEventListener("online", () => { if (open && changed(open)) save(open); });

// --- What is doubtful -------------------------------------------------------------------------------------

function doubts() {
  const all = [...text.querySelectorAll(".para:not([hidden]) mark, .para[hidden] mark")];
  return all.map((mark, place) => ({ mark, place, rank: Number(mark.dataset.rang) }))
    .sort((a, b) => a.rank - b.rank || a.place - b.place);
}

function count() {
  const all = doubts();
  const of = (from, to) => all.filter((doubt) => doubt.rank >= from && doubt.rank <= to).length;
  document.getElementById("zahl").textContent = all.length === 0
    ? "Keine zweifelhaften Stellen mehr."
    : `Zweifelhafte Stellen: ${all.length} (${of(0, 0) > 0 ? `Hinweise ${of(0, 0)}, ` : ""}Namen ${of(1, 1)}, Zahlen ${of(2, 2)}, Verneinungen ${of(3, 3)}, Anträge und Ergebnisse ${of(4, 4)}, sonst unsicher ${of(5, 6)})`;
}

let looked = null; // the doubtful place that was gone to last: {rank, ab, word}

// The next doubtful place: by what matters most, then in the order of the text.
async function nextDoubt() {
  if (open) await close();
  if (open) return;
  const all = doubts();
  if (all.length === 0) {
    say("Keine zweifelhafte Stelle mehr.");
    return;
  }
  const after = looked && all.find(({ mark, rank }) => {
    const para = mark.closest(".para");
    const at = Number(para.dataset.uhr);
    return rank > looked.rank || rank === looked.rank
      && (at > looked.at || at === looked.at && wordOf(para, mark) > looked.word);
  });
  const { mark, rank } = after || all[0];
  const para = mark.closest(".para");
  const word = wordOf(para, mark);
  looked = { rank, at: Number(para.dataset.uhr), word };
  const before = words(para).slice(0, word).join(" ");
  const from = before.length + (word > 0 ? 1 : 0);
  // What is typed takes the place of the words; the comma behind them stays.
  const length = mark.textContent.trim().split(/\s+/).join(" ").replace(/[.,;:!?…]+$/u, "").length;
  await edit(para, [from, from + length]);
  if (!open) return;
  open.box.scrollIntoView({ block: "center" });
  say(`${mark.title}: „${mark.textContent.trim()}“`);
  sound.playFrom(para, starts(para)[word] - 2000);
}

// Index of a mark's first word within its paragraph.
function wordOf(para, mark) {
  const range = document.createRange();
  range.setStart(para.querySelector(".said"), 0);
  range.setEndBefore(mark);
  return range.toString().trim().split(/\s+/).filter(Boolean).length;
}

// The selected words are right; with none selected, the whole paragraph.
async function accept() {
  const para = open?.para ?? current;
  if (!para) return;
  if (open && changed(open)) {
    await save(open);
    return nextDoubt();
  }
  const fields = named(para, said(para));
  if (open && looked && open.para === para && open.field.selectionStart !== open.field.selectionEnd) {
    const before = open.field.value.slice(0, open.field.selectionStart).split(/\s+/).filter(Boolean).length;
    const chosen = open.field.value.slice(open.field.selectionStart, open.field.selectionEnd);
    Object.assign(fields, { von: before, anzahl: chosen.split(/\s+/).filter(Boolean).length });
  }
  const mine = open;
  const now = await told("stimmt", fields, "Bestätigt");
  if (!now) return;
  if (now.nummern.length > 0) done.push({ nummern: now.nummern });
  const next = replaced(para, now.absatz, mine?.box ?? null);
  if (mine && next) mine.para = next;
  count();
  await nextDoubt();
}

// Asks for something and says what became of it.
async function told(path, fields, what) {
  let answer = null;
  try {
    answer = await ask(path, fields);
  } catch {
    // Said below.
  }
  if (!answer?.ok) {
    const why = answer?.status === 409 ? "Der Text hat sich inzwischen geändert. Er wird neu geladen." : "Keine Verbindung. Versuchen Sie es noch einmal.";
    say(answer?.said.fehler ?? why, true);
    if (answer?.status === 409) await reload();
    return null;
  }
  say(what);
  return answer.said;
}

// A name that was put right once may stand in other places, too, and be said again in the next meeting.
function everywhere({ war, ist, anzahl }) {
  offer.replaceChildren();
  const what = document.createElement("span");
  what.textContent = anzahl > 0 ? `„${war}“ steht noch an ${anzahl} ${anzahl === 1 ? "Stelle" : "Stellen"}.` : `„${ist}“ für künftige Sitzungen merken?`;
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "small";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };
  const label = anzahl > 0 ? `Überall „${ist}“, und merken (Alt+U)` : "Merken (Alt+U)";
  const all = button(label, () => mendEverywhere({ war, ist }));
  const no = button("Nein", () => { offer.hidden = true; });
  no.classList.add("second");
  offer.append(what, all, no);
  offer.hidden = false;
  offer.made = { war, ist };
}

async function mendEverywhere(pair) {
  const now = await told("ueberall", pair, "Überall geändert und im Wörterbuch");
  if (!now) return;
  offer.hidden = true;
  if (now.nummern.length === 0) return;
  done.push({ nummern: now.nummern });
  await reload();
}

// --- Speakers, items, paragraphs --------------------------------------------------------------------------

async function fix(fields, what) {
  const para = open?.para ?? current;
  if (!para) return;
  if (open && changed(open)) await save(open);
  if (open && (changed(open) || open.in_conflict)) return;
  const now = await told("festlegung", { ...named(para, said(para)), spricht: para.closest(".turn").dataset.spricht, ...fields }, what);
  if (!now) return;
  done.push({ festlegung: now.festlegung });
  await reload();
}

const speakers = document.getElementById("sprecher");
const speak = (wer, only) => fix({ art: only ? "absatz" : "folgende", wer }, only ? "Sprecher dieses Absatzes festgelegt" : "Sprecher ab hier festgelegt");

function bySpeakerKey(digit, only) {
  const option = digit === 0 ? speakers.options[1] : speakers.options[digit + 1];
  if (option?.value && option.value !== "unknown") speak(option.value, only);
}

speakers.addEventListener("change", () => {
  if (speakers.value) speak(speakers.value, false);
  speakers.value = "";
});
const items = document.getElementById("punkt");
items.addEventListener("change", () => {
  if (items.value !== "-") fix({ art: "punkt", wer: items.value }, "Tagesordnungspunkt ab hier festgelegt");
  items.value = "-";
});

// Start of the word at the cursor, or of the paragraph.
function cursorTime() {
  if (!open) return Number(current.dataset.ab);
  const before = open.field.value.slice(0, open.field.selectionStart);
  const word = before.split(/\s+/).filter(Boolean).length - (/\S$/.test(before) && /^\S/.test(open.field.value.slice(open.field.selectionStart)) ? 1 : 0);
  const times = starts(open.para);
  // Behind the last word the next paragraph begins; behind the last of all, nothing does.
  if (word >= times.length) return Number(open.para.dataset.bis || Number.MAX_SAFE_INTEGER);
  return times[Math.max(word, 0)];
}

async function sentence(art) {
  const para = open?.para ?? current;
  if (!para) return;
  if (open && changed(open)) await save(open);
  if (open && (changed(open) || open.in_conflict)) return;
  const wort = art === "teilen" ? cursorTime() : Number(para.dataset.ab);
  const now = await told("satz", { ...named(para, said(para)), wort, art }, art === "teilen" ? "Absatz geteilt" : "Absätze verbunden");
  if (!now) return;
  if (now.nummern.length > 0) done.push({ nummern: now.nummern });
  await reload();
}

async function border(art) {
  await fix({ art, wort: cursorTime() }, art === "vor" ? "Bis hier spricht, wer vorher sprach" : "Ab hier spricht, wer danach spricht");
}

async function undo() {
  if (open?.in_conflict) {
    open.field.focus();
    return;
  }
  if (open) clearTimeout(open.timer);
  if (open?.saving) await open.saving;
  if (open && changed(open)) {
    // What was typed and not yet saved goes first.
    open.field.value = open.was;
    dropDraft(open.para);
    say("Zurückgenommen");
    return;
  }
  const last = done.pop();
  if (!last) {
    say("Es gibt nichts mehr zurückzunehmen. Älteres zeigt der Verlauf.");
    return;
  }
  if (open) shut(open);
  const fields = last.festlegung ? { festlegung: last.festlegung } : { nummern: last.nummern.join(",") };
  if (await told("zurueck", fields, "Zurückgenommen")) await reload();
}

// The text as the desk has it now, at the same place.
async function reload() {
  const at = Number((open?.para ?? current)?.dataset.uhr ?? 0);
  const inside = open !== null || text.contains(document.activeElement) || document.activeElement === document.body;
  if (open) {
    if (changed(open) || open.in_conflict) return;
    shut(open);
  }
  const fresh = (await fetched())?.getElementById("text");
  if (open) return;
  if (!fresh) {
    say("Keine Verbindung. Laden Sie die Seite neu, sobald sie wieder da ist.", true);
    return;
  }
  text.replaceChildren(...fresh.childNodes);
  current = null;
  choose(at_time(at), inside);
  count();
}

// This page as the desk gives it now; nothing where nobody answers.
function fetched() {
  return new Promise((give) => {
    const request = new XMLHttpRequest();
    request.open("GET", location.pathname);
    request.responseType = "document";
    request.addEventListener("load", () => give(request.response));
    request.addEventListener("error", () => give(null));
    request.send();
  });
}

function at_time(ms) {
  return paragraphs().findLast((para) => Number(para.dataset.uhr) <= ms) ?? paragraphs()[0];
}

async function claim(button, free) {
  const punkt = button.closest("section").dataset.punkt;
  const para = button.closest("section").querySelector(".para");
  if (await told("abschnitt", free ? { punkt, frei: "ja" } : { punkt }, free ? "Freigegeben" : "Übernommen")) {
    if (para) choose(para, false);
    await reload();
  }
}

// --- Keys -------------------------------------------------------------------------------------------------

const back = () => { sound.skip(-2000); };
const acts = {
  ton: () => sound.toggle(open?.para ?? current, cursorWord),
  zurueckspulen: back,
  zweifel: nextDoubt,
  stimmt: accept,
  zurueck: undo,
  ueberall: () => { if (!offer.hidden) mendEverywhere(offer.made); },
  teilen: () => sentence("teilen"),
  verbinden: () => sentence("verbinden"),
  vor: () => border("vor"),
  nach: () => border("nach"),
};
const cursorWord = () => Math.min(cursorTime(), starts(open?.para ?? current).at(-1));
const keys = new Keys(document.querySelector("#belegung tbody"));

addEventListener("keydown", (event) => {
  if (keys.isLearning) return;
  const digit = /^Digit([0-9])$/.exec(event.code);
  if (digit && (event.ctrlKey || event.altKey) && !event.metaKey) {
    event.preventDefault();
    bySpeakerKey(Number(digit[1]), event.shiftKey);
    return;
  }
  const act = keys.of(event);
  if (act) {
    event.preventDefault();
    acts[act]();
    return;
  }
  if (event.target.closest?.("select, button, a, input")) return;
  if (open) {
    if (event.key === "Escape") {
      event.preventDefault();
      close().then(() => { if (!open) choose(current); });
    }
    return;
  }
  if (!current || !text.contains(document.activeElement)) return;
  const moves = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => edit(current),
    F2: () => edit(current),
  };
  if (moves[event.key] && !event.ctrlKey && !event.altKey) {
    event.preventDefault();
    moves[event.key]();
  }
});

text.addEventListener("click", (event) => {
  const button = event.target.closest(".head button");
  if (button) {
    claim(button, button.dataset.tut === "freigeben");
    return;
  }
  const para = event.target.closest(".para");
  if (!para || getSelection()?.toString()) return;
  const range = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  let place = 0;
  if (range && para.contains(range.offsetNode)) {
    const before = document.createRange();
    before.setStart(para.querySelector(".said"), 0);
    before.setEnd(range.offsetNode, range.offset);
    place = before.toString().replace(/\s+/g, " ").trimStart().length;
  }
  edit(para, [place, place]);
});
text.addEventListener("focusin", (event) => {
  const para = event.target.closest(".para");
  if (para) choose(para, false);
});
document.querySelector(".editor .tools").addEventListener("mousedown", (event) => {
  // A click on a tool leaves the cursor where it is.
  if (event.target.closest("button")) event.preventDefault();
});
for (const button of document.querySelectorAll(".tools button[data-tut]")) {
  button.addEventListener("click", () => acts[button.dataset.tut]());
}
document.querySelector('[data-tut="belegung"]').addEventListener("click", () => keys.reset());

// The paragraph that is heard.
let plays = null;
sound.onTime((part, ms) => {
  const all = paragraphs().filter((para) => Number(para.dataset.teil) === part);
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(all[middle].dataset.ab) <= ms) low = middle + 1;
    else high = middle;
  }
  const now = all[low - 1] ?? null;
  if (now === plays) return;
  plays?.classList.remove("plays");
  now?.classList.add("plays");
  plays = now;
});

if (editor.dataset.zaehlen !== undefined) {
  let used = false;
  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => { used = true; });
  setInterval(() => {
    if (used) ask("minute", {}).catch(() => {});
    used = false;
  }, 60_000);
}

const wanted = new URLSearchParams(location.search).get("t");
choose(wanted === null ? paragraphs()[0] : at_time(Number(wanted) * 1000), wanted !== null);
count();
// What was typed here and never saved comes back: the first opens by itself, the others are named, and so is what
// belongs to a paragraph that is not there any more.
function drafts() {
  const all = [];
  for (let n = 0; n < localStorage.length; n += 1) {
    const name = localStorage.key(n);
    if (!name.startsWith(`${DRAFTS}.`)) continue;
    const [part, at] = name.slice(DRAFTS.length + 1).split(".");
    const para = paragraphs().find((p) => p.dataset.teil === part && p.dataset.ab === at) ?? null;
    try {
      all.push({ name, para, at: Number(at), typed: JSON.parse(localStorage.getItem(name)).text });
    } catch {
      localStorage.removeItem(name);
    }
  }
  return all.sort((a, b) => a.at - b.at);
}

function named_drafts(all) {
  const box = document.getElementById("entwuerfe");
  box.replaceChildren();
  box.hidden = all.length === 0;
  if (all.length === 0) return;
  const head = document.createElement("p");
  head.textContent = "In diesem Browser liegt noch, was nicht gespeichert wurde:";
  const list = document.createElement("ul");
  for (const { name, para, typed } of all) {
    const line = document.createElement("li");
    const button = (label, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "small second";
      made.textContent = label;
      made.addEventListener("click", act);
      line.append(" ", made);
    };
    line.append(para ? `ab ${para.querySelector(".clock").textContent}: „${typed}“` : `der Absatz ist nicht mehr da: „${typed}“`);
    if (para) button("Öffnen", () => { edit(at_place(para)); line.remove(); });
    button("Verwerfen", () => {
      localStorage.removeItem(name);
      line.remove();
      box.hidden = list.children.length === 0;
    });
    list.append(line);
  }
  box.append(head, list);
}

// The paragraph that is shown now where one was.
const at_place = (para) => paragraphs().find((p) => p.dataset.teil === para.dataset.teil && p.dataset.ab === para.dataset.ab) ?? para;

let left = [];
try {
  left = drafts();
} catch {
  // A browser that keeps nothing.
}
const first = left.find(({ para }) => para);
if (first) edit(first.para);
named_drafts(left.filter((draft) => draft !== first));
