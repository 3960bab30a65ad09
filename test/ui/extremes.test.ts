/** The page at the extremes of what it is given: it shows them whole, or says what is wrong, where, and what to do next. */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { encodeRecording } from "../../sim/twin/recording/recording-file.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { clockText } from "../../ui/src/playback/times.ts";
import { openPage, seekTo, servePage, twin, whenReady } from "./browser.ts";
import { browser, demonstration, onPage, stopped } from "./demonstration-page.ts";
import { stretched, withComponents, withOneComponent, withTitles } from "./odd-recordings.ts";

/** Nobody places an order, for two minutes. */
function withoutOrders(): Recording {
  const { scenario, topology } = loadScenario("scenarios/az-power-loss.yaml");
  const recording = runScenario({
    scenario: {
      ...scenario,
      durationSeconds: 120,
      warmUpSeconds: 20,
      faults: [],
      workload: { ...scenario.workload, ratePerSecond: 0.1, mix: { "query-book": 1 } },
    },
    topology,
    seed: "1",
  });
  if (recording === undefined) throw new Error("nobody ended the run");
  return recording;
}

const long = "A service whose name is as long as a name is ever going to be";

const kinds: readonly { name: string; make: () => Recording; cards: number }[] = [
  { name: "no orders at all", make: withoutOrders, cards: 10 },
  { name: "thirty seconds", make: () => stretched(demonstration, 1 / 40), cards: 10 },
  { name: "a day", make: () => stretched(demonstration, 72), cards: 10 },
  { name: "one component", make: () => withOneComponent(demonstration, "matching"), cards: 2 },
  {
    name: "sixty components",
    make: () => withComponents(demonstration, "order-service", 60),
    cards: 60,
  },
  {
    name: "names of sixty characters",
    make: () => withTitles(demonstration, (_, at) => `${long.slice(0, 57)} ${at}`),
    cards: 10,
  },
  {
    name: "names in other scripts",
    make: () =>
      withTitles(
        demonstration,
        (_, at) => ["撮合引擎服务", "Ордера и сделки", "خدمة الأوامر"][at % 3] ?? "",
      ),
    cards: 10,
  },
];

/** What no reader should see: values that are none, and parts that could not be drawn. */
async function brokenWords(page: Page): Promise<readonly string[]> {
  const text = await page.evaluate(() =>
    [
      document.body.innerText,
      ...Array.from(document.querySelectorAll("svg"), (each) => each.textContent),
    ].join(" "),
  );
  const words = text.match(/\S*(NaN|undefined|Infinity|\[object|could not be drawn)\S*/g) ?? [];
  return [...new Set(words)];
}

/** Cards that lie on each other, and titles that leave their card. */
function crowded(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".card")].map((card) => ({
      key: card.getAttribute("data-key"),
      box: card.querySelector(".card-box")?.getBoundingClientRect() ?? new DOMRect(),
      title: card.querySelector(".card-title")?.getBoundingClientRect() ?? new DOMRect(),
    }));
    const outside = boxes.filter(({ box, title }) => title.right > box.right + 1);
    const lying = boxes.flatMap((one, at) =>
      boxes
        .slice(at + 1)
        .filter(
          ({ box }) =>
            one.box.left < box.right - 1 &&
            box.left < one.box.right - 1 &&
            one.box.top < box.bottom - 1 &&
            box.top < one.box.bottom - 1,
        )
        .map(({ key }) => `${one.key} on ${key}`),
    );
    return [...lying, ...outside.map(({ key }) => `the title of ${key} leaves it`)];
  });
}

