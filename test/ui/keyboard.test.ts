/** The page by its keys: checks 7 to 10 of its specification. */
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { seekTo, twin } from "./browser.ts";
import { demonstration, faultSeconds, onPage } from "./demonstration-page.ts";

test("7: every key moves time as the table says, and types where one types", async () => {
  await onPage(async (page) => {
    const stepMs = demonstration.head.frameStepUs / 1000;
    const at = async () => (await twin(page)).instantMs;
    await seekTo(page, 500);
    await page.keyboard.press("l");
    expect(await at()).toBeCloseTo(510_000, 3);
    await page.keyboard.press("j");
    expect(await at()).toBeCloseTo(500_000, 3);
    await page.keyboard.press(".");
    const on = await at();
    expect(Math.abs(on - 500_000)).toBeLessThanOrEqual(1.5 * stepMs);
    await page.keyboard.press(",");
    expect(await at()).toBeCloseTo(on - stepMs, 3);
    await seekTo(page, faultSeconds + 0.5);
    await page.keyboard.press("[");
    expect(await at()).toBe(faultSeconds * 1000);
    await page.keyboard.press("]");
    expect(await at()).toBeGreaterThan(faultSeconds * 1000);
    await page.keyboard.press("Home");
    expect(await at()).toBe(0);
    await page.keyboard.press("End");
    expect(await at()).toBeGreaterThan(1_199_000);
    await seekTo(page, 500);
    await page.keyboard.press("Space");
    expect((await twin(page)).isPlaying).toBe(true);
    await page.keyboard.press("k");
    expect((await twin(page)).isPlaying).toBe(false);
    const paused = await at();
    await page.keyboard.press("/");
    await page.keyboard.type("jl.");
    expect(await page.locator("input.find").inputValue()).toBe("jl.");
    expect(await at()).toBe(paused);
  });
});

test("8: with single-key shortcuts off letters do nothing, and Space on Play still plays", async () => {
  await onPage(async (page) => {
    await seekTo(page, 500);
    await page.keyboard.press("?");
    await page.getByLabel("Single-key shortcuts").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("l");
    await page.keyboard.press("j");
    expect((await twin(page)).instantMs).toBe(500_000);
    await page.getByRole("button", { name: /^Play/ }).focus();
    await page.keyboard.press("Space");
    expect((await twin(page)).isPlaying).toBe(true);
  });
});

/** Everything that can take the focus now, in reading order, each with a name of its own. */
function controlsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const named: string[] = [];
    const all = document.querySelectorAll<HTMLElement | SVGElement>(
      "a[href], button, select, input, textarea, [tabindex]",
    );
    for (const element of all) {
      const isOff = element.matches(":disabled, [tabindex='-1']");
      if (isOff || element.getClientRects().length === 0) continue;
      element.setAttribute("data-tab-stop", String(named.length));
      named.push(String(named.length));
    }
    return named;
  });
}

test("9: Tab alone reaches every control in reading order, with a ring to be seen, and leaves every region; F6 goes from region to region", async () => {
  await onPage(async (page) => {
    await expect.poll(() => page.locator(".u-over").count()).toBeGreaterThan(3);
    const controls = await controlsOf(page);
    expect(controls.length).toBeGreaterThan(30);
    const reached: string[] = [];
    const regions: string[] = [];
    for (let count = 0; count < controls.length; count += 1) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return { stop: "none", region: "" };
        const style = getComputedStyle(element);
        const box = element.querySelector(".card-box");
        const isShown =
          style.outlineStyle !== "none" ||
          (box !== null && Number.parseFloat(getComputedStyle(box).strokeWidth) > 2);
        const region = element.closest("[data-region]")?.getAttribute("data-region") ?? "";
        const stop = element.getAttribute("data-tab-stop") ?? element.outerHTML.slice(0, 80);
        return { stop: isShown ? stop : `no ring on ${element.outerHTML.slice(0, 80)}`, region };
      });
      reached.push(focus.stop);
      if (regions.at(-1) !== focus.region) regions.push(focus.region);
    }
    expect(reached).toEqual(controls);
    expect(regions).toEqual(["header", "map", "inspector", "player"]);
    const cycle: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      await page.keyboard.press("F6");
      cycle.push(
        await page.evaluate(() => document.activeElement?.getAttribute("data-region") ?? ""),
      );
    }
    expect([...cycle].sort()).toEqual(["header", "inspector", "map", "player"]);
  });
});

test("10: the timeline is a slider that says the time and what is out, and its keys work", async () => {
  await onPage(async (page) => {
    await seekTo(page, 430);
    const slider = page.getByRole("slider");
    expect(await slider.count()).toBe(1);
    expect(await slider.getAttribute("aria-valuemin")).toBe("0");
    expect(Number(await slider.getAttribute("aria-valuemax"))).toBeGreaterThan(1_199_000);
    expect(await slider.getAttribute("aria-valuenow")).toBe("430000");
    const text = await slider.getAttribute("aria-valuetext");
    expect(text).toMatch(/^07:10, us-east-1a no power/);
    expect(text).toMatch(/Matching out \d+ of 60 seconds/);
    await slider.focus();
    const after = async (key: string) => {
      await page.keyboard.press(key);
      return (await twin(page)).instantMs;
    };
    expect(await after("ArrowRight")).toBe(431_000);
    expect(await after("ArrowLeft")).toBe(430_000);
    expect(await after("PageUp")).toBe(440_000);
    expect(await after("Home")).toBe(0);
    expect(await after("End")).toBeGreaterThan(1_199_000);
  });
});
