/**
 * Writes tools/late-code.json: what a run of az-power-loss in the page's worker has not come to a minute and a half after its fault.
 * `npm run late-code`
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, loadConfigFromFile, parseSync } from "vite";
import { candidatesOf, classesHeld } from "./late-candidates.ts";
import { probesOfWorker } from "./late-code.ts";

const loaded = await loadConfigFromFile({ command: "build", mode: "production" }, "vite.config.ts");
if (loaded === null) throw new Error("vite.config.ts is gone");
const { config } = loaded;
const folder = mkdtempSync(join(tmpdir(), "stormbell-late-"));
const modules = new Set<string>();
await build({
  ...config,
  configFile: false,
  logLevel: "warn",
  build: { ...config.build, outDir: folder, emptyOutDir: true, minify: false },
  worker: {
    ...config.worker,
    plugins: () => [
      probesOfWorker(() => true),
      {
        name: "modules-of-engine",
        generateBundle(_, bundle) {
          for (const chunk of Object.values(bundle)) {
            if (chunk.type !== "chunk" || /^assets\/library-/.test(chunk.fileName)) continue;
            for (const id of Object.keys(chunk.modules))
              modules.add(id.replace(`${process.cwd()}/`, ""));
          }
        },
      },
    ],
  },
});

const reached = new Set<string>();
Object.assign(globalThis, {
  reached,
  self: globalThis,
  addEventListener: () => {},
  removeEventListener: () => {},
  postMessage: () => {},
});
const chunk = readdirSync(join(folder, "assets")).find((name) => name.startsWith("engine-"));
const exported = Object.values(await import(join(folder, "assets", chunk ?? "")));
const isEngine = (each: unknown): each is { runLive: (...given: unknown[]) => Promise<boolean> } =>
  typeof each === "object" && each !== null && "runLive" in each;
const engine = exported.find(isEngine);
if (engine === undefined) throw new Error("the engine's chunk exports no runLive");
const { scenario, topology } = JSON.parse(
  readFileSync(join(folder, "library/az-power-loss.json"), "utf8"),
);
/**
 * The fault strikes after 400 seconds, and the minute of losses that follows it shall not wait for anything, be it simulated
 * twenty seconds at once. What recovers later has been fetched by then: seconds after the run began, or when it is come to.
 */
const profiledUs = 500_000_000;
let early: ReadonlySet<string> = new Set();
await engine.runLive(
  { kind: "shipped", id: scenario.id, scenario, topology, seed: "1" },
  {
    began: () => {},
    explained: () => {},
    advanced: ({ nowUs }: { readonly nowUs: number }) => {
      if (nowUs <= profiledUs) early = new Set(reached);
    },
    ended: () => {},
  },
);
rmSync(folder, { recursive: true });

const sources = [...modules]
  .filter((path) => /^sim\/(?!twin\/recording\/).*\.ts$/.test(path))
  .sort();
const held = classesHeld(sources);
const late: Record<string, readonly string[]> = {};
for (const path of sources) {
  const code = readFileSync(path, "utf8");
  const unreached = candidatesOf(parseSync(path, code).program, code)
    .filter(({ name, kind }) => !(kind === "class" && held.has(name)))
    .filter(({ name }) => !early.has(`${path} ${name}`));
  const whole = new Set(unreached.filter(({ kind }) => kind === "class").map(({ name }) => name));
  const names = unreached
    .filter(({ name, kind }) => kind !== "method" || !whole.has(name.split(".")[0] ?? ""))
    .map(({ name }) => name);
  if (names.length > 0) late[path] = names;
}
writeFileSync("tools/late-code.json", `${JSON.stringify(late, null, 2)}\n`);
const count = Object.values(late).reduce((sum, names) => sum + names.length, 0);
console.log(`${count} functions, classes and methods of ${Object.keys(late).length} modules`);
