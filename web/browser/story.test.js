// The story of the site: search, click, hear the word. With JavaScript and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MEETING, SITE, launch, open, trueStart, videoTime } from "./harness.js";

const WORD = "Turnhalle";
const BEFORE = 1.5; // seconds before the word
const TOLERANCE = 0.5;

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

async function search(page) {
  await page.goto(`${SITE}/`);
  await page.locator("#q").fill(WORD);
  await page.locator("#q").press("Enter");
  await page.waitForURL(/\/suche\?/);
  return page.locator(".group h3 a").first();
}

test("a hit opens the video just before the spoken word and marks it", async () => {
  const { page, context, complaints } = await open(browser);
  await (await search(page)).click();
  await page.waitForURL(/\/sitzung\//);
  const time = await videoTime(page);
  const wanted = Math.max(0, trueStart(WORD, time + BEFORE) - BEFORE);
  assert.ok(Math.abs(time - wanted) <= TOLERANCE, `video at ${time} s, word − 1.5 s at ${wanted} s`);
  const mark = page.locator("mark[aria-current]");
  assert.match(await mark.textContent(), new RegExp(`^${WORD}`, "i"));
  await page.waitForFunction(() => {
    const box = document.querySelector("mark[aria-current]").getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  });
  assert.deepEqual(complaints, []);
  await context.close();
});

test("without JavaScript the link, the video and the mark are the same", async () => {
  const { page, context, complaints } = await open(browser, { javaScriptEnabled: false });
  const hit = await search(page);
  const address = new URL(await hit.getAttribute("href"), SITE);
  const time = Number(address.searchParams.get("t"));
  const wanted = Math.max(0, trueStart(WORD, time + BEFORE) - BEFORE);
  assert.ok(Math.abs(time - wanted) <= TOLERANCE, `link to ${time} s, word − 1.5 s at ${wanted} s`);
  await hit.click();
  await page.waitForURL(/\/sitzung\//);
  const source = await page.locator("video").getAttribute("src");
  assert.match(source, /^\/medien\/[0-9a-f]{64}#t=/);
  assert.equal(Number(source.split("#t=")[1]), time);
  const word = Number.parseInt(address.searchParams.get("w"), 10);
  assert.match(await page.locator(`mark#w${word}`).textContent(), new RegExp(`^${WORD}`, "i"));
  await page.locator("a.to-word").click();
  const { x, y, width, height } = await page.locator(`mark#w${word}`).boundingBox();
  const seen = await page.evaluate(
    ([left, top]) => document.elementFromPoint(left, top)?.id,
    [x + width / 2, y + height / 2],
  );
  assert.equal(seen, `w${word}`, `the marked word at ${y} is not to be seen`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the marked word follows the sound, and stops following when the reader scrolls", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  // Somewhere in the middle of a sentence that takes its time.
  const utterance = page.locator(".u").nth(4);
  await utterance.scrollIntoViewIfNeeded();
  await utterance.click();
  const spoken = page.locator(".spoken");
  await spoken.first().waitFor();
  const place = () => page.evaluate(() => {
    const words = [...document.querySelectorAll("[data-word]")];
    return words.indexOf(document.querySelector(".spoken"));
  });
  const first = await place();
  await page.waitForFunction((then) => {
    const words = [...document.querySelectorAll("[data-word]")];
    return words.indexOf(document.querySelector(".spoken")) > then + 1;
  }, first);
  assert.equal(await spoken.count(), 1);

  // Wherever the video stands, the word whose time it is is marked: no other, not its neighbour.
  const wrong = await page.evaluate(async () => {
    const video = document.querySelector("video");
    video.pause();
    const u = document.querySelectorAll(".u")[4];
    let sum = 0;
    const starts = u.dataset.t.split(" ").map((d) => (sum += Number(d)));
    const wrong = [];
    for (let k = 0; k + 1 < starts.length; k += 1) {
      const sought = new Promise((done) => video.addEventListener("seeked", done, { once: true }));
      video.currentTime = (starts[k] + starts[k + 1]) / 2000;
      await sought;
      const marked = [...u.querySelectorAll("[data-word]")].indexOf(document.querySelector(".spoken"));
      if (marked !== k) wrong.push([k, marked]);
    }
    await video.play();
    return wrong;
  });
  assert.deepEqual(wrong, []);

  const button = page.getByRole("button", { name: "Zur aktuellen Stelle" });
  assert.equal(await button.isVisible(), false);
  await page.mouse.move(900, 600);
  // As a hand does: in several turns of the wheel, the first of which may meet a scroll on its way.
  for (let turn = 0; turn < 8; turn += 1) {
    await page.mouse.wheel(0, 500);
    await page.waitForTimeout(50);
  }
  await button.waitFor();
  await page.waitForTimeout(1500);
  assert.equal(await button.isVisible(), true, "following began again by itself");
  const away = await page.evaluate(() => document.querySelector(".spoken").getBoundingClientRect().y);
  assert.ok(away < 0 || away > 800, "the text was pulled back");
  await button.click();
  await page.waitForFunction(() => {
    const { y } = document.querySelector(".spoken").getBoundingClientRect();
    return y > 0 && y < innerHeight;
  });
  assert.equal(await button.isVisible(), false);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the text is one tab stop; arrows move, Enter plays", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  await page.locator("html.js").waitFor();
  const focused = () => page.evaluate(() => document.activeElement.id);
  const inText = () => page.evaluate(() =>
    document.getElementById("wortlaut-text").contains(document.activeElement));
  await page.locator("#suche-hier button").focus();
  for (let tabs = 0; tabs < 6 && !(await inText()); tabs += 1) await page.keyboard.press("Tab");
  assert.equal(await focused(), "u0");
  await page.keyboard.press("Tab");
  assert.equal(await inText(), false, "the text has a second tab stop");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(), "u0");
  for (let i = 0; i < 5; i += 1) await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "u5");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "u4");
  await page.keyboard.press("Enter");
  const time = await videoTime(page);
  const start = await page.locator("#u4").evaluate((u) => Number.parseInt(u.dataset.t, 10) / 1000);
  assert.ok(time >= start - 0.1 && time < start + 3, `video at ${time} s, sentence at ${start} s`);
  await page.keyboard.press("End");
  assert.equal(await focused(), await page.locator(".u").last().getAttribute("id"));
  await page.keyboard.press("Home");
  assert.equal(await focused(), "u0");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a click on a word plays from that word", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}?t=0`);
  await page.locator("html.js").waitFor();
  const utterance = page.locator(".u").nth(3);
  await utterance.hover();
  const third = utterance.locator("[data-word]").nth(2);
  await third.click();
  const start = await utterance.evaluate((u) => {
    const [a, b, c] = u.dataset.t.split(" ").map(Number);
    return (a + b + c) / 1000;
  });
  const time = await videoTime(page);
  assert.ok(time >= start - 0.1 && time < start + 3, `video at ${time} s, word at ${start} s`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("captions and chapters load and stand on the video's clock", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  const cues = await page.evaluate(async () => {
    const tracks = [...document.querySelectorAll("track")];
    return Promise.all(tracks.map((track) => new Promise((resolve, reject) => {
      track.addEventListener("load", () => resolve([track.kind, track.track.cues.length]));
      track.addEventListener("error", () => reject(new Error(track.src)));
      track.track.mode = "hidden";
    })));
  });
  assert.ok(cues.length === 2 && cues.every(([, n]) => n > 3), JSON.stringify(cues));
  assert.deepEqual(complaints, []);
  await context.close();
});