test.each(kinds)(
  "a recording of $name is shown whole, on every tab and at both ends",
  async ({ make, cards }) => {
    const folder = await mkdtemp(join(tmpdir(), "stormbell-extremes-"));
    const file = join(folder, "odd.stormrec");
    const recording = make();
    writeFileSync(file, encodeRecording(recording));
    const served = await servePage(file);
    const { page, problems, close } = await openPage(browser, served, "/?testing=1#/run/file?v=1");
    try {
      await whenReady(page);
      expect((await twin(page)).digest).toBe(recording.head.digest);
      const seconds = recording.head.durationUs / 1e6;
      for (const at of [seconds / 2, seconds, 0]) {
        await seekTo(page, at);
        expect(await brokenWords(page)).toEqual([]);
      }
      await expect.poll(() => page.locator(".card").count()).toBeGreaterThanOrEqual(cards);
      expect(await crowded(page)).toEqual([]);
      for (const tab of ["book", "events", "component", "compare", "charts"]) {
        await page.locator(`#tab-${tab}`).click();
        await page.waitForTimeout(100);
        expect([tab, await brokenWords(page)]).toEqual([tab, []]);
        const text = (await page.locator("#tab-panel").innerText()).trim();
        expect([tab, text.length > 20]).toEqual([tab, true]);
      }
      await page.locator(".card").nth(1).click();
      expect(await page.locator("[data-component]").count()).toBe(1);
      await page.keyboard.press("Enter");
      for (const key of ["b", "?", "/", "g"]) {
        await page.keyboard.press(key);
        expect([key, await brokenWords(page)]).toEqual([key, []]);
        await page.keyboard.press("Escape");
      }
      expect(await brokenWords(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "List", exact: true }).click();
      expect(await brokenWords(page)).toEqual([]);
      const ticks = await page.locator(".ticks span").allTextContents();
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(sideways).toBe(0);
      await seekTo(page, seconds / 2);
      const before = (await twin(page)).instantMs;
      await page.evaluate(() => window.twin.play());
      await expect.poll(async () => (await twin(page)).instantMs).toBeGreaterThan(before);
      expect(problems).toEqual([]);
    } finally {
      await close();
      await served.close();
    }
  },
  120_000,
);

/** Drops files onto the page, one right after the other. */
function drop(page: Page, ...files: readonly { name: string; bytes: Uint8Array }[]): Promise<void> {
  const given = files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString("base64")]);
  return page.evaluate((all) => {
    for (const [name = "", content = ""] of all) {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name));
      document.dispatchEvent(
        new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    }
  }, given);
}

/** Problem and remedy of what was told last, and the heading over them. */
async function told(page: Page): Promise<{ heading: string; sentence: string; remedy: string }> {
  await expect.poll(() => page.locator(".mistakes li").count(), { timeout: 20_000 }).toBe(1);
  const heading = (await page.locator(".mistakes h3").textContent()) ?? "";
  const sentence = (await page.locator(".mistakes li").textContent()) ?? "";
  const remedy = (await page.locator(".mistakes li em").textContent()) ?? "";
  return { heading, sentence, remedy };
}

const text = (content: string) => new TextEncoder().encode(content);

