import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { constantsStay, foldConstants } from "../tools/fold-constants.mjs";
import { shapeClasses } from "../tools/shape-classes.mjs";

/** A command that prints how fast it was and, of a queue, the mean wait in mean services. */
type Command = readonly string[];

/** Whom bench/kernel.ts compares, as commands to run; undefined are those that this machine lacks. */
export interface Peers {
  readonly kernel: (name: string, size: number) => Command;
  readonly simjs: (customers: number) => Command;
  readonly simpy: ((customers: number) => Command) | undefined;
  /** Our own C++, built on std::priority_queue and nothing else. */
  readonly reference: ((model: string, events: number, pending: number) => Command) | undefined;
  /** What is absent, and how to get it. */
  readonly absent: readonly string[];
}

/** Builds the kernel as it is shipped, and the reference, and looks which peers are there. */
export async function findPeers(): Promise<Peers> {
  const built = await buildKernel();
  const node = [process.execPath, "--import", "tsx"];
  const program = buildReference();
  const python = ["/usr/bin/python3", "python3"].find(
    (name) => spawnSync(name, ["-c", "import simpy"]).status === 0,
  );
  const absent: string[] = [];
  if (program === undefined)
    absent.push("No g++, so nothing is compared with C++: apt-get install g++");
  if (python === undefined)
    absent.push("No SimPy, so it is not compared: apt-get install python3-simpy3");
  return {
    kernel: (name, size) => [...node, pathOf("kernel-cases.ts"), built, name, `${size}`],
    simjs: (customers) => [...node, pathOf("kernel-simjs.ts"), `${customers}`],
    simpy:
      python === undefined
        ? undefined
        : (customers) => [python, pathOf("kernel-simpy.py"), `${customers}`],
    reference:
      program === undefined
        ? undefined
        : (model, events, pending) => [program, model, `${events}`, `${pending}`],
    absent,
  };
}

/** What a command printed. */
export interface Printed {
  readonly rate: number;
  /** NaN where nothing waits. */
  readonly wait: number;
}

/** Runs a command on one core and returns what it prints. */
export function measureOnce([program = "", ...args]: Command): Printed {
  const whole = canPin ? ["taskset", "-c", "0", program, ...args] : [program, ...args];
  const text = execFileSync(whole[0] ?? "", whole.slice(1), {
    cwd: pathOf(".."),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [rate = Number.NaN, wait = Number.NaN] = text.trim().split(" ").map(Number);
  return { rate, wait };
}

const canPin = spawnSync("taskset", ["-c", "0", "true"]).status === 0;

/** Out of the way of `dist/`, which others may build meanwhile, yet where the kernel finds its packages. */
async function buildKernel(): Promise<string> {
  const outDir = pathOf("../node_modules/.cache/stormbell-bench");
  await build({
    configFile: false,
    logLevel: "warn",
    plugins: [foldConstants(), shapeClasses()],
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: "node20",
      minify: false,
      rollupOptions: {
        input: { kernel: pathOf("../sim/kernel/index.ts") },
        output: constantsStay,
      },
    },
  });
  return join(outDir, "kernel.js");
}

function buildReference(): string | undefined {
  const program = join(mkdtempSync(join(tmpdir(), "stormbell-")), "reference");
  const { status } = spawnSync("g++", [
    "-O3",
    "-march=native",
    "-o",
    program,
    pathOf("kernel-reference.cpp"),
  ]);
  return status === 0 ? program : undefined;
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
