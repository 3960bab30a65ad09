/**
 * The page's budgets, measured on the built site in Chromium with software drawing, alone: what is fetched at first, how soon
 * it paints, how fast it seeks and draws, and how much it grows. As a part of `npm test` it judges what a busy host can't
 * change, sizes and growth, and only tells the times; `npm run test:budgets` judges them all. `--json` prints the figures.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { concludePart } from "../../tools/parts.mjs";
import { launchChromium, openPage, seekTo, servePage, whenReady } from "./browser.ts";

interface Budget {
  readonly name: string;
  readonly measured: number;
  readonly max: number;
  readonly unit: string;
}

/** Whether times are judged too: they are only worth something on a host without other work. */
const judgesTimes = process.argv.includes("--times");
const isTime = ({ unit }: Budget) => unit === "s" || unit === "ms";

const folder = process.env["STORMBELL_PAGE_DIR"] ?? "dist/ui";
/** Kilobytes: all that a live run of az-power-loss asks for before its end. */
const workerMax = 120;
/** What follows while it runs: other services, faults (those of the market last), the judgement, texts. */
const lateMax = 111;
/** Schemas and YAML, for scenarios of the user's own; 80 before faults of the market. */
const readerMax = 81;
/** Of the demonstration. */
const faultSeconds = 400;
/** Dots at the busiest instant, so that the ten seconds that are measured have 2,000 in each frame. */
const crowd = 6600;
const budgets: Budget[] = [...sizeBudgets()];

const browser = await launchChromium(["--enable-precise-memory-info", "--js-flags=--expose-gc"]);
const served = await servePage();
budgets.push(await workerBudget(), ...(await paintBudgets()), ...(await playBudgets()));
if (judgesTimes) budgets.push(...(await liveBudgets()));
await browser.close();
await served.close();

const judged = budgets.filter((budget) => judgesTimes || !isTime(budget));
for (const budget of budgets) {
  const { name, measured, max, unit } = budget;
  const verdict = measured <= max ? "ok  " : "OVER";
  const aside = judged.includes(budget) ? "" : " (told, not judged)";
  console.log(`${verdict} ${name}: ${+measured.toFixed(2)} ${unit} of ${+max.toFixed(2)}${aside}`);
}
if (process.argv.includes("--json")) console.log(JSON.stringify(budgets));
concludePart("page-budgets", {
  checked: judged.length,
  problems: judged
    .filter(({ measured, max }) => !(measured <= max))
    .map(
      ({ name, measured, max, unit }) => `${name}: ${+measured.toFixed(2)} ${unit}, at most ${max}`,
    ),
  note: `${judged.length} budgets of the page`,
});

/** Compressed kilobytes of what the first paint needs: what the page names, and what those files import at once. */
function sizeBudgets(): readonly Budget[] {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const named = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(
    ([, path]) => path ?? "",
  );
  const scripts = withImports(named.filter((path) => path.endsWith(".js")));
  const worker = withImports(chunks(/^(simulation-worker|engine)-.*\.js$/));
  const reader = withImports(chunks(/^library-.*\.js$/));
  const late = withImports(chunks(/^late-functions-.*\.js$/));
  return [
    { name: "initial JavaScript", measured: kilobytes(scripts), max: 110, unit: "KB" },
    {
      name: "initial CSS",
      measured: kilobytes(named.filter((path) => path.endsWith(".css"))),
      max: 14,
      unit: "KB",
    },
    {
      name: "what the worker fetches while a run goes on",
      measured: kilobytes([...late].filter((path) => !worker.has(path))),
      max: lateMax,
      unit: "KB",
    },
    {
      name: "reader of scenarios",
      measured: kilobytes([...reader].filter((path) => !worker.has(path))),
      max: readerMax,
      unit: "KB",
    },
    {
      name: "demonstration",
      measured: readFileSync(join(folder, "demonstration.stormrec")).length / 1024,
      max: 300,
      unit: "KB",
    },
  ];
}

function kilobytes(paths: Iterable<string>): number {
  return (
    [...paths].reduce((sum, path) => sum + gzipSync(readFileSync(join(folder, path))).length, 0) /
    1024
  );
}

