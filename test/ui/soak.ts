/** `npm run test:soak`: ten minutes of play over and over at top speed; the heap may grow by five megabytes. */
import { launchChromium, openPage, servePage, whenReady } from "./browser.ts";

const minutes = Number(process.argv[2] ?? 10);
const grownMbMax = 5;

const browser = await launchChromium(["--enable-precise-memory-info", "--js-flags=--expose-gc"]);
const served = await servePage();
const { page, problems } = await openPage(
  browser,
  served,
  "/?testing=1#/run/demonstration?v=1&speed=1800",
);
await whenReady(page);
const usedMb = () =>
  page.evaluate(() => {
    (globalThis as { gc?: () => void }).gc?.();
    const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } };
    return memory.usedJSHeapSize / 1024 / 1024;
  });
const playFor = async (seconds: number) => {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    await page.evaluate(() => window.twin.play());
    await page.waitForTimeout(1000);
  }
};
await playFor(20);
const before = await usedMb();
await playFor(minutes * 60);
const grownMb = (await usedMb()) - before;
await browser.close();
await served.close();
console.log(`${minutes} minutes of play: ${grownMb.toFixed(2)} MB more, at most ${grownMbMax}`);
for (const problem of problems) console.error(problem);
process.exitCode = grownMb <= grownMbMax && problems.length === 0 ? 0 : 1;
