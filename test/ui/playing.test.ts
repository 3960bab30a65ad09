/** The page plays: checks 1 to 4, 12 and 19 of its specification. */
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { Simulation } from "../../sim/twin/simulation.ts";
import { seekTo, twin, whenDrawn } from "./browser.ts";
import { demonstration, faultSeconds, onPage, stopped } from "./demonstration-page.ts";

/** What the map's canvas shows, as a hash of its pixels. */
function canvasPixels(page: Page): Promise<string> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".map canvas");
    return canvas === null ? "" : canvas.toDataURL();
  });
}

test("1, 2: the demonstration moves by itself and reaches its fault, and says which zone failed", async () => {
  await onPage(async (page) => {
    await expect.poll(() => page.locator(".zone").count()).toBe(3);
    for (const zone of ["us-east-1a", "us-east-1b", "us-east-1c"]) {
      expect(await page.locator(".zone-name", { hasText: zone }).isVisible()).toBe(true);
    }
    expect(await page.locator(".scenario-title").isVisible()).toBe(true);
    expect(await page.locator(".scenario-title").textContent()).toBe(
      demonstration.head.scenario.title,
    );
    const before = (await twin(page)).instantMs;
    await expect
      .poll(async () => (await twin(page)).instantMs, { timeout: 10_000 })
      .toBeGreaterThan(before);
    await expect
      .poll(async () => (await twin(page)).instantMs, { timeout: 30_000 })
      .toBeGreaterThan(faultSeconds * 1000);
    await page.evaluate(() => window.twin.pause());
    expect(await page.locator("[data-story]").textContent()).toContain("us-east-1a lost power");
    await page.getByRole("button", { name: "List", exact: true }).click();
    expect(await page.locator('[data-zone-row="us-east-1a"]').textContent()).toContain("failed");
    expect(await page.locator('[data-zone-row="us-east-1b"]').textContent()).not.toContain(
      "failed",
    );
  }, "/");
});

test("3: each recovery clock counts while its function is out and stops at the recorded time", async () => {
  await onPage(async (page) => {
    const [outage] =
      demonstration.head.results.functions.find((each) => each.function === "matching")?.outages ??
      [];
    if (outage === undefined) throw new Error("the demonstration has an outage of matching");
    const clock = page.locator('[data-function="matching"]');
    const secondsAt = async (seconds: number) => {
      await seekTo(page, seconds);
      return Number(await clock.getAttribute("data-seconds"));
    };
    expect(await secondsAt(outage.beganUs / 1e6 - 1)).toBe(0);
    expect(await secondsAt(outage.beganUs / 1e6 + 30)).toBe(30);
    expect(await secondsAt(outage.endedUs / 1e6 + 60)).toBe(outage.seconds);
    expect(await clock.textContent()).toContain("missed");
  });
});

test("4: seeking away and back, forwards and backwards, gives the same state, the same pixels and the same words", async () => {
  await onPage(async (page) => {
    const cards = () => page.locator(".map svg").evaluate((svg) => svg.outerHTML);
    const shown = async () => ({
      state: JSON.stringify((await twin(page)).picture),
      pixels: await canvasPixels(page),
      cards: await cards(),
    });
    const pictures = new Set<string>();
    for (const seconds of [410, 455.3, 700]) {
      await seekTo(page, seconds);
      const first = await shown();
      expect(first.pixels.length).toBeGreaterThan(1000);
      pictures.add(first.pixels).add(first.cards).add(first.state);
      for (const way of [
        [1100, 399],
        [5, 1100],
      ]) {
        for (const away of way) await seekTo(page, away);
        await seekTo(page, seconds);
        expect(await shown()).toEqual(first);
      }
    }
    expect(pictures.size).toBe(9);
  });
});

