// The clerk's desk as two people use it: one checks a meeting, the other releases it; the public sees it
// only then, loses what is withheld at once, and the audit tells all of it. It takes the demo meeting apart,
// so it runs after all others (files run in the order of their names).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, MEETING, SITE, launch, noBarriers, open, signIn } from "./harness.js";

const skip = DESK ? false : "no desk is named; run the tests by make test";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const signedIn = (role) => signIn(browser, role);

// What the public is answered, as soon as it is as expected: whoever keeps the archive in order needs a moment.
async function answered(path, expected) {
  let status;
  for (let tries = 0; tries < 100; tries += 1) {
    ({ status } = await fetch(`${SITE}${path}`));
    if (status === expected) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal(status, expected, path);
}

async function found(word) {
  const answer = await fetch(`${SITE}/api/v1/search?q=${encodeURIComponent(word)}&meeting=${MEETING}`);
  return (await answer.json()).hits.filter((hit) => hit.kind === "spoken").length;
}

test("nobody gets in without signing in, not even to the preview", { skip }, async () => {
  const { page, context } = await open(browser);
  for (const path of ["/arbeitsplatz/sitzungen", `/sitzung/${MEETING}`, "/api/v1/meetings"]) {
    const answer = await page.request.get(`${DESK}${path}`);
    assert.match(answer.url(), /\/arbeitsplatz\/anmelden/, path);
  }
  await context.close();
});

test("every page of the desk is accessible, light and dark, wide and narrow", { skip, timeout: 240_000 }, async () => {
  const pages = ["", "/aufnahmen", "/sitzungen", `/sitzungen/${MEETING}`, `/sitzungen/${MEETING}/text`, `/sitzungen/${MEETING}/text/verlauf`,
    "/hinweise", "/woerterbuch", "/auftraege", "/konten", "/konten/clerk", "/konto", "/bestaetigen", "/protokoll", "/gibt/es/nicht"];
  const everyLook = async (page) => {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 360]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await noBarriers(page);
      }
    }
  };
  // The way in, before anybody is signed in; the code is asked for behind the password.
  const door = await browser.newContext({ locale: "de-DE" });
  const entry = await door.newPage();
  await entry.goto(`${DESK}/arbeitsplatz`);
  await everyLook(entry);
  await entry.getByLabel("Kontoname").fill("admin");
  await entry.getByLabel("Passwort").fill(JSON.parse(process.env.MITSCHNITT_DESK_ACCOUNTS).admin.password);
  await entry.getByRole("button", { name: "Anmelden" }).click();
  await entry.getByLabel("Code").waitFor();
  await everyLook(entry);
  await door.close();
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      const viewport = { width, height: 900 };
      const { page, context } = await signIn(browser, "admin", { colorScheme, viewport });
      for (const path of pages) {
        await page.goto(`${DESK}/arbeitsplatz${path}`);
        await noBarriers(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${path} scrolls sideways at ${width}`);
      }
      // A job's own page, where there is one.
      await page.goto(`${DESK}/arbeitsplatz/auftraege`);
      const job = page.locator("tbody a[href*='/auftraege/']").first();
      if (await job.count() > 0) {
        await job.click();
        await noBarriers(page);
      }
      await context.close();
    }
  }
});

test("four eyes: one checks, another releases; until then only the desk sees it", { skip }, async () => {
  const clerk = await signedIn("clerk");
  const { page } = clerk;
  await page.getByRole("link", { name: "Sitzungen" }).first().click();
  await noBarriers(page);
  await page.locator(`a[href$="/${MEETING}"]`).click();
  await noBarriers(page);
  await page.getByRole("button", { name: "Zurück zum Entwurf", exact: true }).first().click();
  await page.getByText("Der Stand ist geändert").waitFor();
  await answered(`/sitzung/${MEETING}`, 410);
  await answered(`/api/v1/meetings/${MEETING}`, 410);
  assert.equal(await found("Turnhalle"), 0);
  // The preview is what the public will see.
  await page.getByRole("link", { name: /Vorschau/ }).click();
  await page.locator(".preview").waitFor();
  assert.ok(await page.locator(".u").count() > 10);
  await noBarriers(page);
  await page.goBack();
  await page.getByRole("button", { name: "Als geprüft bestätigen", exact: true }).first().click();
  await page.getByText("Der Stand ist geändert").waitFor();
  assert.equal(await page.getByRole("button", { name: "Freigeben", exact: true }).count(), 0, "a clerk may not release");
  await answered(`/sitzung/${MEETING}`, 410);

  const reviewer = await signedIn("reviewer");
  await reviewer.page.goto(`${DESK}/arbeitsplatz/sitzungen/${MEETING}`);
  await reviewer.page.getByRole("button", { name: "Freigeben", exact: true }).first().click();
  await reviewer.page.getByText("Der Stand ist geändert").waitFor();
  await answered(`/sitzung/${MEETING}`, 200);
  const html = await (await fetch(`${SITE}/sitzung/${MEETING}`)).text();
  assert.match(html, /von Menschen geprüft/);
  for (let tries = 0; await found("Turnhalle") === 0 && tries < 100; tries += 1) {
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.ok(await found("Turnhalle") > 0);
  await reviewer.context.close();
  await clerk.context.close();
});

test("what is withheld is gone at once, and the audit tells who did what", { skip }, async () => {
  const clerk = await signedIn("clerk");
  await clerk.page.goto(`${DESK}/arbeitsplatz/sitzungen/${MEETING}`);
  const { words } = await (await fetch(`${SITE}/api/v1/meetings/${MEETING}/transcript`)).json();
  const last = words.at(-1);
  const clock = (ms) => new Date(ms).toISOString().slice(11, 19);
  await clerk.page.getByLabel("Von").fill(clock(Math.max(0, last.start_ms - 4000)));
  await clerk.page.getByLabel("Bis").fill(clock(last.end_ms + 4000));
  await clerk.page.getByLabel("Grund").fill("Probe");
  await clerk.page.getByRole("button", { name: "Stelle sperren" }).click();
  await clerk.page.getByText("Die Stelle ist gesperrt").waitFor();
  const after = await (await fetch(`${SITE}/api/v1/meetings/${MEETING}/transcript`)).json();
  assert.ok(after.words.length < words.length);
  assert.ok(after.words.every((word) => word.start_ms < last.start_ms - 2000));
  const denied = await clerk.page.request.get(`${DESK}/arbeitsplatz/protokoll`);
  assert.equal(denied.status(), 403);
  await clerk.context.close();

  const auditor = await signedIn("auditor");
  await auditor.page.getByRole("link", { name: "Protokoll" }).first().click();
  await auditor.page.getByText("Das Protokoll ist unversehrt").waitFor();
  await noBarriers(auditor.page);
  const acts = await auditor.page.locator("tbody th").allTextContents();
  for (const act of ["gesperrt", "Stand geändert", "angemeldet"]) assert.ok(acts.includes(act), act);
  assert.doesNotMatch(await auditor.page.locator("table").textContent(), new RegExp(last.text, "u"));
  await auditor.context.close();
});
