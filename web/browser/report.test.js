// A reader reports a fault, with JavaScript and without, by mouse and by keyboard; somebody at the desk reads it,
// listens to the place and closes it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, MEETING, SITE, launch, noBarriers, open, signIn } from "./harness.js";

// The public site takes reports where there is a desk at which somebody reads them.
const skip = DESK ? false : "no desk is named; run the tests by make test";
const PICTURES = process.env.MITSCHNITT_PICTURES;
// Nobody writes a report faster.
const SOONEST = 3100;

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

// Somebody at the desk, signed in once. Not the clerk: no code of an account is taken twice, and the tests of the
// workplace need the clerk's and the reviewer's right after these.
let signedIn;
const staff = () => (signedIn ??= signIn(browser, "admin", { viewport: { width: 1280, height: 900 } }));

async function fits(page) {
  const over = await page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${page.url()}: ${over} px too wide`);
}

async function picture(page, name) {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}

const DRESSES = ["light", "dark"].flatMap((colorScheme) =>
  [1280, 360].map((width) => ({ colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" })));

const dress = ({ colorScheme, viewport }) => `${colorScheme}-${viewport.width}`;

async function send(page, text, contact = "") {
  await page.getByLabel(/Was ist falsch/).fill(text);
  if (contact) await page.getByLabel(/E-Mail-Adresse oder Telefon/).fill(contact);
  await page.waitForTimeout(SOONEST);
  await page.getByRole("button", { name: "Meldung absenden" }).click();
  await page.getByRole("heading", { name: /Danke/ }).waitFor();
}

test("the form has no barriers and fits, light and dark, wide and narrow", { skip }, async () => {
  for (const options of DRESSES) {
    const { page, context, complaints } = await open(browser, options);
    for (const [name, path] of [
      ["stelle", `/sitzung/${MEETING}/fehler?w=20-40`],
      ["sitzung", `/sitzung/${MEETING}/fehler`],
      ["danke", `/sitzung/${MEETING}/fehler?danke=10`],
      ["englisch", `/sitzung/${MEETING}/fehler?w=20-40&lang=en`],
    ]) {
      await page.goto(`${SITE}${path}`);
      await noBarriers(page);
      await fits(page);
      await picture(page, `melden-${name}-${dress(options)}`);
    }
    assert.deepEqual(complaints, [], dress(options));
    await context.close();
  }
});

test("without JavaScript a paragraph leads to the form, and what was typed is not lost", { skip }, async () => {
  const { page, context } = await open(browser, { javaScriptEnabled: false });
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  const paragraph = page.locator(".turn p").nth(2);
  const said = (await paragraph.locator(".u").first().textContent()).trim();
  await paragraph.locator("a.flag").click();
  const quoted = await page.locator("blockquote").first().textContent();
  assert.ok(quoted.includes(said), `${said} is not in ${quoted}`);
  // Faster than anybody writes: the text stands there still.
  await page.getByLabel("Wer hier spricht").check();
  await page.getByLabel(/Was ist falsch/).fill("Das sagt eine <b>Einwohnerin</b>, nicht der Vorsitz.");
  await page.getByRole("button", { name: "Meldung absenden" }).click();
  await page.getByRole("alert").waitFor();
  assert.ok(await page.getByLabel("Wer hier spricht").isChecked());
  await send(page, "Das sagt eine <b>Einwohnerin</b>, nicht der Vorsitz.", "anna.muster@example.org");
  await page.getByRole("link", { name: "Zurück zur Sitzung" }).click();
  await page.waitForURL(/\?t=.*#stelle$/);
  await context.close();
});

test("with JavaScript it is offered for what is selected, and by keyboard for the sentence one is on", { skip }, async () => {
  const { page, context, complaints } = await open(browser);
  await page.goto(`${SITE}/sitzung/${MEETING}`);
  const offer = page.locator("#melden");
  assert.ok(!(await offer.isVisible()));
  const sentence = page.locator(".u").nth(3);
  const words = (await sentence.textContent()).split(" ");
  await page.evaluate(() => {
    const text = document.querySelectorAll(".u")[3];
    getSelection().selectAllChildren(text);
  });
  await offer.waitFor();
  const first = Number(await sentence.getAttribute("data-w"));
  const range = `fehler?w=${first}-${first + words.length - 1}`;
  assert.ok((await offer.getAttribute("href")).endsWith(range), range);
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/sitzung-ausgewaehlt.png` });
  await page.evaluate(() => getSelection().removeAllRanges());
  await offer.waitFor({ state: "hidden" });
  // One tab stop, arrows to the sentence, then back to what can be done with it.
  await page.evaluate(() => document.querySelector(".u[tabindex='0']").focus());
  await page.keyboard.press("Home");
  for (let n = 0; n < 3; n += 1) await page.keyboard.press("ArrowDown");
  await offer.waitFor();
  await page.keyboard.press("Shift+Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "melden");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.href.endsWith(range));
  assert.ok((await page.locator("blockquote").textContent()).includes(words.at(-1)));
  await page.getByLabel(/Was ist falsch/).fill("Es sind 36 von 45, nicht 38: in der Niederschrift steht es richtig.");
  await page.getByRole("button", { name: "Meldung absenden" }).click();
  await page.getByRole("alert").waitFor();
  await noBarriers(page);
  await picture(page, "melden-abgelehnt");
  assert.ok(complaints.every((complaint) => complaint.includes("422")), complaints.join());
  complaints.length = 0;
  await send(page, "Es sind 36 von 45, nicht 38: in der Niederschrift steht es richtig.");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("at the desk reports are read, followed to their place and closed", { skip }, async () => {
  const { page } = await staff();
  await page.getByText("2 offen").waitFor();
  await picture(page, "hinweise-start");
  await page.getByRole("link", { name: "Hinweise" }).first().click();
  const reports = page.getByRole("article");
  assert.equal(await reports.count(), 2);
  for (const { colorScheme, viewport } of DRESSES) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await noBarriers(page);
    await fits(page);
    await picture(page, `hinweise-${dress({ colorScheme, viewport })}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
  const spoken = reports.filter({ hasText: "nicht der Vorsitz" });
  assert.ok((await spoken.textContent()).includes("<b>Einwohnerin</b>"), "what was written is a text");
  await spoken.getByRole("link", { name: "anna.muster@example.org" }).waitFor();
  await spoken.getByRole("link", { name: /Stelle ansehen/ }).click();
  await page.locator("mark[aria-current]").waitFor();
  assert.ok(await page.locator("video").count() > 0, "with sound");
  await page.goBack();
  await spoken.getByRole("button", { name: /Erledigt/ }).click();
  await page.getByText("Der Hinweis ist geschlossen").waitFor();
  await reports.getByRole("button", { name: /Verwerfen/ }).click();
  await page.getByText("Es gibt keine offenen Hinweise").waitFor();
  await picture(page, "hinweise-leer");
});

test("the glossary takes a term and gives it back", { skip }, async () => {
  const { page } = await staff();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("link", { name: "Wörterbuch" }).first().click();
  await page.getByLabel("Schreibweise").fill("Gödenroth");
  await page.getByLabel("Art").selectOption("place");
  await page.getByLabel("Verhört als").fill("Göden Rot\nKöhlerrot");
  await page.getByRole("button", { name: "Eintrag hinzufügen" }).click();
  await page.getByText("„Göden Rot“, „Köhlerrot“").waitFor();
  for (const { colorScheme, viewport } of DRESSES) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await noBarriers(page);
    await fits(page);
    await picture(page, `woerterbuch-${dress({ colorScheme, viewport })}`);
  }
  await page.getByRole("button", { name: /Entfernen/ }).click();
  await page.getByText("Noch steht nichts darin").waitFor();
});
