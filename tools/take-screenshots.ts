/**
 * `npm run screenshots -- [FOLDER] [--only TEXT] [--file FILE]`: every screen of the page in the sizes and themes in which it
 * is looked at, into reports/screenshots or a folder of your own.
 */
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Page } from "@playwright/test";
import {
  launchChromium,
  openPage,
  seekTo,
  servePage,
  twin,
  whenReady,
} from "../test/ui/browser.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" }, file: { type: "string" } },
});
const folder = positionals[0] ?? "reports/screenshots";

const sizes = {
  usual: { width: 1440, height: 900 },
  wide: { width: 1920, height: 1080 },
  middle: { width: 1024, height: 768 },
  narrow: { width: 390, height: 844 },
  narrowest: { width: 360, height: 740 },
  wall: { width: 2560, height: 1440 },
} as const;

interface Shot {
  readonly name: string;
  /** Instant of the run, seconds. */
  readonly seconds: number;
  /** Fields of the address. */
  readonly fields?: string;
  readonly size?: keyof typeof sizes;
  readonly theme?: "dark" | "forced" | "dark-forced";
  /** For readers who asked for less motion. */
  readonly isStill?: true;
  /** What is done before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>;
  /** The whole page, not only what is in view. */
  readonly isWhole?: true;
}

const press = (key: string) => (page: Page) => page.keyboard.press(key);
const choose = (name: string) => (page: Page) =>
  page.getByRole("button", { name, exact: true }).click();

async function writeBadScenario(page: Page): Promise<void> {
  await choose("Open your own")(page);
  await choose("Load an example")(page);
  const editor = page.getByLabel("Scenario", { exact: true });
  await page.waitForFunction(() => document.querySelector("textarea")?.value !== "");
  const text = await editor.inputValue();
  await editor.fill(
    text
      .replace("symbolSkew: 0.8", "symbolSkew: -1")
      .replace("userCount: 2000", "userCount: none")
      .replace("zone-power-loss", "zone-power-los"),
  );
  await choose("Run it")(page);
  await page.waitForSelector(".mistakes li", { timeout: 60_000 });
}

async function breakZone(page: Page): Promise<void> {
  await page.keyboard.press("b");
  await page.getByRole("combobox", { name: /^Where/ }).selectOption("zone us-east-1b");
  await page.getByRole("button", { name: "Break it", exact: true }).click();
  await waitForBranches(page);
}

async function waitForBranches(page: Page): Promise<void> {
  const until = Date.now() + 240_000;
  while (Date.now() < until) {
    if ((await twin(page)).branches.length > 0) return;
    await page.waitForTimeout(500);
  }
  throw new Error("the branch did not come");
}

const clock = (name: string) => (page: Page) => page.locator(`[data-function="${name}"]`).click();

/** Instant of the demonstration at which a zone is dark and another works off the backlog. */
const during = 545;

/** Screens by name; each is taken in the sizes and themes that could differ. */
const screens: readonly Shot[] = [
  { name: "first", seconds: 362, fields: "first" },
  { name: "before", seconds: 390 },
  { name: "during", seconds: during },
  { name: "after", seconds: 1190 },
  { name: "region", seconds: during, fields: "&region=us-east-1" },
  { name: "list", seconds: during, act: choose("List") },
  { name: "component-tab", seconds: during, fields: "&sel=matching&tab=component" },
  { name: "component-empty", seconds: during, fields: "&tab=component" },
  { name: "one-component", seconds: during, fields: "&sel=matching&open=matching&tab=component" },
  { name: "book", seconds: 390, fields: "&tab=book" },
  { name: "book-absent", seconds: 430, fields: "&tab=book" },
  { name: "events", seconds: during, fields: "&tab=events" },
  { name: "why", seconds: 700, fields: "&tab=events", act: clock("matching") },
  { name: "compare-empty", seconds: during, fields: "&tab=compare" },
  { name: "help", seconds: during, act: press("?") },
  { name: "break", seconds: 300, act: press("b") },
  { name: "design", seconds: 300, act: choose("Compare two designs") },
  { name: "find", seconds: 300, act: press("/") },
  { name: "goto", seconds: 300, act: press("g") },
  { name: "share", seconds: during, act: choose("Share") },
  { name: "orders", seconds: 700, act: clock("rpo") },
  {
    name: "events-filtered",
    seconds: during,
    fields: "&tab=events",
    act: async (page) => {
      await page.getByLabel("Stage").selectOption("recover");
      await page.getByLabel("Words in the event").fill("us-east-1c");
    },
  },
  {
    name: "claims",
    seconds: during,
    act: async (page) => {
      await page.locator(".scenario").click();
      await page.getByRole("button", { name: "Claims", exact: true }).click();
    },
  },
  {
    name: "start",
    seconds: during,
    act: async (page) => {
      await page.locator(".scenario").click();
      await page.waitForSelector("[data-entry]", { timeout: 60_000 });
    },
  },
  { name: "open", seconds: during, act: choose("Open your own") },
  { name: "mistakes", seconds: during, act: writeBadScenario },
  { name: "notice", seconds: during, fields: "&tab=nonsense&sel=nobody" },
  {
    name: "tables",
    seconds: during,
    act: (page) => page.getByRole("button", { name: "Order entry as a table" }).click(),
  },
];