test("what cannot be opened is told with what is wrong, in which file, and what to do, and the picture stays", async () => {
  const whole = encodeRecording(withOneComponent(stretched(demonstration, 1 / 40), "matching"));
  const packed = gzipSync(whole);
  const json = (version: number, rest = `"head":{},"frames":[]`) =>
    text(`{"format":"stormbell-recording","version":${version},${rest}}`);
  const newer = whole.slice();
  newer[8] = 9;
  const spoilt = whole.slice();
  const middle = Math.floor(whole.length / 2);
  spoilt[middle] = 255 - (spoilt[middle] ?? 0);
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  const files: readonly [string, Uint8Array, RegExp][] = [
    ["empty.stormrec", new Uint8Array(), /is empty/],
    ["picture.png", png, /not a stormbell recording/],
    ["words.txt", text("id: some\ntitle: thing\n"), /not a stormbell recording/],
    ["spoilt.stormrec", spoilt, /damaged/],
    ["newer.stormrec", withChecksum(newer), /format 9; this version of stormbell reads up to 1/],
    ["newer.json", json(2), /format 2 as JSON/],
    ["no-head.json", json(1, `"frames":[]`), /not a stormbell recording/],
    ["no-rows.json", json(1), /not a stormbell recording/],
    ["bare.json", json(1, `"head":{"channels":[]},"frames":[]`), /does not fit together/],
    ...[0, 1, 2, 7, 8, 12, 13, 14, 200, whole.length - 4, whole.length - 1].map(
      (length): [string, Uint8Array, RegExp] => [
        `cut-at-${length}.stormrec`,
        whole.slice(0, length),
        /is empty|not a stormbell recording|cut short/,
      ],
    ),
    ...[2, 9, 10, 11, 500, packed.length - 8, packed.length - 1].map(
      (length): [string, Uint8Array, RegExp] => [
        `packed-cut-at-${length}.stormrec`,
        packed.subarray(0, length),
        /cannot be decompressed/,
      ],
    ),
  ];
  await onPage(async (page) => {
    await seekTo(page, 545);
    const { digest, instantMs } = await twin(page);
    for (const [name, bytes, problem] of files) {
      await drop(page, { name, bytes });
      const { heading, sentence, remedy } = await told(page);
      expect([name, heading]).toEqual([name, `${name} could not be opened`]);
      expect([name, sentence]).toEqual([name, expect.stringMatching(problem)]);
      expect([name, remedy.length > 20]).toEqual([name, true]);
      await page.keyboard.press("Escape");
      await expect.poll(() => page.locator("dialog").count()).toBe(0);
    }
    expect(await twin(page)).toMatchObject({ digest, instantMs });
    expect(await page.locator(".card").count()).toBeGreaterThan(10);
  }, stopped());
}, 180_000);

/** A recording whose checksum fits its content again. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of bytes.subarray(0, -4)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(
    bytes.length - 4,
    (crc ^ 0xffffffff) >>> 0,
    true,
  );
  return bytes;
}

test("twenty mistakes of a dropped scenario are all listed by place, and each leads to its line in the editor", async () => {
  const bad = readFileSync("scenarios/az-power-loss.yaml", "utf8")
    .replace("ratePerSecond: 500", "ratePerSecond: -1")
    .replace("symbolSkew: 0.8", "symbolSkew: much")
    .replace("userCount: 2000", "userCount: none")
    .replace("symbolCount: 50", "symbolCount: 0.5")
    .replace("zone-power-loss", "zone-power-los")
    .concat(
      "unknownOne: 1\nunknownTwo: 2\n",
      Array.from({ length: 13 }, (_, at) => `extra${at}: ${at}\n`).join(""),
    );
  await onPage(async (page) => {
    const { digest } = await twin(page);
    await drop(page, { name: "wrong.yaml", bytes: text(bad) });
    await expect
      .poll(() => page.locator(".mistakes li").count(), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(20);
    const items = page.locator(".mistakes li");
    const count = await items.count();
    expect(await page.locator(".mistakes h3").textContent()).toBe(
      `${count} mistakes in wrong.yaml`,
    );
    for (const item of await items.all()) {
      expect(await item.locator("button").textContent()).toMatch(/^wrong\.yaml:\d+:\d+$/);
      expect((await item.locator("em").textContent())?.length).toBeGreaterThan(10);
    }
    const editor = page.getByLabel("Scenario", { exact: true });
    expect(await editor.inputValue()).toBe(bad);
    const rate = items.filter({ hasText: "ratePerSecond" }).first();
    await rate.locator("button").click();
    const at = await editor.evaluate((each) => (each as HTMLTextAreaElement).selectionStart);
    expect(bad.slice(0, at).split("\n").at(-1)).toContain("ratePerSecond");
    expect((await twin(page)).digest).toBe(digest);
  }, stopped());
}, 90_000);

test("of two files dropped one after the other the later is shown, whichever is read first", async () => {
  const [short, twice] = [
    stretched(withOneComponent(demonstration, "matching"), 1 / 40),
    stretched(demonstration, 2),
  ];
  const small = { name: "small.stormrec", bytes: encodeRecording(short) };
  const large = { name: "large.stormrec", bytes: gzipSync(encodeRecording(twice)) };
  const lasts = ({ head }: Recording) => `/ ${clockText(head.durationUs, 0)}`;
  await onPage(async (page) => {
    const duration = () => page.locator(".time .muted").textContent();
    await drop(page, large, small);
    await expect.poll(duration, { timeout: 20_000 }).toBe(lasts(short));
    await page.waitForTimeout(1500);
    expect(await duration()).toBe(lasts(short));
    await drop(page, small, large);
    await expect.poll(duration, { timeout: 20_000 }).toBe(lasts(twice));
    await page.waitForTimeout(500);
    expect(await duration()).toBe(lasts(twice));
  }, stopped());
}, 60_000);

/** A run that goes on however slow the page is meanwhile. */
const longRun = {
  name: "own.yaml",
  bytes: text(
    readFileSync("scenarios/az-power-loss.yaml", "utf8").replace(
      /^durationSeconds: .*/m,
      "durationSeconds: 7200",
    ),
  ),
};