/**
 * Compressed kilobytes of every script that the worker asks for until a live run of az-power-loss is past its fault, while
 * what should only be needed later is withheld: should the run need it after all, it doesn't get there.
 */
async function workerBudget(): Promise<Budget> {
  served.withhold(/late-functions/);
  const from = served.asked.length;
  const { page, close } = await openPage(browser, served, "/?testing=1#/run/az-power-loss?v=1");
  await whenReady(page);
  const isPastFault = await page
    .waitForFunction((ms) => window.twin.state().availableMs > ms, (faultSeconds + 60) * 1000, {
      timeout: 120_000,
      polling: 200,
    })
    .then(
      () => true,
      () => false,
    );
  await close();
  served.withhold(undefined);
  const scripts = new Set<string>();
  const asked = served.asked.slice(from).filter(({ path }) => path.endsWith(".js"));
  for (let known = -1; known < scripts.size; ) {
    known = scripts.size;
    for (const { path, by } of asked) {
      if (/late-functions/.test(path)) continue;
      if (/simulation-worker/.test(path) || scripts.has(by)) scripts.add(path);
    }
  }
  return {
    name: "worker with engine",
    measured: isPastFault && scripts.size > 1 ? kilobytes(scripts) : Number.NaN,
    max: workerMax,
    unit: "KB",
  };
}

function chunks(names: RegExp): readonly string[] {
  return readdirSync(join(folder, "assets"))
    .filter((name) => names.test(name))
    .map((name) => `assets/${name}`);
}

/** The files and whatever they import at once. */
function withImports(paths: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    const text = readFileSync(join(folder, path), "utf8");
    for (const [, imported] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
      add(`assets/${imported}`);
    }
  };
  for (const path of paths) add(path);
  return found;
}

async function paintBudgets(): Promise<readonly Budget[]> {
  const { page, close } = await openPage(browser, served, "/");
  const visit = await firstVisit(page);
  await page.waitForTimeout(1500);
  const paints = await page.evaluate(
    () =>
      new Promise<{ first: number; largest: number; shift: number; blocked: number }>((resolve) => {
        const seen = { first: 0, largest: 0, shift: 0, blocked: 0 };
        for (const entry of performance.getEntriesByType("paint")) {
          if (entry.name === "first-contentful-paint") seen.first = entry.startTime;
        }
        for (const type of ["largest-contentful-paint", "layout-shift", "longtask"]) {
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) {
              if (type === "largest-contentful-paint") seen.largest = entry.startTime;
              else if (type === "layout-shift") {
                seen.shift += (entry as PerformanceEntry & { value: number }).value;
              } else if (entry.startTime < 3000) seen.blocked += Math.max(0, entry.duration - 50);
            }
          }).observe({ type, buffered: true });
        }
        setTimeout(() => resolve(seen), 200);
      }),
  );
  await close();
  return [
    {
      name: "first visit to three zones on the map",
      measured: visit.zonesMs / 1000,
      max: 1,
      unit: "s",
    },
    { name: "first visit to orders that move", measured: visit.movingMs / 1000, max: 2, unit: "s" },
    { name: "play until the fault", measured: visit.faultMs / 1000, max: 5, unit: "s" },
    { name: "first paint", measured: paints.first / 1000, max: 1, unit: "s" },
    { name: "largest paint", measured: paints.largest / 1000, max: 1.8, unit: "s" },
    { name: "layout shift", measured: paints.shift, max: 0.02, unit: "" },
    { name: "main thread blocked", measured: paints.blocked, max: 150, unit: "ms" },
  ];
}

/** Milliseconds since the visit began; to the fault, since the orders moved. */
function firstVisit(page: Page): Promise<{ zonesMs: number; movingMs: number; faultMs: number }> {
  return page.evaluate(async (faultMs) => {
    const seen = { zonesMs: 0, movingMs: 0, faultMs: 0 };
    let fromMs = -1;
    while (seen.faultMs === 0 && performance.now() < 30_000) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const nowMs = performance.now();
      if (seen.zonesMs === 0 && document.querySelectorAll(".zone").length === 3) {
        seen.zonesMs = nowMs;
      }
      if (!("twin" in window) || document.querySelector(".zone") === null) continue;
      const { instantMs } = window.twin.state();
      if (fromMs < 0) fromMs = instantMs;
      if (seen.movingMs === 0 && instantMs > fromMs) seen.movingMs = nowMs;
      if (instantMs >= faultMs) seen.faultMs = nowMs - seen.movingMs;
    }
    return seen;
  }, faultSeconds * 1000);
}

