// What readers do beyond the first hit: play in the list, go from word to word, keep their place, hear
// a stretch and no more, see a film elsewhere only when they want it. By keyboard too.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MEETING, SITE, launch, noBarriers, open, videoTime } from "./harness.js";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const playing = (page) => page.waitForFunction(() => {
  const video = document.querySelector("video");
  return video && !video.paused && video.currentTime > 0;
});

test("by keyboard alone: the field, a word, Enter, one key to a playing hit, one more to the next", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/`);
  await page.keyboard.press("/");
  await page.keyboard.type("Turnhalle");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/suche\?/);
  await page.locator("html.js").waitFor();
  await page.keyboard.press("n");
  await playing(page);
  const hits = page.locator("a.play[data-ms]");
  assert.ok(await hits.count() > 1);
  for (const n of [0, 1]) {
    await page.waitForFunction((n) => document.querySelectorAll("a.play[data-ms]")[n] === document.activeElement, n);
    const wanted = Math.max(0, Number(await hits.nth(n).getAttribute("data-ms")) / 1000 - 1.5);
    const time = await videoTime(page);
    assert.ok(time >= wanted - 0.1 && time < wanted + 4, `hit ${n} at ${time} s, wanted ${wanted} s`);
    assert.equal(await page.locator("video").count(), 1);
    if (n === 0) await page.keyboard.press("n");
  }
  assert.match(page.url(), /\/suche\?/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("searching within a meeting marks every word, steps by word and loses neither place nor sound", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}?t=30`);
  await page.locator("html.js").waitFor();
  await page.locator(".u").nth(6).click();
  await playing(page);
  const before = await videoTime(page);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "hier");
  await page.keyboard.type("Turnhalle");
  await page.keyboard.press("Enter");
  await page.locator(".found").first().waitFor();
  assert.ok(await videoTime(page) >= before, "the search began the video anew");
  assert.equal(await page.evaluate(() => document.querySelector("video").paused), false);
  const found = await page.locator(".found").allTextContents();
  assert.ok(found.length > 1 && found.every((word) => /^Turnhalle/i.test(word)), found.join(", "));
  const marked = await page.request.get(`${SITE}/sitzung/${MEETING}?q=Turnhalle`);
  const served = (await marked.text()).match(/<mark class="found">/g).length;
  assert.equal(found.length, served, "the script marks other words than the server");
  const status = page.locator("#stand");
  assert.match(await status.textContent(), new RegExp(`Treffer \\d+ von ${found.length}`));
  await page.locator("#naechster").click();
  const current = page.locator(".found[aria-current]");
  assert.equal(await current.count(), 1);
  await page.waitForFunction(() => {
    const box = document.querySelector(".found[aria-current]").getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  });
  assert.match(page.url(), /q=Turnhalle/);
  await page.locator("#suche-ende").click();
  assert.equal(await page.locator(".found").count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the address follows, and the other language opens at the same place", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}?q=Turnhalle`);
  await page.locator("html.js").waitFor();
  await page.evaluate(async () => {
    const video = document.querySelector("video");
    await video.play();
    video.currentTime = 100;
    await new Promise((done) => video.addEventListener("seeked", done, { once: true }));
    video.pause();
  });
  await page.waitForFunction(() => Math.abs(Number(new URLSearchParams(location.search).get("t")) - 100) < 3);
  await page.getByRole("link", { name: "English" }).click();
  await page.waitForURL(/lang=en/);
  assert.match(page.url(), /q=Turnhalle/);
  const time = await videoTime(page);
  assert.ok(Math.abs(time - 100) < 3, `${time} s`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a stretch stops where it ends", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}?t=60,62.5`);
  await page.locator("html.js").waitFor();
  const stopped = await page.evaluate(async () => {
    const video = document.querySelector("video");
    await video.play();
    await new Promise((done) => video.addEventListener("pause", done, { once: true }));
    return video.currentTime;
  });
  assert.ok(Math.abs(stopped - 62.5) <= 0.1, `stopped at ${stopped} s`);
  // Whoever plays on hears the rest.
  await page.evaluate(() => document.querySelector("video").play());
  await page.waitForFunction(() => document.querySelector("video").currentTime > 63);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("nothing of the page jumps while it loads, and its largest part is text", async () => {
  const { page, context } = await open(browser);
  for (const path of [`/sitzung/${MEETING}`, `/sitzung/${MEETING}?t=100&q=Turnhalle`, "/suche?q=Turnhalle"]) {
    await page.goto(`${SITE}${path}`);
    const { shift, largest } = await page.evaluate(() => new Promise((done) => {
      let shift = 0;
      let largest = "";
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
      new PerformanceObserver((list) => {
        largest = list.getEntries().at(-1).element?.tagName ?? "";
      }).observe({ type: "largest-contentful-paint", buffered: true });
      setTimeout(() => done({ shift, largest }), 1500);
    }));
    assert.ok(shift <= 0.05, `${path}: layout shift ${shift}`);
    assert.ok(!["VIDEO", "IMG", "IMAGE"].includes(largest), `${path}: largest is ${largest}`);
  }
  await context.close();
});

test("a selection is quoted by its words", async () => {
  const { page, context } = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  await page.locator("html.js").waitFor();
  const said = await page.evaluate(() => {
    const u = document.querySelectorAll(".u")[5];
    const range = document.createRange();
    range.selectNodeContents(u);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return u.textContent.trim();
  });
  await page.locator("#zitieren").click();
  await page.waitForFunction(() => document.getElementById("zitieren").textContent.includes("kopiert"));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.includes(said), copied);
  const address = copied.match(/https?:\S+/)[0].replace(/[)“”"]+$/, "");
  await page.goto(address);
  const marked = (await page.locator("mark.target").allTextContents()).join(" ");
  assert.equal(marked, said);
  await context.close();
});

// A stand-in for the other site's player: it answers as YouTube's does and notes what it is told. (The real
// one needs the internet; its protocol is what its own script speaks.)
const STUB = `<!doctype html><title>Stub</title><script>
  let time = Number(new URLSearchParams(location.search).get("start") ?? 0);
  const tell = (info) => parent.postMessage(JSON.stringify({ event: "infoDelivery", info }), "*");
  addEventListener("message", ({ data }) => {
    const { event, func, args } = JSON.parse(data);
    if (event === "command" && func === "seekTo") time = args[0];
    tell({ currentTime: time, playerState: 1 });
  });
</script>`;

test("a turn that is copied is what was said, and what is missing says how long it is", async () => {
  const { page, context } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  const { copied, said } = await page.evaluate(() => {
    const turn = document.querySelectorAll(".turn")[3];
    const range = document.createRange();
    range.selectNode(turn);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return {
      copied: getSelection().toString(),
      said: [...turn.querySelectorAll(".u")].map((u) => u.textContent).join(" "),
    };
  });
  const words = (text) => text.split(/\s+/u).filter((word) => word !== "");
  const without = words(copied).slice(-words(said).length);
  assert.deepEqual(without, words(said));
  assert.doesNotMatch(copied, /Abspielen|\d:\d\d/u);
  for (const gap of await page.locator(".gap").allTextContents()) assert.match(gap, /\(\d+ (s|min|h)/u);
  await context.close();
});

test("by keyboard the text is near, however long the agenda", async () => {
  const { page, context } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  const focused = () => page.evaluate(() => document.activeElement.className);
  let stops = 0;
  do {
    await page.keyboard.press("Tab");
    stops += 1;
  } while (await focused() !== "to-text" && stops < 20);
  assert.ok(stops <= 14, `${stops} stops before the link to the text`);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.getElementById("wortlaut").contains(document.activeElement)));
  await context.close();
});

test("a film elsewhere is loaded only when it is wanted, and goes to the words all the same", async () => {
  const { page, context, complaints } = await open(browser);
  const asked = [];
  await page.route("https://www.youtube-nocookie.com/**", (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: "text/html", body: STUB });
  });
  await page.goto(`${SITE}/suche?q=Schwimmhalle`);
  await page.locator(".group h3 a").first().click();
  await page.waitForURL(/\/sitzung\/stadtrat-film/);
  assert.deepEqual([...asked, ...complaints], [], "something was asked of others before a choice");
  assert.ok(await page.getByText("Erst wenn Sie ihn laden").isVisible());
  assert.ok((await page.locator(".found").count()) >= 1, "the search did not travel along");
  await noBarriers(page);
  await page.getByRole("button", { name: "Hier ansehen" }).click();
  const film = await page.waitForSelector("#anderswo iframe");
  const address = new URL(await film.getAttribute("src"));
  assert.equal(address.pathname, "/embed/ErfundenXYZ");
  // The word is said a third into a speech that begins at 15 s; the film began a minute before.
  const start = Number(address.searchParams.get("start"));
  assert.ok(start >= 73 && start <= 105, `film from ${start} s`);
  const last = page.locator(".u").last();
  await last.click();
  const times = (await last.getAttribute("data-t")).split(" ").map(Number);
  await page.waitForFunction(
    (ms) => Math.abs(Number(new URLSearchParams(location.search).get("t")) * 1000 - ms) < 20_000,
    times[0],
  );
  assert.equal(asked.length, 1);
  const foreign = complaints.filter((c) => !c.includes("youtube-nocookie.com"));
  assert.deepEqual(foreign, []);
  await context.close();
});

test("without JavaScript a film elsewhere is a link to the second", async () => {
  const { page, context, complaints } = await open(browser, { javaScriptEnabled: false });
  await page.goto(`${SITE}/sitzung/stadtrat-film-2024-03-14?t=47`);
  const link = page.getByRole("link", { name: "Bei YouTube öffnen" });
  assert.equal(new URL(await link.getAttribute("href")).searchParams.get("t"), "107s");
  assert.equal(await page.locator("#film-laden").isVisible(), false);
  assert.deepEqual(complaints, []);
  await context.close();
});
