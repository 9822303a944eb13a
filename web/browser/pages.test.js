// Every page in every dress: no barrier that axe knows, nothing from elsewhere, nothing that does
// not fit, nothing of the non-public part.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MEETING, PAGES, SECRETS, SITE, launch, noBarriers, open, trueStart } from "./harness.js";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}: accessible and self-contained, light and dark, wide and narrow`, async () => {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 320]) {
        const dress = `${name}, ${colorScheme}, ${width} px`;
        const { page, context, complaints } = await open(browser, {
          colorScheme,
          viewport: { width, height: 800 },
          reducedMotion: "reduce",
        });
        await page.goto(`${SITE}${path}`);
        if (name === "hits to cite") await page.locator("details.cite summary").click();
        await noBarriers(page, dress);
        const over = await page.evaluate(() =>
          document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${dress}: ${over} px too wide`);
        const expected = name === "not found" ? 1 : 0;
        const foreign = complaints.filter((c) => !c.includes("404"));
        assert.deepEqual(foreign, [], dress);
        assert.ok(complaints.length - foreign.length >= expected, dress);
        await context.close();
      }
    }
  });
}

test("everything opens in details stays accessible", async () => {
  const { page, context } = await open(browser);
  await page.goto(`${SITE}/`);
  await page.locator("details.tips summary").click();
  await noBarriers(page);
  await context.close();
});

test("the first tab stop skips to the content", async () => {
  const { page, context } = await open(browser);
  await page.goto(`${SITE}/sitzungen`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "inhalt");
  await context.close();
});

test("the language is switched, remembered, and leaves what was said as it was said", async () => {
  const { page, context } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  const said = await page.locator(".u").first().textContent();
  await page.getByRole("link", { name: "English" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.locator(".u").first().textContent(), said);
  assert.equal(await page.locator("#wortlaut-text").getAttribute("lang"), "de");
  await page.getByRole("link", { name: "Meetings" }).click();
  assert.equal(await page.locator("h1").textContent(), "Meetings");
  await context.close();
});

test("invented meetings say so wherever they are shown", async () => {
  const { page, context } = await open(browser);
  for (const path of ["/", "/sitzungen", "/suche?q=Livestream", `/sitzung/${MEETING}`]) {
    await page.goto(`${SITE}${path}`);
    assert.ok(await page.getByText(/Erfunden/).first().isVisible(), path);
  }
  await context.close();
});

test("nothing of the non-public part is anywhere", async (t) => {
  if (SECRETS.length === 0) return t.skip("the truth file names no non-public words");
  const { page, context } = await open(browser);
  const files = ["untertitel.vtt", "untertitel.srt", "kapitel.vtt", "wortlaut.txt", "wortlaut.json"];
  const paths = [
    ...Object.values(PAGES),
    ...files.map((file) => `/sitzung/${MEETING}/${file}`),
    `/api/v1/meetings/${MEETING}`,
    `/api/v1/meetings/${MEETING}/transcript`,
    "/suche.atom?q=Livestream",
    "/person/renate-bergmann/beitraege.atom",
    "/vorlage/mv-29-21/beratungen.atom",
    "/gremium/kreistag/sitzungen.atom",
    "/gremium/kreistag/sitzungen.ics",
    "/sitemap.xml",
  ];
  for (const path of paths) {
    const text = await (await page.request.get(`${SITE}${path}`)).text();
    const words = new Set(text.toLowerCase().match(/\p{L}+/gu));
    for (const secret of SECRETS) assert.ok(!words.has(secret.toLowerCase()), `"${secret}" on ${path}`);
  }
  for (const secret of SECRETS) {
    const answer = await page.request.get(`${SITE}/api/v1/search?q=${encodeURIComponent(secret)}`);
    const found = (await answer.json()).hits.flatMap((hit) => hit.snippet);
    const words = (text) => text.toLowerCase().match(/\p{L}+/gu) ?? [];
    const said = found.filter((part) => words(part.text).includes(secret.toLowerCase()));
    assert.deepEqual(said, [], secret);
  }
  await context.close();
});

test("the search gives words their true times", async () => {
  const { page, context } = await open(browser);
  const answer = await page.request.get(`${SITE}/api/v1/search?q=Turnhalle`);
  const { hits } = await answer.json();
  const spoken = hits.filter((hit) => hit.kind === "spoken");
  assert.ok(spoken.length > 0);
  for (const hit of spoken) {
    const word = hit.snippet.find((part) => part.hit);
    const off = Math.abs(word.start_ms / 1000 - trueStart("Turnhalle", word.start_ms / 1000));
    assert.ok(off <= 0.5, `${word.text} is ${off} s off`);
  }
  await context.close();
});

test("typing offers what the archive holds", async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/suche?q=Livestream`);
  const field = page.getByRole("combobox");
  await field.fill("");
  await field.pressSequentially("turnh");
  const offered = page.getByRole("option");
  await offered.first().waitFor();
  const texts = await offered.allTextContents();
  assert.ok(texts.some((text) => text.includes("Turnhalle")), texts.join(", "));
  await noBarriers(page);
  // The list is walked by keys, and says where one is.
  await page.keyboard.press("ArrowDown");
  const active = await field.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await offered.count(), 0);
  assert.equal(await field.inputValue(), "turnh");
  assert.deepEqual(complaints, []);
  await context.close();
});
