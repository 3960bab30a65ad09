/** The demonstration, as each acceptance check of the page meets it; the browser is opened once a file. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect } from "vitest";
import { decodeRecording } from "../../sim/twin/recording/recording-file.ts";
import {
  launchChromium,
  type OpenedPage,
  openPage,
  type ServedPage,
  servePage,
  whenReady,
} from "./browser.ts";

export let browser: Browser;
let served: ServedPage;

beforeAll(async () => {
  browser = await launchChromium();
  served = await servePage();
});

afterAll(async () => {
  await browser.close();
  await served.close();
});

export const demonstration = decodeRecording(
  gunzipSync(readFileSync("ui/public/demonstration.stormrec")),
  "demonstration",
);
export const faultSeconds = 400;

/** Opens the demonstration, stopped, and closes it after the work. */
export async function onPage(
  work: (page: Page, opened: OpenedPage) => Promise<void>,
  address?: string,
  options?: Parameters<typeof openPage>[3],
): Promise<void> {
  const opened = await openPage(browser, served, address, options);
  try {
    await whenReady(opened.page);
    await work(opened.page, opened);
    expect(opened.problems).toEqual([]);
  } finally {
    await opened.close();
  }
}

export const stopped = (fields = "") => `/?testing=1#/run/demonstration?v=1${fields}`;
