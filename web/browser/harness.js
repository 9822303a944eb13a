// What all browser tests share: the site under test, a browser that refuses every foreign host and
// reports every complaint, and the truth about the demo meeting.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const SITE = required("MITSCHNITT_URL").replace(/\/$/, "");
export const MEETING = process.env.MITSCHNITT_MEETING ?? "kreistag-demo";

// Every kind of page once.
export const PAGES = {
  start: "/",
  hits: "/suche?q=Livestream",
  "hits to cite": "/suche?q=Livestream#zitieren",
  "no hits": "/suche?q=Xylophonkonzert",
  meetings: "/sitzungen",
  calendar: "/kalender/2021-06",
  people: "/personen",
  person: "/person/renate-bergmann",
  papers: "/vorlagen",
  paper: "/vorlage/mv-29-21",
  organization: "/gremium/kreistag",
  meeting: `/sitzung/${MEETING}`,
  "meeting at a word": `/sitzung/${MEETING}?t=10&w=20`,
  "report a fault": `/sitzung/${MEETING}/fehler?w=20-40`,
  "search in a meeting": `/sitzung/${MEETING}?q=Livestream`,
  accessibility: "/barrierefreiheit",
  privacy: "/datenschutz",
  imprint: "/impressum",
  "not found": "/gibt/es/nicht",
  embedded: `/einbetten/${MEETING}?t=10,20`,
  english: `/sitzung/${MEETING}?lang=en`,
};

const truth = JSON.parse(readFileSync(required("MITSCHNITT_TRUTH"), "utf8"));

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run the tests by "make test"`);
  return value;
}

// True starts, in seconds, of the words that begin like this one. Recognised text and truth may
// differ around it, so the nearest is meant.
export function trueStart(word, near) {
  const starts = truth.words
    .filter((w) => bare(w.text).startsWith(bare(word)))
    .map((w) => w.start_ms / 1000);
  assert.notEqual(starts.length, 0, `"${word}" is not spoken in the demo meeting`);
  return starts.reduce((a, b) => (Math.abs(b - near) < Math.abs(a - near) ? b : a));
}

// Words that are spoken only in the non-public part.
export const SECRETS = truth.not_public_markers ?? [];

function bare(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

export function launch(...more) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--autoplay-policy=no-user-gesture-required",
      ...more,
    ],
  });
}

// A page in a context of its own. `complaints` collects requests to foreign hosts, violations of
// the content security policy, errors on the console and failed answers.
export async function open(browser, options = {}) {
  const context = await browser.newContext({
    locale: "de-DE",
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(`${SITE}/`)) complaints.push(`foreign request: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  return { page, context, complaints };
}

// No barrier that axe knows on what the page shows now. A colour that is fading into another, as after a change
// from light to dark, comes to its end first.
export async function noBarriers(page, dress = "") {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished)));
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((v) => [v.id, v.help, v.nodes.map((node) => node.html)]);
  assert.deepEqual(found, [], `${page.url()} ${dress}`);
}

// Waits until the video stands at a place, and gives it.
export async function videoTime(page) {
  await page.waitForFunction(() => {
    const video = document.querySelector("video");
    return video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.seeking;
  });
  return page.evaluate(() => document.querySelector("video").currentTime);
}

// The clerk's desk, where there is one, and who may sign in there: name, password and second factor by role.
export const DESK = process.env.MITSCHNITT_DESK?.replace(/\/$/, "");
const ACCOUNTS = JSON.parse(process.env.MITSCHNITT_DESK_ACCOUNTS ?? "{}");
const STEP_MS = 30_000;
const usedSteps = new Map();

// RFC 6238 over a secret in base 32.
function code(secret, step) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/gu).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const from = mac[19] & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// No code is taken twice; the next one is taken a step early.
async function unusedCode({ name, secret }) {
  const now = () => Math.floor(Date.now() / STEP_MS);
  const step = Math.max(now(), (usedSteps.get(name) ?? 0) + 1);
  while (step > now() + 1) await new Promise((done) => setTimeout(done, 500));
  usedSteps.set(name, step);
  return code(secret, step);
}

// A page in a context of its own, of somebody of this role who has signed in. Whoever comes again is signed in still.
const signedIn = new Map();

export async function signIn(browser, role, options = {}) {
  const common = { locale: "de-DE", viewport: { width: 1280, height: 900 }, ...options };
  if (!signedIn.has(role)) {
    const context = await browser.newContext(common);
    const page = await context.newPage();
    const account = ACCOUNTS[role];
    await page.goto(`${DESK}/arbeitsplatz`);
    await page.getByLabel("Kontoname").fill(account.name);
    await page.getByLabel("Passwort").fill(account.password);
    await page.getByRole("button", { name: "Anmelden" }).click();
    await page.getByLabel("Code").fill(await unusedCode(account));
    await page.getByRole("button", { name: "Anmelden" }).click();
    await page.getByRole("heading", { name: "Arbeitsplatz", level: 1 }).waitFor();
    signedIn.set(role, await context.storageState());
    return { page, context };
  }
  const context = await browser.newContext({ ...common, storageState: signedIn.get(role) });
  const page = await context.newPage();
  await page.goto(`${DESK}/arbeitsplatz`);
  await page.getByRole("heading", { name: "Arbeitsplatz", level: 1 }).waitFor();
  return { page, context };
}
