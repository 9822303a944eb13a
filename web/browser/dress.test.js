// Every page as others see it: by a validator's eyes, in a system's own colours, in letters twice as large,
// and by people who must not press a key unawares.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HtmlValidate } from "html-validate";
import { MEETING, PAGES, SITE, launch, open } from "./harness.js";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

test("every page is valid HTML", async () => {
  // Titles of meetings are as long as they are.
  const validator = new HtmlValidate({ extends: ["html-validate:standard"], rules: { "long-title": "off" } });
  for (const [name, path] of Object.entries(PAGES)) {
    const html = await (await fetch(`${SITE}${path}`)).text();
    const { results } = await validator.validateString(html);
    const found = results.flatMap((r) => r.messages).map((m) => `${m.line}:${m.column} ${m.message}`);
    assert.deepEqual(found, [], name);
  }
});

test("in forced colours what is marked, chosen or focused can be told from the rest", async () => {
  const { page, context } = await open(browser, { forcedColors: "active" });
  for (const path of ["/suche?q=Livestream", `/sitzung/${MEETING}?q=Livestream`, `/sitzung/${MEETING}?t=10&w=20`]) {
    await page.goto(`${SITE}${path}`);
    const lost = await page.evaluate(() => {
      const told = (element) => {
        const style = getComputedStyle(element);
        const around = getComputedStyle(element.parentElement);
        return style.outlineStyle !== "none" || style.backgroundColor !== around.backgroundColor;
      };
      return [...document.querySelectorAll("mark, .found")].filter((mark) => !told(mark)).length;
    });
    assert.equal(lost, 0, path);
    // Bars are drawn in colours that differ from the page.
    const faint = await page.evaluate(() => {
      const canvas = getComputedStyle(document.body).backgroundColor;
      const bars = [...document.querySelectorAll("svg.chart a rect:last-of-type, .timeline svg rect")];
      return bars.filter((bar) => {
        const { fill, stroke } = getComputedStyle(bar);
        return fill === canvas && (stroke === "none" || stroke === canvas);
      }).length;
    });
    assert.equal(faint, 0, path);
    for (let stop = 0; stop < 12; stop += 1) {
      await page.keyboard.press("Tab");
      const [kind, outline] = await page.evaluate(() => {
        const focused = document.activeElement;
        // A player shows by its own controls where the focus is.
        const outline = focused.localName === "video" ? "controls" : getComputedStyle(focused).outlineStyle;
        return [focused.outerHTML.slice(0, 80), outline];
      });
      assert.notEqual(outline, "none", `${path}: ${kind}`);
    }
  }
  await context.close();
});

test("in letters twice as large nothing is cut off or pushed out of the window", async () => {
  const large = await launch("--blink-settings=defaultFontSize=32");
  try {
    for (const width of [1280, 640]) {
      const { page, context } = await open(large, { viewport: { width, height: 800 } });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${SITE}${path}`);
        const size = await page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
        assert.ok(size >= 32, `letters of ${size} px are not twice as large`);
        const over = await page.evaluate(() =>
          document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${name}, ${width} px: ${over} px too wide`);
        const cut = await page.evaluate(() => [...document.querySelectorAll("main *, header *, footer *")]
          .filter((element) => {
            const { overflowX, overflowY } = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            // Not what is only for screen readers.
            const shown = box.height > 2 && !element.closest("svg, .hidden") && element.textContent.trim() !== "";
            const hides = (overflow) => overflow === "hidden" || overflow === "clip";
            return shown && (hides(overflowY) && element.scrollHeight > element.clientHeight + 2
              || hides(overflowX) && element.scrollWidth > element.clientWidth + 2);
          })
          .map((element) => element.outerHTML.slice(0, 80)));
        assert.deepEqual(cut, [], `${name}, ${width} px`);
      }
      await context.close();
    }
  } finally {
    await large.close();
  }
});

test("keys are switched off, and stay so", async () => {
  const { page, context } = await open(browser);
  await page.goto(`${SITE}/suche?q=Livestream`);
  const switching = page.locator("#tasten");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await switching.click();
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  await page.keyboard.press("/");
  await page.keyboard.press("k");
  assert.notEqual(await page.evaluate(() => document.activeElement.id), "hier");
  assert.ok(await page.evaluate(() => document.querySelector("video").paused));
  await page.locator("#tasten").click();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("k");
  await page.waitForFunction(() => !document.querySelector("video").paused);
  await page.keyboard.press("k");
  await page.waitForFunction(() => document.querySelector("video").paused);
  await context.close();
});
