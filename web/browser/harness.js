// What all browser tests share: the site under test, a browser that refuses every foreign host and
// reports every complaint, and the truth about the demo meeting.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

// Waits until the video stands at a place, and gives it.
export async function videoTime(page) {
  await page.waitForFunction(() => {
    const video = document.querySelector("video");
    return video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.seeking;
  });
  return page.evaluate(() => document.querySelector("video").currentTime);
}