async function playBudgets(): Promise<readonly Budget[]> {
  const { page, close } = await openPage(browser, served);
  await whenReady(page);
  const seekMs = await page.evaluate(async () => {
    const times: number[] = [];
    let luck = 1;
    for (let count = 0; count < 100; count += 1) {
      luck = (luck * 48_271) % 2_147_483_647;
      const began = performance.now();
      await window.twin.seek((luck % 1200) * 1000);
      times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b)[94] ?? 0;
  });
  await seekTo(page, 500);
  // The address of `openPage` freezes the clock for nobody: testing only hides what is volatile.
  await page.evaluate((dots) => {
    window.twin.showCrowd(dots);
    window.twin.play();
  }, crowd);
  await page.waitForTimeout(200);
  await page.evaluate(() => window.twin.resetFrameStats());
  await page.waitForTimeout(10_000);
  const stats = await page.evaluate(() => window.twin.frameStats());
  const grownMb = await page.evaluate(async () => {
    const collect = (globalThis as { gc?: () => void }).gc;
    const used = () =>
      (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
    window.twin.pause();
    window.twin.showCrowd(0);
    const loop = async () => {
      await window.twin.seek(0);
      for (let at = 0; at < 12; at += 1) await window.twin.seek(at * 100_000);
    };
    for (let count = 0; count < 5; count += 1) await loop();
    collect?.();
    const before = used();
    for (let count = 0; count < 60; count += 1) await loop();
    collect?.();
    return (used() - before) / 1024 / 1024;
  });
  await close();
  return [
    { name: "seek to painted frame, 95th percentile", measured: seekMs, max: 100, unit: "ms" },
    {
      name: "dots that 2,000 are short of",
      measured: Math.max(0, 2000 - stats.dotsLeast),
      max: 0,
      unit: "",
    },
    {
      name: "script a frame while playing, 95th percentile",
      measured: stats.scriptMsP95,
      max: 8,
      unit: "ms",
    },
    {
      name: "milliseconds between frames",
      measured: 1000 / stats.framesPerSecond,
      max: 1000 / 55,
      unit: "ms",
    },
    { name: "growth over sixty loops", measured: grownMb, max: 5, unit: "MB" },
  ];
}

/** Half an hour of a shipped scenario, from the click that runs it to its end, simulated in the worker while the page plays it. */
async function liveBudgets(): Promise<readonly Budget[]> {
  const { page, close } = await openPage(browser, served);
  await whenReady(page);
  await page.getByRole("button", { name: "Open your own" }).click();
  await page.getByLabel("Scenario", { exact: true }).fill(
    readFileSync("scenarios/az-power-loss.yaml", "utf8")
      .replace(/^id: .*/m, "id: half-an-hour")
      .replace(/^durationSeconds: .*/m, "durationSeconds: 1800"),
  );
  await page.waitForTimeout(1000);
  const live = await page.evaluate(async () => {
    let longestMs = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration);
    }).observe({ type: "longtask" });
    const begunMs = performance.now();
    document.querySelector<HTMLElement>("dialog .row button.primary")?.click();
    let movingMs = 0;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { isLive, instantMs, digest, scenario } = window.twin.state();
      const passedMs = performance.now() - begunMs;
      if (movingMs === 0 && isLive && instantMs > 0) movingMs = passedMs;
      if (movingMs > 0 && !isLive && digest !== "" && scenario === "half-an-hour") {
        return { movingMs, wholeMs: passedMs, longestMs };
      }
      if (passedMs > 90_000) return { movingMs, wholeMs: Number.POSITIVE_INFINITY, longestMs };
    }
  });
  await close();
  return [
    { name: "click to moving picture", measured: live.movingMs / 1000, max: 2, unit: "s" },
    {
      name: "30 minutes at 500 requests a second simulated live",
      measured: live.wholeMs / 1000,
      max: 15,
      unit: "s",
    },
    { name: "longest task while it runs", measured: live.longestMs, max: 50, unit: "ms" },
  ];
}
