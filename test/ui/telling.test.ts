/** What the page says of reports, trades and events, and that it says it legibly on every width. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { encodeRecording } from "../../sim/twin/recording/recording-file.ts";
import type { EventRecord, LedgerDifference } from "../../sim/twin/results-types.ts";
import { openPage, seekTo, servePage, whenDrawn, whenReady } from "./browser.ts";
import { browser, demonstration, onPage, stopped } from "./demonstration-page.ts";

const lostTrade = (orderId: number, fate: "called-off" | "re-instated"): LedgerDifference => ({
  kind: "lost",
  what: "trade",
  orderId,
  symbol: 3,
  quantity: 2,
  notional: 20_000,
  acceptedUs: -1,
  lastPlace: "matching journal",
  fate,
});

const last = demonstration.head.events.at(-1)!;
const decided = (kind: string, atSeconds: number, at: number): EventRecord => ({
  ...last,
  kind,
  stage: "info",
  atUs: atSeconds * 1e6,
  seq: last.seq + at,
  place: "",
  component: "",
  zone: "",
  causeSeq: -1,
  value: 20_000,
});

/** The demonstration, as though three trades had been lost and two of three missing reports had been sent again. */
function withLostTrades() {
  const { head, frames } = demonstration;
  const differences = [
    lostTrade(11, "re-instated"),
    lostTrade(12, "called-off"),
    lostTrade(13, "called-off"),
  ];
  const results: typeof head.results = {
    ...head.results,
    differences,
    executionReports: {
      sent: 9000,
      missed: 3,
      resent: 2,
      withdrawn: 1,
      stillMissing: 0,
      resendRequests: 4,
      resendsFailed: 1,
      sessionsWithGapMax: 2,
      wholeAfterSeconds: 130,
    },
    tradeSettlement: {
      policy: "manual",
      found: 3,
      foundNotional: 60_000,
      busted: 2,
      bustedNotional: 40_000,
      honoured: 1,
      honouredNotional: 20_000,
      couldNotHonour: 1,
      open: 0,
      accountsOffMax: 6,
      accountsOff: 0,
      settledAfterSeconds: 600,
    },
  };
  const events = [
    ...head.events.filter(({ atUs }) => atUs < 900e6),
    decided("trades.re-instated", 900, 1),
    decided("trades.busted", 950, 2),
    decided("trades.busted", 1000, 3),
    // More than a page should hold at once.
    ...Array.from({ length: 3000 }, (_, at) => ({
      ...decided("ecs.task-launched", 1100, 4 + at),
      place: `Order service #${at} in us-east-1a`,
    })),
  ];
  return encodeRecording({ head: { ...head, results, events }, frames });
}

test("what became of missed reports and lost trades is told where orders are, and counted as time passes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stormbell-trades-"));
  const file = join(folder, "lost.stormrec");
  await writeFile(file, withLostTrades());
  const served = await servePage(file);
  const { page, problems, close } = await openPage(browser, served, "/?testing=1#/run/file?v=1");
  try {
    await whenReady(page);
    const clock = page.locator('[data-function="trades"]');
    const settledAt = async (seconds: number) => {
      await seekTo(page, seconds);
      return clock.locator(".clock-time").textContent();
    };
    expect([await settledAt(890), await settledAt(960), await settledAt(1010)]).toEqual([
      "0/3",
      "2/3",
      "3/3",
    ]);
    await clock.click();
    expect(await page.locator("[data-reports]").innerText()).toMatch(
      /sent\s+9,000[\s\S]*missed at first\s+3[\s\S]*sent again\s+2[\s\S]*still missing\s+0/,
    );
    const trades = page.locator("[data-settlement]");
    expect(await trades.innerText()).toMatch(
      /people look at each[\s\S]*found\s+3[\s\S]*honoured[\s\S]*\s1\s[\s\S]*busted[\s\S]*\s2\s[\s\S]*still with people\s+0/,
    );
    const rows = page.locator("[data-differences] tbody tr");
    expect(await rows.locator("td:last-child").allTextContents()).toEqual([
      "re-instated",
      "called off",
      "called off",
    ]);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.locator("#tab-events").click();
    const eventRows = page.locator(".events li");
    await expect.poll(() => eventRows.count()).toBeGreaterThan(150);
    expect(await eventRows.count()).toBeLessThan(700);
    await page.getByRole("button", { name: /^[\d,]+ later$/ }).click();
    await expect.poll(() => eventRows.count()).toBeGreaterThan(900);
    expect(await page.locator(".events .is-now").count()).toBe(1);
    await page.getByLabel("Words in the event").fill("called off");
    await expect.poll(() => page.locator(".events li").count()).toBe(2);
    expect(problems).toEqual([]);
  } finally {
    await close();
    await served.close();
    await rm(folder, { recursive: true });
  }
}, 60_000);

