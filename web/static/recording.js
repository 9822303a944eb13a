// A recording before it is taken in: samples of tracks and channels, and what is not public, marked where it is
// heard. The times in the text field are what counts; the waveform shows them and writes them.

import { Waveform } from "./waveform.js";

const root = document.getElementById("aufnahme");
const address = root.dataset.address;

// Shows by itself how it goes on.
async function follow() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  const text = answer?.ok ? await answer.text() : "";
  const stage = /data-stage="([^"]*)"/.exec(text);
  if (stage && stage[1] !== root.dataset.stage) location.reload();
  else setTimeout(follow, 3000);
}

if ("moving" in root.dataset) setTimeout(follow, 2000);

const form = root.querySelector("form.described");
if (form) describe(form);

function describe(form) {
  const film = document.getElementById("film");
  const from = document.getElementById("probe");
  samples(form, film, from);
  ways(form);
  const box = form.querySelector(".waveform");
  const waveform = new Waveform(box, film, form.elements.nichtoeffentlich, (clock) => { from.value = clock; });
  const choice = () => new URLSearchParams({ spur: form.elements.spur.value, kanaele: form.elements.kanaele.value });
  waveform.draw(`${address}/wellenform?${choice()}`);
  for (const name of ["spur", "kanaele"]) {
    for (const field of form.querySelectorAll(`[name="${name}"]`)) {
      field.addEventListener("change", () => waveform.draw(`${address}/wellenform?${choice()}`));
    }
  }
}

// Links to samples play here instead of leading away.
function samples(form, film, from) {
  const box = form.querySelector(".sampling");
  const player = box.querySelector("audio");
  const state = box.querySelector(".state");
  player.addEventListener("error", () => { if (player.getAttribute("src")) state.textContent = "–"; });
  for (const link of form.querySelectorAll("a.sample")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const query = new URLSearchParams({ spur: link.dataset.track, ab: from.value });
      if (link.dataset.channel) query.set("kanal", link.dataset.channel);
      film.pause();
      box.hidden = false;
      const track = link.closest("li").querySelector("label").textContent.trim();
      state.textContent = `${track}: ${link.firstChild.textContent.trim()}, ${from.value}`;
      player.src = `${address}/hoerprobe?${query}`;
      player.play().catch(() => {});
    });
  }
  // A recording shorter than the usual place for a sample.
  if (Number(from.dataset.length) > 0 && Number(from.dataset.length) < 620_000) from.value = "00:00:00";
}

// Fields or a file: only what is chosen is shown.
function ways(form) {
  const fields = form.querySelector(".by-form");
  const file = form.querySelector(".by-file");
  const show = () => {
    const way = form.elements.art.value;
    fields.hidden = way !== "" && way !== "formular";
    file.hidden = way !== "datei";
    form.querySelector(".by-id").hidden = way === "weitere";
    const part = form.querySelector(".by-part");
    if (part) part.hidden = way !== "weitere";
  };
  for (const way of form.querySelectorAll('[name="art"]')) way.addEventListener("change", show);
  show();
  const pick = file.querySelector("input[type=file]");
  pick.closest(".pick").hidden = false;
  pick.addEventListener("change", async () => {
    if (pick.files[0]) form.elements.beschreibung.value = await pick.files[0].text();
  });
  const suggest = () => {
    const day = form.elements.beginn.value.slice(0, 10);
    const name = plain(form.elements.gremium.value);
    form.elements.kennung.placeholder = name && day ? `${name}-${day}` : "";
  };
  form.elements.beginn.addEventListener("change", suggest);
  form.elements.gremium.addEventListener("input", suggest);
  suggest();
}

function plain(text) {
  const written = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };
  return text.toLowerCase().replace(/[äöüß]/g, (c) => written[c]).replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
