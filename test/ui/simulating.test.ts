/** The page simulates: checks 21 and 24 of its specification, and its digests. */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { exportForms } from "../../sim/twin/recording/export/recording-exports.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { openPage, seekTo, servePage, twin, whenReady } from "./browser.ts";
import { browser, demonstration, onPage } from "./demonstration-page.ts";

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
  // Texts that the worker fetches late, and what it judges by, are in their places.
  expect(await page.evaluate(() => window.twin.head())).toEqual(
    JSON.parse(JSON.stringify(inNode?.head)),
  );
  await seekTo(page, 80);
  await page.keyboard.press("b");
  await page.getByRole("combobox", { name: /^Where/ }).selectOption("zone us-east-1b");
  await page.getByRole("button", { name: "Break it", exact: true }).click();
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
  const names = () => page.locator(".compare-head dd").allTextContents();
  const [a, b] = await names();
  // Every chart has both runs over the axis of the one above it.
  const charts = page.locator('.inspector section[aria-label="Compare"] .chart');
  await expect.poll(() => charts.locator(".u-over").count()).toBe(await charts.count());
  for (const key of await charts.locator(".chart-key").allTextContents()) {
    expect(key).toMatch(/^A [\d.,–]+B [\d.,–]+$/);
  }
  await page.locator("[data-swap]").click();
  expect(await names()).toEqual([b, a]);
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
  await onPage(
    async (page) => {
      await seekTo(page, 545);
      const shown = async () => JSON.stringify((await twin(page)).picture);
      const picture = await shown();
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
      for (const remedy of await page.locator(".mistakes li em").allTextContents()) {
        expect(remedy).toMatch(/^Write .{10,}\.$/);
      }
      const told = (await page.locator(".mistakes").textContent()) ?? "";
      expect(told).toMatch(/scenario\.yaml:\d+:\d+/);
      expect(told).toContain("symbolSkew");
      expect(told).toContain("userCount");
      expect((await twin(page)).scenario).toBe("az-power-loss");
      expect(await shown()).toBe(picture);
      await page.getByLabel("Scenario", { exact: true }).fill(good);
      await page.getByRole("button", { name: "Run it" }).click();
      await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
      await page.evaluate(() => window.twin.killWorker());
      await expect
        .poll(() => page.locator(".stopped h2").textContent())
        .toContain("The simulation stopped at");
      // What the worker had sent before it died may come later, and must not look like a run.
      await page.waitForTimeout(500);
      expect(await page.locator(".running").count()).toBe(0);
      await page.getByRole("button", { name: "Copy report" }).click();
      await expect
        .poll(() => page.evaluate(() => navigator.clipboard.readText()))
        .toMatch(
          /^stormbell [\d.]+: the simulation stopped at [\d:.]+\nscenario az-power-loss, seed 1\nerror .+\nlast event [{n]/,
        );
      await page.getByRole("button", { name: "Run again" }).click();
      await expect.poll(() => page.locator(".stopped").count()).toBe(0);
      await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
    },
    undefined,
    { permissions: ["clipboard-read", "clipboard-write"] },
  );
}, 180_000);

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
  // Each map counts its calls while it is drawn; then both take the larger number.
  const legends = () => page.locator(".two-maps [data-legend]").allTextContents();
  await expect.poll(async () => new Set(await legends()).size).toBe(1);
  expect((await legends()).join()).toMatch(/\d/);
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
