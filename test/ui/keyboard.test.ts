/** The page by its keys: checks 7 to 10 of its specification. */
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { seekTo, twin, whenDrawn } from "./browser.ts";
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
    const frame = Math.round(500_000 / stepMs);
    await page.keyboard.press(".");
    expect(await at()).toBeCloseTo((frame + 1) * stepMs, 3);
    await page.keyboard.press(",");
    await page.keyboard.press(",");
    expect(await at()).toBeCloseTo((frame - 1) * stepMs, 3);
    await seekTo(page, faultSeconds + 0.5);
    await page.keyboard.press("[");
    expect(await at()).toBe(faultSeconds * 1000);
    // The first alarm of all stands after the fault, and before its end.
    const alarm = demonstration.head.events.find(({ kind }) => kind === "cloudwatch.alarm-raised");
    const recoveries = demonstration.head.results.functions
      .flatMap(({ outages }) => outages)
      .map(({ endedUs }) => endedUs);
    await page.keyboard.press("]");
    expect(await at()).toBe(Math.min(alarm?.atUs ?? 0, ...recoveries) / 1000);
    await page.keyboard.press("Home");
    expect(await at()).toBe(0);
    await page.keyboard.press("End");
    const { durationUs, frameStepUs, frameCount } = demonstration.head;
    const endUs = Math.min(durationUs, (frameCount - 1) * frameStepUs);
    expect(await at()).toBeCloseTo(endUs / 1000, 3);
    await seekTo(page, 500);
    await page.keyboard.press("Space");
    expect((await twin(page)).isPlaying).toBe(true);
    await page.keyboard.press("k");
    expect((await twin(page)).isPlaying).toBe(false);
    const paused = await at();
    await page.keyboard.press("/");
    await page.keyboard.type("jl ., k[]bm");
    await page.keyboard.press("Home");
    await page.keyboard.type("t");
    await page.keyboard.press("End");
    await page.keyboard.type("g");
    expect(await page.locator("input.find").inputValue()).toBe("tjl ., k[]bmg");
    expect(await twin(page)).toMatchObject({ instantMs: paused, isPlaying: false });
  });
});

test("a time that is typed takes the place of the one that stands there, and one beyond the end says where that is", async () => {
  await onPage(async (page) => {
    await seekTo(page, 500);
    await page.keyboard.press("g");
    await page.keyboard.type("7:10");
    await page.keyboard.press("Enter");
    expect((await twin(page)).instantMs).toBe(430_000);
    await page.keyboard.press("g");
    await page.keyboard.type("90:00");
    expect(await page.locator("dialog").innerText()).toContain("The run ends at 20:00.");
  });
});

test("8: with single-key shortcuts off letters do nothing, and Space on Play still plays", async () => {
  await onPage(async (page) => {
    await seekTo(page, 500);
    await page.keyboard.press("?");
    await page.getByLabel("Single-key shortcuts").uncheck();
    await page.keyboard.press("Escape");
    // The address may be written meanwhile, for the seek.
    const shown = async () => ({ ...(await twin(page)), addressWrites: 0 });
    const before = await shown();
    for (const letter of "abcdefghijklmnopqrstuvwxyz,.[]-=0123456789/?") {
      await page.keyboard.press(letter);
      expect([letter, await page.locator("dialog").count()]).toEqual([letter, 0]);
    }
    expect(await shown()).toEqual(before);
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
    await whenDrawn(page);
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
    expect(cycle).toEqual(["header", "map", "inspector", "player"]);
    const back: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      await page.keyboard.press("Shift+F6");
      back.push(
        await page.evaluate(() => document.activeElement?.getAttribute("data-region") ?? ""),
      );
    }
    expect(back).toEqual(["inspector", "map", "header"]);
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
    expect(await after("PageDown")).toBe(430_000);
    expect(await after("Home")).toBe(0);
    expect(await after("End")).toBeGreaterThan(1_199_000);
  });
});
