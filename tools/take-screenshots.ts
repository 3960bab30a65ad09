/** `npm run screenshots`: the page as it looks, into reports/screenshots (or a folder of your own), in the sizes and themes in which it is looked at. */
import { mkdirSync } from "node:fs";
import { launchChromium, openPage, seekTo, servePage, whenReady } from "../test/ui/browser.ts";

const folder = process.argv[2] ?? "reports/screenshots";
const file = process.argv[3];

interface Shot {
  readonly name: string;
  readonly seconds: number;
  readonly fields?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: true;
  readonly press?: string;
}

const shots: readonly Shot[] = [
  { name: "demonstration", seconds: 545 },
  { name: "demonstration-dark", seconds: 545, dark: true },
  { name: "before", seconds: 390 },
  { name: "component", seconds: 545, fields: "&sel=matching&open=matching&tab=component" },
  { name: "events", seconds: 545, fields: "&tab=events" },
  { name: "book", seconds: 390, fields: "&tab=book" },
  { name: "wide", seconds: 545, width: 1920, height: 1080 },
  { name: "middle", seconds: 545, width: 1024, height: 768 },
  { name: "narrow", seconds: 545, width: 390, height: 844 },
  { name: "help", seconds: 545, press: "?" },
  { name: "break", seconds: 300, press: "b" },
];

mkdirSync(folder, { recursive: true });
const browser = await launchChromium();
const served = await servePage(file);
for (const shot of shots) {
  const run = file === undefined ? "demonstration" : "file";
  const opened = await openPage(
    browser,
    served,
    `/?testing=1#/run/${run}?v=1${shot.fields ?? ""}`,
    {
      viewport: { width: shot.width ?? 1440, height: shot.height ?? 900 },
      colorScheme: shot.dark ? "dark" : "light",
    },
  );
  await whenReady(opened.page);
  await opened.page.waitForTimeout(800);
  await seekTo(opened.page, shot.seconds);
  if (shot.press !== undefined) await opened.page.keyboard.press(shot.press);
  await opened.page.waitForTimeout(500);
  await opened.page.screenshot({ path: `${folder}/${shot.name}.png` });
  for (const problem of opened.problems) console.error(`${shot.name}: ${problem}`);
  await opened.close();
}
await browser.close();
await served.close();
console.log(`${shots.length} screenshots in ${folder}`);