test("why an event happened is told by the causes that the log names, and why a function was out by the chain that ended it", async () => {
  await onPage(async (page) => {
    const { events, results } = demonstration.head;
    const bySeq = new Map(events.map((event) => [event.seq, event]));
    const causesOf = (seq: number): readonly number[] => {
      const event = bySeq.get(seq);
      return event === undefined ? [] : [...causesOf(event.causeSeq), seq];
    };
    const chain = () =>
      page
        .locator(".chain [data-chain-seq]")
        .evaluateAll((links) => links.map((link) => Number(link.getAttribute("data-chain-seq"))));
    await seekTo(page, 700);
    await page.locator('[data-function="matching"]').click();
    const outage = results.functions.find((each) => each.function === "matching")?.outages[0];
    expect(await chain()).toEqual(outage?.chain);
    const shown = await page
      .locator(".events [data-seq]")
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-seq"))));
    const deepest = shown.toSorted((a, b) => causesOf(b).length - causesOf(a).length)[0] ?? -1;
    expect(causesOf(deepest).length).toBeGreaterThan(3);
    for (const seq of [deepest, shown[0] ?? -1]) {
      await page.locator(`.events [data-seq="${seq}"]`).click();
      expect(await chain()).toEqual(causesOf(seq));
    }
  }, stopped("&tab=events"));
});

/** Texts that lie on each other, of those that a selector finds. */
function overlapping(page: Page, selector: string): Promise<readonly string[]> {
  return page.locator(selector).evaluateAll((elements) => {
    const boxes = elements
      .filter((each) => each.checkVisibility() && each.textContent?.trim() !== "")
      .map((each) => ({ text: each.textContent, box: each.getBoundingClientRect() }));
    return boxes.flatMap((a, at) =>
      boxes
        .slice(at + 1)
        .filter(
          ({ box }) =>
            a.box.left < box.right - 1 &&
            box.left < a.box.right - 1 &&
            a.box.top < box.bottom - 1 &&
            box.top < a.box.bottom - 1,
        )
        .map(({ text }) => `${a.text} on ${text}`),
    );
  });
}

test("on every width the clocks, the timeline's times and the player's parts stand beside each other, and nothing is cut", async () => {
  for (const [width, height] of [
    [360, 740],
    [390, 844],
    [768, 1024],
    [1024, 768],
    [1440, 900],
    [1920, 1080],
  ] as const) {
    await onPage(
      async (page) => {
        await seekTo(page, 545);
        await whenDrawn(page);
        const told: string[] = [];
        for (const selector of [
          ".ticks span",
          ".clock-time, .clock-name, .clock-words",
          ".time-now, .speed select, .player > button, .transport button",
        ]) {
          told.push(...(await overlapping(page, selector)));
        }
        const cut = await page
          .locator(".time-now, .clock, .player button, .top-tools button, .tabs button")
          .evaluateAll((elements) =>
            elements
              .filter((each) => each.checkVisibility())
              .filter((each) => {
                const box = each.getBoundingClientRect();
                return box.right > innerWidth + 1 || each.scrollWidth > each.clientWidth + 1;
              })
              .filter((each) => !each.closest(".tabs"))
              .map((each) => each.textContent),
          );
        expect([width, ...told, ...cut]).toEqual([width]);
        expect(await page.locator(".ticks span").last().textContent()).toBe("20:00");
        const sideways = await page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth,
        );
        expect([width, sideways]).toEqual([width, 0]);
      },
      stopped(),
      { viewport: { width, height } },
    );
  }
}, 120_000);

