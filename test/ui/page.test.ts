/**
 * The page as a visitor meets it, in Chromium: the acceptance checks of its specification by number, those of the tabletop
 * excepted. Time budgets are measured apart, where nothing else runs (`budgets.ts`).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { recordingOfJson } from "../../sim/twin/recording/export/json.ts";
import { type ExportForm, exportForms } from "../../sim/twin/recording/export/recording-exports.ts";
import { decodeRecording } from "../../sim/twin/recording/recording-file.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { Simulation } from "../../sim/twin/simulation.ts";
import {
  launchChromium,
  type OpenedPage,
  openPage,
  type ServedPage,
  seekTo,
  servePage,
  twin,
  whenReady,
} from "./browser.ts";

let browser: Browser;
let served: ServedPage;

beforeAll(async () => {
  browser = await launchChromium();
  served = await servePage();
});

afterAll(async () => {
  await browser.close();
  await served.close();
});

const demonstration = decodeRecording(
  gunzipSync(readFileSync("ui/public/demonstration.stormrec")),
  "demonstration",
);
const faultSeconds = 400;

/** Opens the demonstration, stopped, and closes it after the work. */
async function onPage(
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

const stopped = (fields = "") => `/?testing=1#/run/demonstration?v=1${fields}`;

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

test("4: seeking away and back gives the same state and the same pixels", async () => {
  await onPage(async (page) => {
    for (const seconds of [410, 455.3, 700]) {
      await seekTo(page, seconds);
      const state = JSON.stringify((await twin(page)).picture);
      const pixels = await canvasPixels(page);
      expect(pixels.length).toBeGreaterThan(1000);
      for (const away of [5, 1100, 399]) await seekTo(page, away);
      await seekTo(page, seconds);
      expect(JSON.stringify((await twin(page)).picture)).toBe(state);
      expect(await canvasPixels(page)).toBe(pixels);
    }
  });
});

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

test("9: Tab reaches every control and leaves every region, and F6 goes from region to region", async () => {
  await onPage(async (page) => {
    const reached = new Set<string>();
    for (let count = 0; count < 90; count += 1) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return "";
        const style = getComputedStyle(element);
        const box = element.querySelector(".card-box");
        const isShown =
          style.outlineStyle !== "none" ||
          (box !== null && Number.parseFloat(getComputedStyle(box).strokeWidth) > 2);
        const region = element.closest("[data-region]")?.getAttribute("data-region") ?? "";
        return isShown ? `${region}` : `no ring on ${element.outerHTML.slice(0, 80)}`;
      });
      reached.add(focus);
    }
    expect([...reached].filter((each) => each.startsWith("no ring"))).toEqual([]);
    for (const region of ["header", "map", "inspector", "player"])
      expect(reached).toContain(region);
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

const screens: readonly { name: string; open: (page: Page) => Promise<void>; fields?: string }[] = [
  { name: "the run", open: async () => {} },
  {
    name: "the list",
    open: async (page) => page.getByRole("button", { name: "List", exact: true }).click(),
  },
  { name: "a component", open: async () => {}, fields: "&sel=order-service&tab=component" },
  { name: "one component", open: async () => {}, fields: "&open=order-service" },
  { name: "the order book", open: async () => {}, fields: "&tab=book" },
  {
    name: "why",
    open: async (page) => page.locator('[data-function="matching"]').click(),
    fields: "&tab=events",
  },
  { name: "compare", open: async () => {}, fields: "&tab=compare" },
  { name: "help", open: async (page) => page.getByRole("button", { name: "Help" }).click() },
  {
    name: "opening one's own",
    open: async (page) => page.getByRole("button", { name: "Open your own" }).click(),
  },
  {
    name: "breaking something",
    open: async (page) => page.getByRole("button", { name: "Break something" }).click(),
  },
  { name: "orders", open: async (page) => page.locator('[data-function="rpo"]').click() },
];

test.each([
  { colorScheme: "light" as const },
  { colorScheme: "dark" as const },
  { forcedColors: "active" as const },
])(
  "11: axe finds nothing on any screen, %o",
  async (options) => {
    for (const screen of screens) {
      await onPage(
        async (page) => {
          await seekTo(page, 640);
          await screen.open(page);
          await page.waitForTimeout(300);
          const { violations } = await new AxeBuilder({ page }).analyze();
          const told = violations.map(
            ({ id, nodes }) => `${screen.name}: ${id}: ${nodes[0]?.html.slice(0, 160)}`,
          );
          expect(told).toEqual([]);
        },
        stopped(screen.fields),
        options,
      );
    }
  },
  240_000,
);

test("12: with reduced motion nothing starts by itself and no dots are drawn", async () => {
  await onPage(
    async (page) => {
      await page.waitForTimeout(500);
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

test("14, 15: a link shows a colleague the same; a bad field is named and the rest applies; Back undoes a choice", async () => {
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

test("17: map, list and search open the same component, and Esc goes back to where the focus was", async () => {
  await onPage(async (page) => {
    const shown = () => page.locator("[data-component]").getAttribute("data-component");
    const card = page.locator('[data-key="matching@us-east-1a"]');
    await card.focus();
    await page.keyboard.press("Enter");
    expect(await shown()).toBe("matching");
    expect((await twin(page)).opened).toBe("matching");
    await page.keyboard.press("Escape");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-key")))
      .toBe("matching@us-east-1a");
    await page.locator("#tab-charts").click();
    await page.getByRole("button", { name: "List", exact: true }).click();
    await page.locator('[data-list-key="matching@us-east-1b"]').click();
    expect(await shown()).toBe("matching");
    await page.locator("#tab-charts").click();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("matching service");
    await page.keyboard.press("Enter");
    expect(await shown()).toBe("matching");
  });
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
      const words = (await page.locator(".book").textContent()) ?? "";
      const [, total] = /([\d,]+) orders rest/.exec(words) ?? [];
      expect(Number(total?.replace(/,/g, "")), `orders at ${seconds} s`).toBe(own.orders);
      ordersSeen += own.orders;
      const [best] = rows;
      const isOneSided = best?.[1] === 0 || best?.[2] === 0;
      if (!isOneSided) expect(best?.[1]).toBeLessThan(best?.[2] ?? 0);
    }
    expect(ordersSeen).toBeGreaterThan(1000);
  }, stopped("&tab=book"));
}, 400_000);

test("23: every export has the command line's bytes; JSON opens again and reruns to the same hash; each form is sound", async () => {
  await onPage(async (page) => {
    await page.getByRole("button", { name: "Share" }).click();
    const download = async (form: string) => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.locator(`[data-export="${form}"]`).click(),
      ]);
      return readFileSync(await file.path(), "utf8");
    };
    const hasMetrics = demonstration.head.metrics !== undefined;
    for (const form of Object.keys(exportForms) as ExportForm[]) {
      if (form === "cloudwatch" && !hasMetrics) continue;
      const text = await download(form);
      expect(text === exportForms[form].textOf(demonstration), form).toBe(true);
    }
    const again = recordingOfJson(await download("json"), "export.json");
    expect(again.head.digest).toBe(demonstration.head.digest);
    expect(again.frames.map(bytesOf)).toEqual(demonstration.frames.map(bytesOf));
    const trace = JSON.parse(await download("perfetto")) as {
      traceEvents: (Slice & { ph: string; name: string; args?: { name?: string } })[];
    };
    const named = new Set(
      trace.traceEvents.flatMap(({ ph, name, args }) =>
        ph === "M" && name === "thread_name" ? [args?.name] : [],
      ),
    );
    expect(demonstration.head.components.filter(({ title }) => !named.has(title))).toEqual([]);
    const slices = trace.traceEvents.filter(({ ph }) => ph === "X");
    expect(slices.length).toBeGreaterThan(demonstration.head.components.length);
    expect(slices.filter(({ dur }) => !(dur !== undefined && dur > 0))).toEqual([]);
    expect(overlapping(slices)).toEqual([]);
    // Slices that are opened would have to be closed; there are only whole ones.
    expect(trace.traceEvents.filter(({ ph }) => ph === "B" || ph === "E")).toEqual([]);
    const starts = trace.traceEvents.filter(({ ph }) => ph === "s").length;
    expect(trace.traceEvents.filter(({ ph }) => ph === "f")).toHaveLength(starts);
    const rows = (await download("csv")).trimEnd().split("\r\n");
    expect(rows[0]).toBe("timeS,component,metric,unit,value");
    expect(rows.slice(1).filter((row) => !/^[\d.]+,[^,]+,.+,[^,]+,-?[\d.e+-]+$/.test(row))).toEqual(
      [],
    );
    const isXml = await page.evaluate(
      (svg) =>
        new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("parsererror") === null,
      await download("svg"),
    );
    expect(isXml).toBe(true);
    const { scenario, topology, seed, digest } = again.head;
    expect(runScenario({ scenario, topology, seed })?.head.digest).toBe(digest);
  });
}, 400_000);

interface Slice {
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
}

/** Slices of one track that begin before the one before them has ended. */
function overlapping(slices: readonly Slice[]): readonly Slice[] {
  const ends = new Map<string, number>();
  return [...slices]
    .sort((a, b) => a.ts - b.ts)
    .filter(({ pid, tid, ts, dur = 0 }) => {
      const track = `${pid} ${tid}`;
      const isOver = ts < (ends.get(track) ?? 0);
      ends.set(track, ts + dur);
      return isOver;
    });
}

function bytesOf(values: Float32Array | Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}

test("a run in the page has Node's digest; a branch of it parts where something was broken, and swapping negates the differences", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stormbell-page-"));
  const file = join(folder, "short.yaml");
  const text = readFileSync("scenarios/az-power-loss.yaml", "utf8")
    .replace(/^durationSeconds: .*/m, "durationSeconds: 150")
    .replace("atSeconds: 400", "atSeconds: 100");
  writeFileSync(file, text.replace("ratePerSecond: 500", "ratePerSecond: 100"));
  const { scenario, topology } = loadScenario(file);
  const inNode = runScenario({ scenario, topology, seed: "1" });
  const own = await servePage(file);
  const opened = await openPage(browser, own, "/#/");
  const { page } = opened;
  await whenReady(page);
  await expect
    .poll(async () => (await twin(page)).digest, { timeout: 120_000, interval: 500 })
    .toBe(inNode?.head.digest);
  await seekTo(page, 80);
  await page.keyboard.press("b");
  await page.getByRole("combobox", { name: /^Where/ }).selectOption("zone us-east-1b");
  await page.getByRole("button", { name: "Break it" }).click();
  await expect
    .poll(async () => (await twin(page)).branches.length, { timeout: 120_000, interval: 500 })
    .toBe(1);
  const fault = {
    id: "broken-1",
    kind: "zone-power-loss" as const,
    zone: "us-east-1b",
    atSeconds: 80,
    durationSeconds: 300,
  };
  const struckZone = inNode?.head.events.find(({ kind }) => kind === "zone.power-lost")?.zone ?? "";
  const faults = scenario.faults.map((each) => ({ ...each, zone: struckZone }));
  const fromStart = runScenario({
    scenario: { ...scenario, faults: [...(faults as typeof scenario.faults), fault] },
    topology,
    seed: "1",
  });
  expect((await twin(page)).branches[0]?.digest).toBe(fromStart?.head.digest);
  const differences = () =>
    page
      .locator("[data-difference]")
      .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("data-difference"))));
  const before = await differences();
  expect(before.some((value) => value !== 0)).toBe(true);
  await page.locator("[data-swap]").click();
  expect(await differences()).toEqual(before.map((value) => 0 - value));
  await expect
    .poll(() => page.locator(".two-maps .map").count(), { timeout: 20_000, interval: 200 })
    .toBe(2);
  const axe = await new AxeBuilder({ page }).analyze();
  expect(axe.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120)}`)).toEqual(
    [],
  );
  expect(opened.problems).toEqual([]);
  await opened.close();
  await own.close();
}, 400_000);

test("24: a broken scenario shows all its mistakes and keeps the picture; a dead worker can be run again", async () => {
  await onPage(async (page) => {
    await page.getByRole("button", { name: "Open your own" }).click();
    const good = readFileSync("scenarios/az-power-loss.yaml", "utf8");
    await page
      .getByLabel("Scenario", { exact: true })
      .fill(
        good
          .replace("symbolSkew: 0.8", "symbolSkew: -1")
          .replace("userCount: 2000", "userCount: none"),
      );
    await page.getByRole("button", { name: "Run it" }).click();
    await expect.poll(() => page.locator(".mistakes li").count(), { timeout: 20_000 }).toBe(2);
    const told = (await page.locator(".mistakes").textContent()) ?? "";
    expect(told).toMatch(/scenario\.yaml:\d+:\d+/);
    expect(told).toContain("symbolSkew");
    expect(told).toContain("userCount");
    expect((await twin(page)).scenario).toBe("az-power-loss");
    await page.getByLabel("Scenario", { exact: true }).fill(good);
    await page.getByRole("button", { name: "Run it" }).click();
    await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
    await page.evaluate(() => window.twin.killWorker());
    await expect
      .poll(() => page.locator(".stopped h2").textContent())
      .toContain("The simulation stopped at");
    await page.getByRole("button", { name: "Run again" }).click();
    await expect.poll(() => page.locator(".stopped").count()).toBe(0);
    await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
  });
}, 180_000);

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

test("18: the crosshair stands in every chart, and one tooltip has the exported figures", async () => {
  await onPage(async (page) => {
    const over = page.locator(".u-over");
    await expect.poll(() => over.count()).toBeGreaterThan(3);
    const box = await over.first().boundingBox();
    if (box === null) throw new Error("a chart has a place");
    await page.mouse.move(box.x + box.width * 0.4, box.y + 30);
    await expect.poll(() => page.locator(".tooltip:visible").count()).toBe(1);
    const lefts = await page
      .locator(".u-cursor-x")
      .evaluateAll((lines) =>
        lines.slice(0, 4).map((line) => line.getBoundingClientRect().left.toFixed(0)),
      );
    expect(new Set(lefts).size).toBe(1);
    const tooltip = (await page.locator(".tooltip:visible").textContent()) ?? "";
    const [, minutes, seconds, good] = /^(\d+):(\d+) {2}good ([\d.,]+)/.exec(tooltip) ?? [];
    const second = Number(minutes) * 60 + Number(seconds);
    const channel = demonstration.head.channels.findIndex(
      ({ name }) => name === "order-entry good",
    );
    const at = (each: number) =>
      demonstration.frames[channel]?.[
        Math.ceil((each * 1e6) / demonstration.head.frameStepUs - 1e-9)
      ] ?? 0;
    expect(Number(good?.replace(/,/g, ""))).toBeCloseTo(at(second) - at(second - 1), 1);
  });
});

const verdicts: Readonly<Record<string, { readonly atSeconds: number }>> = JSON.parse(
  readFileSync("ui/src/panels/library-verdicts.json", "utf8"),
);

test("the start page has every scenario, incident and claim with its verdict, and a link that opens it where it matters", async () => {
  await onPage(async (page) => {
    await page.locator(".scenario").click();
    await expect.poll(() => page.locator(".entries [data-entry]").count()).toBeGreaterThan(45);
    const entries = page.locator(".entries [data-entry]");
    const told = await entries.evaluateAll((links) =>
      links.map((link) => ({
        id: link.getAttribute("data-entry"),
        verdict: link.querySelector(".entry-verdict")?.textContent?.trim(),
        points: link.querySelector("polyline")?.getAttribute("points")?.split(" ").length,
      })),
    );
    const isKnown = (id: string | null) => id !== null && id in verdicts;
    expect(
      told.filter(({ id, verdict, points }) => isKnown(id) && (!verdict || points !== 48)),
    ).toEqual([]);
    expect(told.filter(({ id, verdict }) => !isKnown(id) && verdict !== "not run yet")).toEqual([]);
    const claims = page.locator("[data-claim]");
    expect(await claims.count()).toBe(
      JSON.parse(readFileSync("scenarios/claims/claims.json", "utf8")).claims.length,
    );
    expect(await claims.first().textContent()).toMatch(/holds|does not hold|inconsistent|tested/);
    const { violations } = await new AxeBuilder({ page }).include("dialog").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.locator('.entries [data-entry="knight-2012-08-smars"]').click();
    await expect
      .poll(async () => (await twin(page)).scenario, { timeout: 30_000 })
      .toBe("knight-2012-08-smars");
    const { atSeconds = 0 } = verdicts["knight-2012-08-smars"] ?? {};
    await expect
      .poll(async () => (await twin(page)).instantMs, { timeout: 90_000, interval: 200 })
      .toBeGreaterThanOrEqual((atSeconds - 5) * 1000);
  });
}, 150_000);

test("two designs stand side by side under the same arrivals, from two files", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stormbell-designs-"));
  const text = readFileSync("scenarios/az-power-loss.yaml", "utf8")
    .replace(/^durationSeconds: .*/m, "durationSeconds: 120")
    .replace("atSeconds: 400", "atSeconds: 60")
    .replace("ratePerSecond: 500", "ratePerSecond: 60");
  const [one, other] = [join(folder, "as-it-is.yaml"), join(folder, "as-planned.yaml")];
  writeFileSync(one, text);
  writeFileSync(other, text.replace("taskCount: 9", "taskCount: 12"));
  const own = await servePage(one, other);
  const opened = await openPage(browser, own, "/#/");
  const { page } = opened;
  await whenReady(page);
  await expect
    .poll(async () => (await twin(page)).branches.length, { timeout: 120_000, interval: 500 })
    .toBe(1);
  const { scenario, topology } = loadScenario(other);
  const inNode = runScenario({ scenario, topology, seed: "1" });
  expect((await twin(page)).branches[0]?.digest).toBe(inNode?.head.digest);
  await expect
    .poll(() => page.locator(".two-maps .map").count(), { timeout: 20_000, interval: 200 })
    .toBe(2);
  expect(await page.locator(".inspector").textContent()).toContain("The same arrivals (seed 1)");
  const legends = await page.locator(".two-maps [data-legend]").allTextContents();
  expect(new Set(legends).size).toBe(1);
  expect(opened.problems).toEqual([]);
  await opened.close();
  await own.close();
}, 200_000);

test("a recording as JSON and a scenario as JSON open when dropped, and what is neither is told as such", async () => {
  await onPage(async (page) => {
    const drop = (name: string, text: string) =>
      page.evaluate(
        ([fileName, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([content ?? ""], fileName ?? ""));
          document.dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }),
          );
        },
        [name, text] as const,
      );
    await page.locator("#tab-events").click();
    await drop("again.json", exportForms.json.textOf(demonstration));
    await expect.poll(() => page.url(), { timeout: 30_000 }).toContain("/run/file");
    expect((await twin(page)).digest).toBe(demonstration.head.digest);
    const short = {
      ...demonstration.head.scenario,
      durationSeconds: 70,
      faults: [],
      warmUpSeconds: 20,
    };
    await drop("own.json", JSON.stringify({ ...short, title: "Mine, as JSON" }));
    await expect
      .poll(() => page.locator(".scenario-title").textContent(), { timeout: 60_000 })
      .toBe("Mine, as JSON");
    await drop("broken.json", JSON.stringify({ ...short, faults: "none" }));
    await expect.poll(() => page.locator(".mistakes li").count(), { timeout: 20_000 }).toBe(1);
    expect(await page.locator(".mistakes").textContent()).toContain("broken.json:1:");
  });
}, 120_000);