const everySize: readonly Shot[] = screens.flatMap((screen) => [
  screen,
  { ...screen, name: `${screen.name}-dark`, theme: "dark" as const },
  { ...screen, name: `${screen.name}-wide`, size: "wide" as const },
  { ...screen, name: `${screen.name}-middle`, size: "middle" as const },
  { ...screen, name: `${screen.name}-narrow`, size: "narrow" as const, isWhole: true as const },
  { ...screen, name: `${screen.name}-forced`, theme: "forced" as const },
]);
async function compareDesigns(page: Page): Promise<void> {
  await choose("Compare two designs")(page);
  await page
    .getByLabel("B", { exact: true })
    .selectOption("scenario az-power-loss-journal-acceptance");
  await choose("Compare")(page);
  await waitForBranches(page);
  await seekTo(page, during);
}

/** Instant of `phase-2-region-failover` at which names lead most users to the region that takes over, and its market opens again. */
const failingOver = 962;

/** The map itself at the ends of what it has room for, and without motion. */
const extremes: readonly Shot[] = [
  { name: "map-narrowest", seconds: during, size: "narrowest", act: choose("Map"), isWhole: true },
  { name: "map-wall", seconds: during, size: "wall" },
  { name: "map-dark-forced", seconds: during, theme: "dark-forced" },
  { name: "map-still", seconds: during, isStill: true },
];

const simulated: readonly Shot[] = [
  // Of the recording that `npx stormbell run phase-2-region-failover` leaves behind, with --file.
  { name: "failover", seconds: failingOver },
  { name: "compare-designs", seconds: during, act: compareDesigns },
  { name: "compare-fault", seconds: 900, act: breakZone },
  { name: "compare-fault-dark", seconds: 900, act: breakZone, theme: "dark" },
];

const shots = [...everySize, ...extremes, ...simulated].filter(({ name }) =>
  values.only
    .split(",")
    .some((part) => (part.endsWith("$") ? name === part.slice(0, -1) : name.includes(part))),
);
mkdirSync(folder, { recursive: true });
const browser = await launchChromium();
const served = await servePage(...(values.file === undefined ? [] : [values.file]));
for (const shot of shots) {
  const run = values.file === undefined ? "demonstration" : "file";
  const address =
    shot.fields === "first" ? "/?testing=1" : `/?testing=1#/run/${run}?v=1${shot.fields ?? ""}`;
  const opened = await openPage(browser, served, address, {
    viewport: sizes[shot.size ?? "usual"],
    colorScheme: shot.theme?.startsWith("dark") === true ? "dark" : "light",
    forcedColors: shot.theme?.endsWith("forced") === true ? "active" : "none",
    reducedMotion: shot.isStill === true ? "reduce" : "no-preference",
  });
  const { page } = opened;
  try {
    await whenReady(page);
    await page.waitForTimeout(500);
    await seekTo(page, shot.seconds);
    await shot.act?.(page);
    await page.waitForTimeout(400);
    if (shot.isWhole === true) {
      // At the height of its content before the picture is taken, since charts are drawn anew when their room changes; what is
      // pinned to the window would cover its middle.
      await page.addStyleTag({ content: ".player { position: static !important; }" });
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width: sizes[shot.size ?? "usual"].width, height });
      await page.waitForTimeout(1500);
    }
    await page.screenshot({ path: `${folder}/${shot.name}.png`, fullPage: shot.isWhole === true });
  } catch (error) {
    console.error(`${shot.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const problem of opened.problems) console.error(`${shot.name}: ${problem}`);
  await opened.close();
}
await browser.close();
await served.close();
console.log(`${shots.length} screenshots in ${folder}`);
