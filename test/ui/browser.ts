/** Debian's Chromium with software drawing, and the built page on a port of its own. */
import type { Server } from "node:http";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "@playwright/test";
import { createPageServer } from "../../cli/ui-command.ts";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-domain-reliability",
  "--disable-client-side-phishing-detection",
  "--force-color-profile=srgb",
  "--font-render-hinting=none",
];

export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: [...flags, ...more] });
}

/** What the page asked for, and on whose behalf. */
export interface AskedFile {
  readonly path: string;
  /** Path of the page or script that asked. */
  readonly by: string;
}

export interface ServedPage {
  readonly origin: string;
  /** Everything that was asked for, in order. */
  readonly asked: readonly AskedFile[];
  /** Files whose path this matches are never answered. */
  withhold(paths: RegExp | undefined): void;
  close(): Promise<void>;
}

/** The built page; one that was built elsewhere is named by `STORMBELL_PAGE_DIR`. */
const pageFolder = process.env["STORMBELL_PAGE_DIR"] ?? `${process.cwd()}/dist/ui`;

/** Serves the built page, with files beside it when some are named. */
export async function servePage(...files: readonly string[]): Promise<ServedPage> {
  const server: Server = createPageServer({ root: pageFolder, files });
  const asked: AskedFile[] = [];
  let withheld: RegExp | undefined;
  const [answer] = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const path = request.url ?? "";
    const { referer } = request.headers;
    asked.push({ path, by: referer === undefined ? "" : new URL(referer).pathname });
    if (withheld?.test(path) !== true) answer?.call(server, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    asked,
    withhold: (paths) => {
      withheld = paths;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors on the console, exceptions, and requests that left the page's own origin. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** A fresh visitor on the page; `address` begins with `/`. */
export async function openPage(
  browser: Browser,
  served: ServedPage,
  address = "/?testing=1#/run/demonstration?v=1",
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    colorScheme: "light",
    ...options,
  });
  // What tsx compiles for us names its functions with this.
  await context.addInitScript("globalThis.__name ??= (each) => each;");
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(served.origin) && !/^(data|blob):/.test(url)) {
      problems.push(`request to ${url}`);
    }
  });
  await page.goto(`${served.origin}${address}`);
  return { page, problems, close: () => context.close() };
}

/** What `ui/src/test-door.ts` offers. */
interface TwinDoor {
  ready(): Promise<void>;
  idle(): Promise<void>;
  seek(toMs: number): Promise<void>;
  play(): void;
  pause(): void;
  state(): TwinState;
  head(): unknown;
  frameStats(): FrameStats;
  resetFrameStats(): void;
  showCrowd(dots: number): void;
  killWorker(): void;
}

export interface FrameStats {
  readonly count: number;
  readonly dotsLeast: number;
  readonly scriptMsP50: number;
  readonly scriptMsP95: number;
  readonly framesPerSecond: number;
}

export interface TwinState {
  readonly instantMs: number;
  readonly isPlaying: boolean;
  readonly isLive: boolean;
  readonly scenario: string;
  readonly seed: string;
  readonly digest: string;
  readonly availableMs: number;
  readonly selected: string;
  readonly opened: string;
  readonly tab: string;
  readonly speed: number | string;
  readonly span: readonly [number, number] | undefined;
  readonly compare: string;
  readonly branches: readonly { readonly id: string; readonly digest: string }[];
  readonly picture: unknown;
  readonly notices: readonly string[];
  readonly addressWrites: number;
}

declare global {
  interface Window {
    readonly twin: TwinDoor;
  }
}

/** Waits until the recording is there. */
export async function whenReady(page: Page): Promise<void> {
  await page.waitForFunction(() => "twin" in window);
  await page.evaluate(() => window.twin.ready());
}

/** Waits until what comes after the first paint is on screen: every chart's plot, and the end of what fades. */
export async function whenDrawn(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll(".chart-box")].every(
        (box) => !box.checkVisibility() || box.querySelector(".u-over") !== null,
      ) && document.getAnimations().every(({ playState }) => playState !== "running"),
  );
  // What was asked for by then is painted with the frame after the next.
  await page.evaluate(async () => {
    for (let count = 0; count < 2; count += 1) {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
  });
}

export async function seekTo(page: Page, seconds: number): Promise<void> {
  await page.evaluate((ms) => window.twin.seek(ms), seconds * 1000);
}

export function twin(page: Page): Promise<TwinState> {
  return page.evaluate(() => window.twin.state());
}