test("a recording that is dropped while a run goes on is shown and stays; what is broken leaves the run alone", async () => {
  const small = encodeRecording(stretched(demonstration, 1 / 40));
  await onPage(async (page) => {
    await page.keyboard.press("Escape");
    await drop(page, longRun);
    await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
    await drop(page, { name: "broken.yaml", bytes: text("id: [") });
    await expect
      .poll(() => page.locator(".mistakes li").count(), { timeout: 20_000 })
      .toBeGreaterThan(0);
    await page.keyboard.press("Escape");
    const { availableMs } = await twin(page);
    await expect
      .poll(async () => (await twin(page)).availableMs, { timeout: 20_000 })
      .toBeGreaterThan(availableMs);
    await drop(page, { name: "small.stormrec", bytes: small });
    const lasts = () => page.locator(".time .muted").textContent();
    await expect.poll(lasts).toBe("/ 00:29");
    await page.waitForTimeout(1500);
    expect(await lasts()).toBe("/ 00:29");
    expect(await twin(page)).toMatchObject({ digest: demonstration.head.digest, isLive: false });
    expect(await page.locator(".running").count()).toBe(0);
  }, stopped());
}, 120_000);

test("a run that is cancelled keeps what it had, says so where its end is needed, and can be run again", async () => {
  await onPage(async (page) => {
    await drop(page, longRun);
    await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
    await page.getByRole("button", { name: "Cancel" }).click({ timeout: 20_000 });
    await expect.poll(async () => (await twin(page)).isLive).toBe(false);
    const { availableMs } = await twin(page);
    await page.waitForTimeout(700);
    expect((await twin(page)).availableMs).toBe(availableMs);
    await page.keyboard.press("b");
    expect(await page.locator("dialog").innerText()).toMatch(
      /was stopped at \d+:\d+, before its end/,
    );
    await page.locator("dialog").getByRole("button", { name: "Run again" }).click();
    await expect.poll(async () => (await twin(page)).isLive, { timeout: 60_000 }).toBe(true);
  }, stopped());
}, 120_000);

test("a run that a link names and that is cancelled stays on screen as far as it came", async () => {
  await onPage(async (page) => {
    expect((await twin(page)).isLive).toBe(true);
    await page.getByRole("button", { name: "Cancel" }).click({ timeout: 20_000 });
    await expect.poll(async () => (await twin(page)).isLive).toBe(false);
    const { availableMs } = await twin(page);
    // Time enough for another recording to be fetched and shown.
    await page.waitForTimeout(1500);
    const after = await twin(page);
    expect(after).toMatchObject({ availableMs, scenario: "az-power-loss" });
    expect(after.digest).not.toBe(demonstration.head.digest);
    expect(page.url()).toContain("/run/az-power-loss");
  }, "/?testing=1#/run/az-power-loss?v=1");
}, 60_000);