test("every dot that is counted is on the map, as round and as large as it is meant to be, in the colour of the theme", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await onPage(
      async (page) => {
        await page.evaluate(() => window.twin.resetFrameStats());
        await seekTo(page, 300);
        const drawn = await page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>(".map canvas");
          const context = canvas?.getContext("2d");
          if (canvas === null || context === null || context === undefined) return undefined;
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          const inks = new Set<string>();
          let area = 0;
          for (let at = 0; at < data.length; at += 4) {
            area += (data[at + 3] ?? 0) / 255;
            if (data[at + 3] === 255) inks.add(data.slice(at, at + 3).join(", "));
          }
          const ink = getComputedStyle(canvas).color;
          return { area, inks: [...inks], ink };
        });
        const scale = await page
          .locator(".map-content")
          .evaluate((each) => (each as unknown as SVGGElement).getCTM()?.a ?? 0);
        const { dotsLeast } = await page.evaluate(() => window.twin.frameStats());
        expect(dotsLeast).toBeGreaterThan(100);
        expect(drawn?.inks.map((ink) => `rgb(${ink})`)).toEqual([drawn?.ink]);
        const areaOfAll = dotsLeast * Math.PI * (1.9 * scale) ** 2;
        // Some lie on each other.
        expect(drawn?.area).toBeGreaterThan(areaOfAll * 0.4);
        expect(drawn?.area).toBeLessThan(areaOfAll * 1.05);
      },
      stopped(),
      { colorScheme },
    );
  }
});

test("12: with reduced motion nothing starts by itself and no dots are drawn", async () => {
  await onPage(
    async (page) => {
      await whenDrawn(page);
      const before = await page.screenshot();
      await page.waitForTimeout(1000);
      expect((await page.screenshot()).equals(before)).toBe(true);
      const start = (await twin(page)).instantMs;
      await page.keyboard.press("Space");
      await expect
        .poll(async () => (await twin(page)).instantMs, { timeout: 10_000 })
        .toBeGreaterThan(start);
      const drawn = await page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>(".map canvas");
        const data = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
        return data?.some((value) => value !== 0);
      });
      expect(drawn).toBe(false);
      expect(await page.locator(".flows text").first().textContent()).toMatch(/^\d+$/);
    },
    "/",
    { reducedMotion: "reduce" },
  );
});

/** A symbol's book as the engine that simulates it holds it, order by order. */
function bookOfEngine(simulation: Simulation, symbol: number) {
  const { matching } = simulation.partOf(symbol);
  const sides = [new Map<number, number>(), new Map<number, number>()];
  let orders = 0;
  if (matching.isRunning) {
    matching.engine.forEachOpenOrder(symbol, (_id, side, price, _leaves, shown) => {
      orders += 1;
      if (shown > 0) sides[side]?.set(price, (sides[side].get(price) ?? 0) + shown);
    });
  }
  return { orders, bids: [...(sides[0] ?? [])], asks: [...(sides[1] ?? [])] };
}

test("19: at ten instants the order book on screen is the engine's own, every level and the total, and bids never meet asks", async () => {
  const { scenario, topology, seed, frameStepUs } = demonstration.head;
  const simulation = new Simulation({ scenario, topology, seed });
  await onPage(async (page) => {
    let ordersSeen = 0;
    // The third and fourth are while no engine runs, the fifth while it works off what has waited.
    for (const seconds of [60, 390, 430, 500, 530, 560, 600, 650, 700, 750]) {
      const frame = Math.floor((seconds * 1e6) / frameStepUs);
      simulation.kernel.runUntil(frame * frameStepUs);
      const own = bookOfEngine(simulation, 0);
      await seekTo(page, seconds);
      const rows = await page
        .locator(".book tbody tr")
        .evaluateAll((elements) =>
          elements.map((row) =>
            [...row.querySelectorAll("td")].map((cell) =>
              Number(cell.textContent?.replace(/,/g, "")),
            ),
          ),
        );
      expect(rows).toHaveLength(8);
      const levelOf = (side: readonly (readonly [number, number])[], level: number) =>
        side[level] ?? [0, 0];
      rows.forEach((row, level) => {
        const [bid, bidQuantity] = levelOf(own.bids, level);
        const [ask, askQuantity] = levelOf(own.asks, level);
        expect(row, `level ${level} at ${seconds} s`).toEqual([bidQuantity, bid, ask, askQuantity]);
      });
      const words = (await page.locator(".book > p").textContent()) ?? "";
      const [, total = "0"] = /^([\d,]+) orders rest/.exec(words) ?? [];
      expect(Number(total.replace(/,/g, "")), `orders at ${seconds} s`).toBe(own.orders);
      const { isRunning } = simulation.partOf(0).matching;
      expect(words.startsWith("Nothing can trade"), `words at ${seconds} s`).toBe(!isRunning);
      ordersSeen += own.orders;
      const [best] = rows;
      const isOneSided = best?.[1] === 0 || best?.[2] === 0;
      if (!isOneSided) expect(best?.[1]).toBeLessThan(best?.[2] ?? 0);
    }
    expect(ordersSeen).toBeGreaterThan(1000);
  }, stopped("&tab=book"));
}, 400_000);
