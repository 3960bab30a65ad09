/** Links to an instant: checks 14 to 16 of the page's specification. */
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { seekTo, twin } from "./browser.ts";
import { onPage, stopped } from "./demonstration-page.ts";

test("15: a bad field of a link is named and the rest applies; Back undoes a choice", async () => {
  const fields = "&t=455&span=300-900&sel=matching&tab=events&speed=10";
  await onPage(async (page) => {
    const { instantMs, selected, tab, speed, span } = await twin(page);
    expect({ instantMs, selected, tab, speed, span }).toEqual({
      instantMs: 455_000,
      selected: "matching",
      tab: "events",
      speed: 10,
      span: [300e6, 900e6],
    });
  }, stopped(fields));
  await onPage(async (page) => {
    const { instantMs, tab, notices } = await twin(page);
    expect({ instantMs, tab }).toEqual({ instantMs: 455_000, tab: "charts" });
    expect(notices).toEqual(['The link\'s tab "nonsense" could not be read.']);
    await page.locator("#tab-events").click();
    await page.locator("#tab-component").click();
    await page.goBack();
    await expect.poll(async () => (await twin(page)).tab).toBe("events");
  }, stopped("&t=455&tab=nonsense"));
});

test("a link of another format, or with another seed than what it shows, says so", async () => {
  await onPage(async (page) => {
    const { seed, instantMs, notices } = await twin(page);
    expect({ seed, instantMs }).toEqual({ seed: "1", instantMs: 455_000 });
    expect(notices).toEqual([
      'The link\'s v "9" could not be read.',
      'The link\'s seed "7" is not that of what is shown (1).',
    ]);
  }, "/?testing=1#/run/demonstration?v=9&seed=7&t=455");
});

test("16: dragging the timeline for thirty seconds writes the address at most a hundred times", async () => {
  await onPage(async (page) => {
    const box = await page.locator("[data-scrubber]").boundingBox();
    if (box === null) throw new Error("the timeline has a place");
    const writes = await page.evaluate(() => {
      const counted = { count: 0 };
      for (const name of ["replaceState", "pushState"] as const) {
        const own = history[name].bind(history);
        history[name] = (...given) => {
          counted.count += 1;
          own(...given);
        };
      }
      Object.assign(window, { counted });
      return counted.count;
    });
    expect(writes).toBe(0);
    await page.mouse.move(box.x + 10, box.y + 10);
    await page.mouse.down();
    const untilMs = Date.now() + 30_000;
    let moves = 0;
    while (Date.now() < untilMs) {
      await page.mouse.move(box.x + 10 + ((moves * 37) % (box.width - 20)), box.y + 10);
      await page.waitForTimeout(20);
      moves += 1;
    }
    await page.mouse.up();
    expect(moves).toBeGreaterThan(200);
    const { count } = await page.evaluate(
      () => (window as unknown as { counted: { count: number } }).counted,
    );
    expect(count).toBeGreaterThan(5);
    expect(count).toBeLessThanOrEqual(100);
  });
}, 60_000);

test("14: a copied link shows a colleague the same scenario, seed, instant, selection, tab, zoom and branch", async () => {
  const shown = async (page: Page) => {
    const { scenario, seed, instantMs, selected, tab, speed, span, branches, compare } =
      await twin(page);
    return { scenario, seed, instantMs, selected, tab, speed, span, branches, compare };
  };
  const options = { permissions: ["clipboard-read", "clipboard-write"] };
  const fields = "&t=1155&span=900-1200&sel=matching&tab=compare&speed=10";
  await onPage(
    async (page) => {
      await page.keyboard.press("b");
      await page.getByRole("combobox", { name: /^Where/ }).selectOption("zone us-east-1b");
      await page.getByRole("button", { name: "Break it", exact: true }).click();
      await expect
        .poll(async () => (await twin(page)).branches.length, { timeout: 150_000, interval: 500 })
        .toBe(1);
      await seekTo(page, 1180.5);
      await page.getByRole("button", { name: "Share" }).click();
      await page.locator("[data-copy-link]").click();
      await expect
        .poll(() => page.evaluate(() => navigator.clipboard.readText()))
        .toContain("/run/demonstration");
      const link = await page.evaluate(() => navigator.clipboard.readText());
      const own = await shown(page);
      expect(own).toMatchObject({ instantMs: 1_180_500, selected: "matching", tab: "compare" });
      expect(own.span).toEqual([900e6, 1200e6]);
      expect(own.compare).toBe("b1");
      expect(new URL(link).hash).toContain("cmp=b1");
      const address = link.slice(new URL(link).origin.length);
      await onPage(async (colleague) => {
        await expect
          .poll(async () => (await twin(colleague)).branches.length, {
            timeout: 150_000,
            interval: 500,
          })
          .toBe(1);
        await expect.poll(() => shown(colleague), { timeout: 20_000 }).toEqual(own);
      }, address);
    },
    stopped(fields),
    options,
  );
}, 400_000);
