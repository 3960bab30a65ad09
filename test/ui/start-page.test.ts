/** The start page: every scenario, incident and claim. */
import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "vitest";
import { readVerdicts } from "../../tools/stored-verdicts.ts";
import { twin } from "./browser.ts";
import { onPage } from "./demonstration-page.ts";

const { simulation, verdicts } = readVerdicts();

test("the start page has every scenario, incident and claim with its verdict, and a link that opens it where it matters", async () => {
  await onPage(async (page) => {
    await page.locator(".scenario").click();
    await expect.poll(() => page.locator(".entries [data-entry]").count()).toBeGreaterThan(45);
    const entries = page.locator(".entries [data-entry]");
    const told = await entries.evaluateAll((links) =>
      links.map((link) => ({
        id: link.getAttribute("data-entry"),
        verdict: link.querySelector(".entry-verdict")?.textContent?.trim(),
        isEarlier: link.textContent?.includes("run by an earlier version") === true,
        points: link.querySelector("polyline")?.getAttribute("points")?.split(" ").length,
      })),
    );
    const isKnown = (id: string | null) => id !== null && id in verdicts;
    expect(
      told.filter(({ id, verdict, points }) => isKnown(id) && (!verdict || points !== 48)),
    ).toEqual([]);
    expect(told.filter(({ id, verdict }) => !isKnown(id) && verdict !== "not run yet")).toEqual([]);
    const isOfAnother = (id: string | null) =>
      id !== null && verdicts[id] !== undefined && verdicts[id].simulation !== simulation;
    expect(told.filter(({ id, isEarlier }) => isOfAnother(id) && !isEarlier)).toEqual([]);
    const noted = page.locator("[data-earlier]");
    const notedCount = (await noted.count()) === 0 ? 0 : await noted.getAttribute("data-earlier");
    expect(Number(notedCount)).toBeGreaterThanOrEqual(
      Object.keys(verdicts).filter(isOfAnother).length,
    );
    const claims = page.locator("[data-claim]");
    expect(await claims.count()).toBe(
      JSON.parse(readFileSync("scenarios/claims/claims.json", "utf8")).claims.length,
    );
    expect(await claims.first().textContent()).toMatch(/holds|does not hold|inconsistent|tested/);
    await page.getByLabel("Words in the title or the verdict").fill("phase 2 missed");
    await expect.poll(() => entries.count()).toBeLessThan(10);
    for (const text of await entries.allTextContents())
      expect(text).toMatch(/phase.2[\s\S]*missed/i);
    await page.getByRole("button", { name: "Incidents", exact: true }).click();
    await expect.poll(() => page.getByText("Nothing here has these words.").count()).toBe(1);
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.getByLabel("Words in the title or the verdict").fill("");
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
