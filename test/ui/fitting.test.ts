/** Nothing on the page is cut off, broken in its middle, too small to read, or a number without its unit. */
import { writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { encodeRecording } from "../../sim/twin/recording/recording-file.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { openPage, seekTo, servePage, whenReady } from "./browser.ts";
import { browser, onPage, stopped } from "./demonstration-page.ts";

const telephone = { viewport: { width: 360, height: 740 } };

/** Words that reach beyond the window where nothing can be scrolled to show them. */
function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const canScroll = (element: Element | null): boolean =>
      element !== null &&
      (/auto|scroll/.test(getComputedStyle(element).overflowX) || canScroll(element.parentElement));
    return [...document.querySelectorAll("body *")]
      .filter((each) => [...each.childNodes].some((child) => child.nodeType === Node.TEXT_NODE))
      .filter((each) => each.closest(".visually-hidden, .tooltip, svg") === null)
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
      .filter((each) => each.closest(".tabs") !== null || !canScroll(each))
      .map((each) => each.textContent ?? "");
  });
}

test("on a page as narrow as a telephone no tab, legend or button is cut off", async () => {
  await onPage(
    async (page) => {
      await seekTo(page, 700);
      for (const tab of ["book", "events", "component", "compare", "charts"]) {
        await page.locator(`#tab-${tab}`).click();
        expect([tab, await cutOff(page)]).toEqual([tab, []]);
      }
      await page.locator('[data-function="rpo"]').click();
      const tables = page.locator("dialog table");
      for (const table of await tables.all()) {
        const hidden = await table.evaluate((each) => each.scrollWidth - each.clientWidth);
        expect(hidden).toBe(0);
      }
      expect(await tables.count()).toBeGreaterThan(0);
    },
    stopped("&sel=matching"),
    telephone,
  );
});

test("several regions are shown one at a time on a telephone, large enough to read, and each can be chosen", async () => {
  const { scenario, topology } = loadScenario("scenarios/dr-region-active-active.yaml");
  const recording = runScenario({
    scenario: { ...scenario, durationSeconds: 40, warmUpSeconds: 10, faults: [], runbooks: [] },
    topology,
    seed: "1",
  });
  if (recording === undefined) throw new Error("nobody ended the run");
  const file = join(await mkdtemp(join(tmpdir(), "stormbell-fitting-")), "regions.stormrec");
  writeFileSync(file, encodeRecording(recording));
  const served = await servePage(file);
  const { page, problems, close } = await openPage(
    browser,
    served,
    "/?testing=1#/run/file?v=1",
    telephone,
  );
  try {
    await whenReady(page);
    await page.getByRole("button", { name: "Map", exact: true }).click();
    const choice = page.getByRole("group", { name: "Region", exact: true });
    for (const { id } of topology.regions) {
      const button = choice.getByRole("button", { name: id });
      await button.click();
      expect(await button.getAttribute("aria-pressed")).toBe("true");
      const zones = () =>
        page
          .locator(".zone")
          .evaluateAll((all) => all.map((each) => each.getAttribute("data-zone")));
      await expect.poll(zones).toEqual(expect.arrayContaining([`${id}a`]));
      expect((await zones()).every((zone) => zone?.startsWith(id))).toBe(true);
      const heights = await page
        .locator(".card-title")
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
      expect(Math.min(...heights)).toBeGreaterThan(8);
    }
    expect(await cutOff(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await expect.poll(() => choice.count()).toBe(0);
    expect(problems).toEqual([]);
  } finally {
    await close();
    await served.close();
  }
}, 60_000);

test("no name of a zone is broken at its hyphens in the log, nor in the chain of an outage", async () => {
  await onPage(async (page) => {
    await seekTo(page, 700);
    await page.locator('[data-function="matching"]').click();
    for (const list of [".events", ".chain"]) {
      const lines = await page.locator(list).evaluate((each) => {
        const found: number[] = [];
        const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          for (const { index, 0: name } of (node.textContent ?? "").matchAll(/us-east-1[abc]/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + name.length);
            found.push(range.getClientRects().length);
          }
        }
        return found;
      });
      expect(lines.length).toBeGreaterThan(5);
      expect([list, Math.max(...lines)]).toEqual([list, 1]);
    }
  }, stopped());
});

test("the timeline keeps its width whatever is said of the speed", async () => {
  await onPage(async (page) => {
    const widthAt = async (seconds: number) => {
      await seekTo(page, seconds);
      return (await page.locator(".track").boundingBox())?.width;
    };
    const [usual, slowed] = [await widthAt(300), await widthAt(410)];
    expect(await page.locator(".speed-note").innerText()).toContain("near a fault");
    expect(slowed).toBe(usual);
  }, stopped());
});

test("each figure of a component has one unit, said once", async () => {
  await onPage(async (page) => {
    await seekTo(page, 545);
    const values = await page.locator(".parameter .value").allInnerTexts();
    const named = (title: string) =>
      page.locator(".parameter", { hasText: title }).locator(".value").innerText();
    expect(values.filter((value) => value.includes(", "))).toEqual([]);
    expect(await named("Container check interval")).toBe("30 s");
    expect(await named("Container check retries")).toBe("3");
    const charts = page.locator(".small-charts .chart-name");
    const words = await charts.allInnerTexts();
    expect(words.map((each) => each.replace(/\s+/g, " "))).toEqual(
      expect.arrayContaining(["Tasks running", "Not persisted yet commands", "Open orders"]),
    );
  }, stopped("&sel=matching&tab=component"));
});
