/** A run that comes to code which is fetched late, in its middle or before it is there, ends as in Node. */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser } from "@playwright/test";
import { expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { openPage, servePage, twin, whenReady } from "./browser.ts";
import { browser } from "./demonstration-page.ts";

/** How often the late file was asked for; it comes three seconds late. */
function withLateCodeDelayed(): { readonly slow: Browser; readonly asked: () => number } {
  let asked = 0;
  const slow = {
    newContext: async (options: Parameters<Browser["newContext"]>[0]) => {
      const context = await browser.newContext(options);
      await context.route(/late-functions/, async (route) => {
        asked += 1;
        await new Promise((go) => setTimeout(go, 3000));
        await route.continue();
      });
      return context;
    },
  } as Browser;
  return { slow, asked: () => asked };
}

test.each(["database-writer-kill", "lost-trades-settled"])(
  "%s, which goes where the first drill never does, has Node's digest in the page",
  async (id) => {
    const folder = await mkdtemp(join(tmpdir(), "stormbell-page-"));
    const file = join(folder, "short.yaml");
    const text = readFileSync(`scenarios/${id}.yaml`, "utf8");
    writeFileSync(file, text.replace(/ratePerSecond: \d+/, "ratePerSecond: 20"));
    const { scenario, topology } = loadScenario(file);
    const inNode = runScenario({ scenario, topology, seed: "1" });
    const own = await servePage(file);
    const { slow, asked } = withLateCodeDelayed();
    const { page, problems, close } = await openPage(slow, own, "/#/");
    await whenReady(page);
    await expect
      .poll(async () => (await twin(page)).digest, { timeout: 120_000, interval: 500 })
      .toBe(inNode?.head.digest);
    expect(asked()).toBe(1);
    expect(problems).toEqual([]);
    await close();
    await own.close();
  },
  180_000,
);
