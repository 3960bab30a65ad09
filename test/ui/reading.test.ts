/** The page for everyone who reads it: checks 11, 13, 17 and 18 of its specification. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { exportForms } from "../../sim/twin/recording/export/recording-exports.ts";
import { seekTo, twin, whenDrawn } from "./browser.ts";
import { healthNames, tooAlike } from "./colour-distance.ts";
import { demonstration, onPage, stopped } from "./demonstration-page.ts";

interface Screen {
  readonly name: string;
  readonly open: (page: Page) => Promise<void>;
  readonly fields?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
}

const telephone = { width: 360, height: 740 };

const screens: readonly Screen[] = [
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
  {
    name: "events of one stage",
    open: async (page) => {
      await page.getByLabel("Stage").selectOption("fault");
      await page.getByLabel("Words in the event").fill("dark");
    },
    fields: "&tab=events",
  },
  {
    name: "a chart as a table",
    open: async (page) => page.getByRole("button", { name: "Order entry as a table" }).click(),
  },
  {
    name: "comparing designs",
    open: async (page) => page.getByRole("button", { name: "Compare two designs" }).click(),
  },
  { name: "sharing", open: async (page) => page.getByRole("button", { name: "Share" }).click() },
  { name: "finding", open: async (page) => page.keyboard.press("/") },
  { name: "going to a time", open: async (page) => page.keyboard.press("g") },
  {
    name: "the start page's claims",
    open: async (page) => {
      await page.locator(".scenario").click();
      await page.getByRole("button", { name: "Claims", exact: true }).click();
    },
  },
  {
    name: "the start page's incidents",
    open: async (page) => {
      await page.locator(".scenario").click();
      await page.getByRole("button", { name: "Incidents", exact: true }).click();
      await expect.poll(() => page.locator("[data-entry]").count()).toBeGreaterThan(3);
    },
  },
  { name: "a telephone", open: async () => {}, viewport: telephone },
  {
    name: "a telephone's map",
    open: async (page) => page.getByRole("button", { name: "Map", exact: true }).click(),
    viewport: telephone,
  },
  {
    name: "a telephone's start page",
    open: async (page) => {
      await page.locator(".scenario").click();
      await expect.poll(() => page.locator("[data-entry]").count()).toBeGreaterThan(3);
    },
    viewport: telephone,
  },
  { name: "a link's mistakes", open: async () => {}, fields: "&tab=nonsense&sel=nobody" },
  {
    name: "a scenario's mistakes",
    open: async (page) => {
      await page.getByRole("button", { name: "Open your own" }).click();
      await page.getByLabel("Scenario", { exact: true }).fill("id: mine\nseed: 3\n");
      await page.getByRole("button", { name: "Run it" }).click();
      await expect.poll(() => page.locator(".mistakes li").count()).toBeGreaterThan(2);
    },
  },
  {
    name: "two runs beside each other",
    open: async (page) => {
      await page.getByRole("button", { name: "Compare two designs" }).click();
      await page.getByLabel("A file as B").setInputFiles("ui/public/demonstration.stormrec");
      await expect.poll(() => page.locator(".two-maps .map").count()).toBe(2);
      await expect.poll(() => page.locator(".inspector .u-over").count()).toBeGreaterThan(3);
    },
  },
  {
    name: "a run that stopped",
    open: async (page) => {
      await page.locator(".scenario").click();
      await page.locator('[data-entry="az-power-loss"]').click();
      await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
      await page.evaluate(() => window.twin.killWorker());
      await expect.poll(() => page.locator(".stopped").count()).toBe(1);
    },
  },
];

test.each([
  { schemes: ["light" as const] },
  { schemes: ["dark" as const] },
  { forcedColors: "active" as const, schemes: ["light" as const, "dark" as const] },
])(
  "11: axe finds nothing on any screen, %o",
  async ({ schemes, ...options }) => {
    for (const screen of screens) {
      await onPage(
        async (page) => {
          await seekTo(page, 640);
          await screen.open(page);
          await whenDrawn(page);
          for (const colorScheme of schemes) {
            await page.emulateMedia({ colorScheme });
            const { violations } = await new AxeBuilder({ page }).analyze();
            const told = violations.map(
              ({ id, nodes }) =>
                `${screen.name}, ${colorScheme}: ${id}: ${nodes[0]?.html.slice(0, 160)}`,
            );
            expect(told).toEqual([]);
          }
        },
        stopped(screen.fields),
        {
          ...options,
          colorScheme: schemes[0] ?? "light",
          ...(screen.viewport === undefined ? {} : { viewport: screen.viewport }),
        },
      );
    }
  },
  480_000,
);

test("17: map, list and search open the same component, and Esc goes back to where the focus was", async () => {
  await onPage(async (page) => {
    const shown = () => page.locator("[data-component]").getAttribute("data-component");
    const inspector = () => page.locator("[data-component]").innerText();
    const card = page.locator('[data-key="matching@us-east-1a"]');
    await card.focus();
    await page.keyboard.press("Enter");
    expect(await shown()).toBe("matching");
    expect((await twin(page)).opened).toBe("matching");
    await page.keyboard.press("Escape");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-key")))
      .toBe("matching@us-east-1a");
    // The sources come with the catalogue of facts, which is fetched when it is first wanted.
    const sources = page.locator("[data-component] .parameter a");
    await expect.poll(() => sources.count()).toBeGreaterThan(3);
    const told = await inspector();
    expect(told).toMatch(/Matching service[\s\S]*Metrics[\s\S]*Parameters/);
    await page.locator("#tab-charts").click();
    await page.getByRole("button", { name: "List", exact: true }).click();
    await page.locator('[data-list-key="matching@us-east-1b"]').click();
    expect(await shown()).toBe("matching");
    await expect.poll(inspector).toBe(told);
    await page.locator("#tab-charts").click();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("matching service");
    await page.keyboard.press("Enter");
    expect(await shown()).toBe("matching");
    await expect.poll(inspector).toBe(told);
  });
});

test("18: the crosshair stands in every chart, and one tooltip has the exported figures", async () => {
  await onPage(async (page) => {
    const over = page.locator(".u-over");
    await whenDrawn(page);
    expect(await over.count()).toBeGreaterThan(3);
    const textUnderPointer = async () => {
      const box = await over.first().boundingBox();
      if (box === null) throw new Error("a chart has a place");
      await page.mouse.move(box.x + box.width * 0.4, box.y + 30);
      return (await page.locator(".tooltip:visible").allTextContents()).join("|");
    };
    await expect.poll(textUnderPointer).toMatch(/^\d+:\d+ {2}good [^|]+$/);
    const lefts = await page
      .locator(".u-cursor-x")
      .evaluateAll((lines) => lines.map((line) => Math.round(line.getBoundingClientRect().left)));
    expect(lefts.length).toBeGreaterThan(3);
    expect(new Set(lefts).size).toBe(1);
    const box = await over.first().boundingBox();
    expect(Math.abs((lefts[0] ?? 0) - ((box?.x ?? 0) + (box?.width ?? 0) * 0.4))).toBeLessThan(3);
    const tooltip = (await page.locator(".tooltip:visible").textContent()) ?? "";
    const [, minutes, seconds, good, bad] =
      /^(\d+):(\d+) {2}good ([\d.,]+) {2}bad ([\d.,]+)$/.exec(tooltip) ?? [];
    const second = Number(minutes) * 60 + Number(seconds);
    const rows = exportForms.csv
      .textOf(demonstration)
      .split("\r\n")
      .map((row) => row.split(","));
    const stepSeconds = demonstration.head.frameStepUs / 1e6;
    /** What was counted by the first frame at or after a second. */
    const countedAt = (each: number, metric: string) => {
      const atSeconds = Math.round(Math.ceil(each / stepSeconds - 1e-9) * stepSeconds * 1e6) / 1e6;
      const row = rows.find((cells) => cells[2] === metric && Number(cells[0]) === atSeconds);
      if (row === undefined) throw new Error(`the table has no row at ${each} s`);
      return Number(row[4]);
    };
    for (const [told, metric] of [
      [good, "order-entry good"],
      [bad, "order-entry bad"],
    ] as const) {
      const grown = countedAt(second, metric) - countedAt(second - 1, metric);
      expect(Number(told?.replace(/,/g, "")), metric).toBeCloseTo(grown, 1);
    }
    expect(await page.locator(".tooltip:visible").count()).toBe(1);
  });
});

test("13: the page's own colours of health can be read, and told apart by every sight", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await onPage(
      async (page) => {
        const colours = await page.evaluate(
          (names) => {
            const style = getComputedStyle(document.documentElement);
            return Object.fromEntries(
              names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
            );
          },
          [...healthNames, "surface"],
        );
        expect(tooAlike(colours)).toEqual([]);
      },
      stopped(),
      { colorScheme },
    );
  }
});