test("a dialog's fields stay inside it on a narrow page", async () => {
  await onPage(
    async (page) => {
      await page.keyboard.press("b");
      const { right = 0 } = await page
        .locator(".dialog")
        .evaluate((each) => each.getBoundingClientRect().toJSON());
      for (const field of await page.locator(".dialog select").all()) {
        const box = await field.boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(right);
      }
    },
    stopped(),
    { viewport: { width: 360, height: 740 } },
  );
});

test("without motion each way is as wide as its own calls, and no number lies on another", async () => {
  await onPage(
    async (page) => {
      await seekTo(page, 545);
      await whenDrawn(page);
      const widths = await page
        .locator(".flows path")
        .evaluateAll((paths) => paths.map((path) => Number(path.getAttribute("stroke-width"))));
      // Nobody is led into the zone without power any more.
      expect(widths.filter((width) => width === 0).length).toBeGreaterThan(10);
      expect(widths.filter((width) => width > 1).length).toBeGreaterThan(10);
      expect(await overlapping(page, ".flows text")).toEqual([]);
      // What comes later is drawn on top: no line on a number.
      const order = await page
        .locator(".flows > *")
        .evaluateAll((each) => each.map(({ localName }) => localName));
      expect(order.lastIndexOf("path")).toBeLessThan(order.indexOf("text"));
    },
    stopped(),
    { reducedMotion: "reduce" },
  );
});

test("on paper the map is as wide as the sheet, with its dots on it, and nothing lies on it", async () => {
  await onPage(async (page) => {
    await seekTo(page, 545);
    const drawn = await page
      .locator(".map canvas")
      .evaluate((each) => (each as HTMLCanvasElement).width);
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 760, height: 1060 });
    const shownWide = () =>
      page.locator(".map svg").evaluate((each) => each.getBoundingClientRect().width);
    await expect.poll(shownWide).toBeGreaterThan(700);
    await whenDrawn(page);
    const boxes = await page.evaluate(() => {
      const box = (selector: string) => document.querySelector(selector)?.getBoundingClientRect();
      return [".map svg", ".map canvas", ".control-plane", ".inspector", ".player"].map((each) => ({
        top: box(each)?.top ?? 0,
        bottom: box(each)?.bottom ?? 0,
        width: box(each)?.width ?? 0,
      }));
    });
    const [svg, canvas, ...below] = boxes;
    expect(canvas).toEqual(svg);
    expect(
      await page.locator(".map canvas").evaluate((each) => (each as HTMLCanvasElement).width),
    ).toBe(drawn);
    let bottom = svg?.bottom ?? 0;
    for (const part of below) {
      expect(part.top).toBeGreaterThanOrEqual(bottom - 1);
      bottom = part.bottom;
    }
  }, stopped());
});

test("on paper there is what is on screen and nothing to press", async () => {
  await onPage(async (page) => {
    await seekTo(page, 545);
    await whenDrawn(page);
    await page.emulateMedia({ media: "print" });
    const buttons = await page.locator("button, select, input").evaluateAll((elements) =>
      elements
        .filter((each) => each.checkVisibility())
        .filter((each) => !each.matches(".clock, .scenario, .lane button"))
        .map((each) => each.textContent),
    );
    expect(buttons).toEqual([]);
    const hidden = await page.locator(".chart").evaluateAll(
      (charts) =>
        charts.filter((chart) => {
          const box = chart.getBoundingClientRect();
          return box.right > innerWidth + 1 || box.height === 0;
        }).length,
    );
    expect(hidden).toBe(0);
  });
});