test("recordings of other platforms and lengths stand side by side, with what that means said", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stormbell-extremes-"));
  const [one, other] = [join(folder, "one.stormrec"), join(folder, "other.stormrec")];
  writeFileSync(one, encodeRecording(demonstration));
  const twice = withOneComponent(stretched(demonstration, 2), "matching");
  writeFileSync(other, encodeRecording(twice));
  for (const files of [
    [one, other],
    [other, one],
  ]) {
    const served = await servePage(...files);
    const { page, problems, close } = await openPage(browser, served, "/?testing=1#/");
    try {
      await whenReady(page);
      await expect.poll(async () => (await twin(page)).branches.length).toBe(1);
      await expect.poll(() => page.locator(".two-maps .map").count()).toBe(2);
      for (const seconds of [0, 700, 1200, 2399]) {
        await seekTo(page, seconds);
        expect(await brokenWords(page)).toEqual([]);
      }
      const own = clockText(demonstration.head.durationUs, 0);
      const longer = clockText(twice.head.durationUs, 0);
      const lengths = files[0] === one ? [own, longer] : [longer, own];
      expect(await page.locator(".inspector").innerText()).toContain(
        `A lasts ${lengths[0]}, B ${lengths[1]}`,
      );
      await page.locator("[data-swap]").click();
      expect(await brokenWords(page)).toEqual([]);
      expect(problems).toEqual([]);
    } finally {
      await close();
      await served.close();
    }
  }
}, 120_000);

test("what does not come from the server is told, with what to do", async () => {
  await onPageWithout(/demonstration\.stormrec/, "/", async (page) => {
    const stopPage = page.locator(".stopped");
    await expect.poll(() => stopPage.count(), { timeout: 10_000 }).toBe(1);
    expect(await stopPage.innerText()).toMatch(/The demonstration could not be fetched[\s\S]*404/);
    await stopPage.getByRole("button", { name: "Open your own" }).click();
    await drop(page, { name: "small.stormrec", bytes: encodeRecording(demonstration) });
    await whenReady(page);
    expect(await page.locator(".card").count()).toBeGreaterThan(10);
    expect(await stopPage.count()).toBe(0);
  });
  await onPageWithout(/library\/index/, "/?testing=1#/run/az-power-loss?v=1", async (page) => {
    await whenReady(page);
    expect(await page.locator(".notices").innerText()).toMatch(/"az-power-loss" did not come.*404/);
    expect((await twin(page)).scenario).toBe(demonstration.head.scenario.id);
    await page.locator(".scenario").click();
    await expect
      .poll(() => page.locator("dialog [role=status]").innerText())
      .toContain("could not be fetched");
  });
}, 60_000);

test("a part of the page that does not come when it is first wanted is told, with what is missing and what to do", async () => {
  const address = "/?testing=1#/run/demonstration?v=1&sel=matching&tab=component";
  await onPageWithout(/assets\/(facts|plot|pan-and-zoom)-/, address, async (page) => {
    await whenReady(page);
    const notices = page.locator(".notices [role=status]");
    await expect.poll(() => notices.count()).toBe(3);
    const told = (await notices.allTextContents()).toSorted();
    for (const [at, missing] of [
      "Charts cannot be drawn, but read as tables",
      "The map cannot be moved or enlarged with the pointer",
      "The sources of parameters are not linked",
    ].entries()) {
      expect(told[at]).toMatch(
        new RegExp(`^${missing}: a part of the page did not come \\(.+\\)\\. See .+ load the page`),
      );
    }
    expect(await page.locator(".parameter").count()).toBeGreaterThan(3);
  });
  await onPageWithout(/assets\/open-recording-/, "/", async (page) => {
    const { heading, sentence, remedy } = await told(page);
    expect(heading).toBe("demonstration could not be opened");
    expect(sentence).toMatch(/What reads files in this page did not come/);
    expect(remedy).toMatch(/load the page again/);
  });
}, 60_000);

/** A page whose server answers that it does not have some of its files. */
async function onPageWithout(
  files: RegExp,
  address: string,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const served = await servePage();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    const exceptions: string[] = [];
    page.on("pageerror", (error) => exceptions.push(error.message));
    await page.route(files, (route) =>
      route.fulfill({ status: 404, body: "There is no such file." }),
    );
    await page.goto(`${served.origin}${address}`);
    await work(page);
    expect(exceptions).toEqual([]);
  } finally {
    await context.close();
    await served.close();
  }
}
