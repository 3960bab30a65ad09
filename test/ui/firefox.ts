/**
 * `npm run test:firefox`: the page in a second engine (Debian's Firefox over BiDi): the demonstration plays, seeks alike, and
 * a run made there has the digest of Node's.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { loadScenario } from "../../cli/scenario-files.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { servePage } from "./browser.ts";

const executablePath = "/usr/bin/firefox-esr";
if (!existsSync(executablePath)) {
  console.error(
    "This test needs Firefox: sudo apt-get install -y --no-install-recommends firefox-esr",
  );
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "stormbell-firefox-"));
const file = join(folder, "short.yaml");
writeFileSync(
  file,
  readFileSync("scenarios/az-power-loss.yaml", "utf8")
    .replace(/^durationSeconds: .*/m, "durationSeconds: 150")
    .replace("atSeconds: 400", "atSeconds: 100")
    .replace("ratePerSecond: 500", "ratePerSecond: 100"),
);
const { scenario, topology } = loadScenario(file);
const expected = runScenario({ scenario, topology, seed: "1" })?.head.digest;

const served = await servePage(file);
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  extraPrefsFirefox: {
    "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false,
    "app.update.enabled": false,
    "toolkit.telemetry.enabled": false,
  },
});
const page = await browser.newPage();
const errors: string[] = [];
page.on("pageerror", (error) => errors.push(String(error)));
await page.goto(`${served.origin}/?testing=1#/`);
await page.waitForFunction("window.twin?.state().digest !== undefined", { timeout: 180_000 });
const digest = await page.evaluate("window.twin.state().digest");
await page.evaluate("window.twin.seek(110000)");
const first = await page.evaluate("JSON.stringify(window.twin.state().picture)");
await page.evaluate("window.twin.seek(10000)");
await page.evaluate("window.twin.seek(110000)");
const again = await page.evaluate("JSON.stringify(window.twin.state().picture)");
await browser.close();
await served.close();

const problems = [
  ...errors,
  ...(digest === expected ? [] : [`digest ${digest} in Firefox, ${expected} in Node`]),
  ...(first === again ? [] : ["seeking away and back changes the picture"]),
];
for (const problem of problems) console.error(problem);
console.log(`firefox: digest ${digest}, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
