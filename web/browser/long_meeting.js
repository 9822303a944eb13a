// Measures pages of a long meeting and the editor of one; `cargo bench --bench long_meeting` makes both and starts this.

import { DESK, SITE, launch, signIn } from "./harness.js";

const LONG = process.env.MITSCHNITT_LONG_PAGE;
const TEXT = process.env.MITSCHNITT_LONG_TEXT;
const SLOWER = 4;

const browser = await launch();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const middle = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

async function page(path) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const loaded = [];
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    if (kind === "script" || kind === "stylesheet") loaded.push(response.body().then((body) => [kind, body.length]));
  });
  await page.goto(`${SITE}${path}`);
  const seen = await page.evaluate(() => new Promise((done) => {
    let paint = 0, what = "", shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        paint = entry.startTime;
        what = `${entry.element?.tagName.toLowerCase()} "${entry.element?.textContent.trim().slice(0, 30)}"`;
      }
    }).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done({ paint, what, shift }), 5000);
  }));
  const html = await (await fetch(`${SITE}${path}`)).text();
  const before = Buffer.byteLength(html.slice(0, html.indexOf('class="u')));
  const sizes = await Promise.all(loaded);
  const size = (kind) => sizes.filter(([of]) => of === kind).reduce((sum, [, length]) => sum + length, 0);
  const kb = (bytes) => (bytes / 1000).toFixed(0);
  console.log(`${path}\n  largest contentful paint ${(seen.paint / 1000).toFixed(2)} s: ${seen.what}; layout shift ${seen.shift.toFixed(4)}; before the text ${kb(before)} kB of HTML, ${kb(size("stylesheet"))} of style, ${kb(size("script"))} of script; whole page ${kb(Buffer.byteLength(html))} kB`);
  await page.close();
}

console.log(`pages at a ${SLOWER}th of the processor's speed, 1280 px`);
// The index follows by itself.
const hits = async (word) => (await (await fetch(`${SITE}/api/v1/search?q=${word}`)).json()).hits ?? [];
while ((await hits("Ausschuss")).length === 0) await pause(200);
const far = 5 * 3600 + 17;
for (const path of [`/sitzung/${LONG}`, `/sitzung/${LONG}?q=Ausschuss`, `/sitzung/${LONG}?t=${far}`]) await page(path);

const { page: desk } = await signIn(browser, "clerk");
await desk.goto(`${DESK}/arbeitsplatz/sitzungen/${TEXT}/text`);
await desk.locator(".para").first().waitFor();
const words = await desk.evaluate(() => document.getElementById("text").textContent.split(/\s+/).length);
console.log(`the editor of ${words} words, ${await desk.locator(".para").count()} paragraphs, at full speed`);

// Adds a word to a paragraph as the page does; gives the milliseconds from the request to the answer.
const save = (at, word) => desk.evaluate(async ([at, word]) => {
  const para = document.querySelectorAll(".para")[at];
  const war = para.querySelector(".said").textContent.trim().split(/\s+/).join(" ");
  const body = new URLSearchParams({ teil: para.dataset.teil, ab: para.dataset.ab, bis: para.dataset.bis, war, text: `${war} ${word}` });
  const headers = { "x-formular": document.getElementById("editor").dataset.formular };
  const began = performance.now();
  const answer = await fetch(`${location.pathname}/absatz`, { method: "POST", headers, body });
  await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}`);
  return performance.now() - began;
}, [at, word]);

const saves = [], waits = [];
for (let n = 0; n < 20; n += 1) {
  saves.push(await save(20 + n * 5, `Probewort${n}`));
  const began = Date.now();
  while (!(await hits(`Probewort${n}`)).some((hit) => hit.kind === "spoken")) await pause(10);
  waits.push(Date.now() - began);
}
console.log(`  saved after ${middle(saves).toFixed(0)} ms (at most ${saves.at(-1).toFixed(0)}); found by search ${middle(waits).toFixed(0)} ms later (at most ${waits.at(-1)})`);

await desk.locator(".para").nth(30).focus();
await desk.keyboard.press("Enter");
await desk.locator(".mine textarea").waitFor();
// What the page does for a key, and the layout after it.
const keys = await desk.evaluate(async () => {
  const field = document.querySelector(".mine textarea");
  const times = [];
  for (let n = 0; n < 100; n += 1) {
    const began = performance.now();
    field.setRangeText("x", field.selectionStart, field.selectionStart, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    field.getBoundingClientRect();
    times.push(performance.now() - began);
    await new Promise((done) => requestAnimationFrame(done));
  }
  return times.sort((a, b) => a - b);
});
console.log(`  a key takes ${keys[50].toFixed(1)} ms (95 %: ${keys[95].toFixed(1)}, at most ${keys[99].toFixed(1)})`);
await browser.close();
