/**
 * How fast the kernel is beside its peers: `npm run bench:kernel`, and `npm run bench:check` against the stored ratios
 * (`-- --update` stores them). Everything runs on one core, ours and the peer's in turn, each run in a process of its own
 * and in processor time; a ratio is the median of the pairs' ratios. Absolute figures say little on a shared machine.
 * `-- --only TEXT` measures the rows whose names hold it. Of the queue, the mean wait of each side is printed beside the
 * theory's, so that it is seen that both ran the same model.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findPeers, measureOnce, type Peers } from "./kernel-peers.ts";

const rounds = 5;
/** How much of a stored ratio may be lost: what is lost beyond this is a regression. */
const lossMax = 0.15;
/** A row that seems to have lost is measured again, for the machine has other work too. */
const looksMax = 3;
const baselinePath = fileURLToPath(new URL("kernel-baseline.json", import.meta.url));

interface Row {
  readonly name: string;
  /** Ours and theirs in turn, in this order; a ratio is ours to theirs. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[] | undefined;
  readonly floor: number;
  readonly goal: number;
}

/** A row that has a bound and no peer. */
interface Bound {
  readonly name: string;
  readonly ours: readonly string[];
  readonly unit: string;
  readonly most: number;
  readonly goal: number;
}

interface Measured {
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly spread: readonly [least: number, most: number];
  /** Mean waits in mean services, ours and theirs; NaN where nothing waits. */
  readonly waits: readonly [ours: number, theirs: number];
}

function rowsOf({ kernel, simjs, simpy, reference }: Peers): Row[] {
  const facility = kernel("facility", 3_000_000);
  const holdRow = (name: string, pending: number, floor: number, goal: number): Row => ({
    name: `hold, ${name} pending / C++`,
    ours: kernel("hold", pending),
    theirs: reference?.("hold", 2_000_000, pending),
    floor,
    goal,
  });
  return [
    {
      name: "M/M/1, facility and statistics / simjs",
      ours: facility,
      theirs: simjs(300_000),
      floor: 6,
      goal: 10,
    },
    {
      name: "M/M/1, the same / SimPy",
      ours: facility,
      theirs: simpy?.(50_000),
      floor: 40,
      goal: 75,
    },
    {
      name: "M/M/1, the same / bare C++",
      ours: facility,
      theirs: reference?.("mm1", 4_000_000, 0),
      floor: 0.35,
      goal: 0.6,
    },
    {
      name: "M/M/1, V8 set as our command line sets it / bare C++",
      ours: kernel("tuned-facility", 3_000_000),
      theirs: reference?.("mm1", 4_000_000, 0),
      floor: 0.35,
      goal: 0.6,
    },
    holdRow("1,000", 1000, 1, 1.5),
    holdRow("10,000", 10_000, 1, 1.5),
    holdRow("100,000", 100_000, 1, 1.5),
    holdRow("1,000,000", 1_000_000, 0.7, 1),
    {
      name: "300,000 events at three instants / own hold 100,000",
      ours: kernel("burst", 300_000),
      theirs: kernel("hold", 100_000),
      floor: 0.2,
      goal: 0.4,
    },
  ];
}

function boundsOf({ kernel }: Peers): Bound[] {
  return [
    {
      name: "heap growth over 10,000,000 events",
      ours: kernel("growth", 10_000_000),
      unit: "MB",
      most: 1,
      goal: 0,
    },
    {
      name: "snapshot with 100,000 events pending",
      ours: kernel("snapshot", 100_000),
      unit: "ms",
      most: 20,
      goal: 20,
    },
  ];
}

function measure(ours: readonly string[], theirs: readonly string[]): Measured {
  const pairs = Array.from({ length: rounds }, (_, round) => {
    // Who comes first changes from pair to pair, so that a host that grows busier favours nobody.
    const before = round % 2 === 0 ? undefined : measureOnce(theirs);
    const one = measureOnce(ours);
    const other = before ?? measureOnce(theirs);
    return { one, other, ratio: one.rate / other.rate };
  });
  const ratios = pairs.map((pair) => pair.ratio).sort((a, b) => a - b);
  return {
    ours: median(pairs.map((pair) => pair.one.rate)),
    theirs: median(pairs.map((pair) => pair.other.rate)),
    ratio: median(ratios),
    spread: [ratios[0] ?? Number.NaN, ratios[rounds - 1] ?? Number.NaN],
    waits: [pairs[0]?.one.wait ?? Number.NaN, pairs[0]?.other.wait ?? Number.NaN],
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function markOf(value: number, floor: number, goal: number): string {
  if (value >= goal) return "goal met";
  return value >= floor ? "floor met" : "MISSED";
}

function print(cells: readonly string[]): void {
  const widths = [54, 9, 9, 8, 15, 6, 6];
  console.log(
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join(" "),
  );
}

/** The mean wait of M/M/1 at load 0.9, in mean services. */
const waitOfTheory = 9;

function printRow(row: Row, { ours, theirs, ratio, spread, waits }: Measured): void {
  const [least, most] = spread;
  const range = `${digits(least)}-${digits(most)}`;
  const numbers = [ours.toFixed(2), theirs.toFixed(2), digits(ratio), range];
  print([
    row.name,
    ...numbers,
    `${row.floor}`,
    `${row.goal}`,
    ` ${markOf(ratio, row.floor, row.goal)}`,
  ]);
  if (Number.isNaN(waits[0])) return;
  const [mine, other] = waits.map((wait) => wait.toFixed(2));
  print([`  mean wait; theory ${waitOfTheory}`, mine ?? "", other ?? ""]);
}

function printBound(bound: Bound): void {
  const value = median(Array.from({ length: 3 }, () => measureOnce(bound.ours).rate));
  const mark = value <= bound.most ? "met" : "MISSED";
  const limit =
    bound.most === bound.goal ? `under ${bound.most}` : `under ${bound.most}, goal ${bound.goal}`;
  print([bound.name, `${value.toFixed(2)} ${bound.unit}`, "", "", limit, "", "", ` ${mark}`]);
}

function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

/** What a ratio must not be below, or 0 where none is stored. */
function leastOf(name: string, baseline: Readonly<Record<string, number>>): number {
  return (baseline[name] ?? 0) * (1 - lossMax);
}

/** Rows that were not measured keep what is stored. */
function store(ratios: Readonly<Record<string, number>>): void {
  const stored: Record<string, number> = JSON.parse(readFileSync(baselinePath, "utf8"));
  writeFileSync(baselinePath, `${JSON.stringify({ ...stored, ...ratios }, undefined, 2)}\n`);
}

async function run(mode: "table" | "check" | "update", only: string): Promise<number> {
  const peers = await findPeers();
  for (const absent of peers.absent) console.log(absent);
  const baseline: Record<string, number> =
    mode === "check" ? JSON.parse(readFileSync(baselinePath, "utf8")) : {};
  print([
    "M events/s; ratios: median of rounds, least-most",
    "ours",
    "peer's",
    "ratio",
    "spread",
    "floor",
    "goal",
    "",
  ]);
  const ratios: Record<string, number> = {};
  const lost: string[] = [];
  for (const row of rowsOf(peers).filter(({ name }) => name.includes(only))) {
    if (row.theirs === undefined) {
      print([row.name, "not compared: the peer is absent"]);
      continue;
    }
    const least = leastOf(row.name, baseline);
    let measured = measure(row.ours, row.theirs);
    for (let look = 1; look < looksMax && measured.ratio < least; look += 1) {
      const again = measure(row.ours, row.theirs);
      if (again.ratio > measured.ratio) measured = again;
    }
    printRow(row, measured);
    ratios[row.name] = Number(measured.ratio.toPrecision(3));
    if (measured.ratio < least) {
      lost.push(`${row.name}: ${digits(measured.ratio)}, stored ${baseline[row.name]}`);
    }
  }
  const bounds = boundsOf(peers).filter(({ name }) => name.includes(only));
  if (mode !== "check") for (const bound of bounds) printBound(bound);
  if (mode === "update") store(ratios);
  if (lost.length === 0) return 0;
  console.error(`More than ${lossMax * 100} % of a stored ratio is lost:\n  ${lost.join("\n  ")}`);
  console.error(
    "Find what slowed the kernel down; where it is meant, npm run bench:check -- --update.",
  );
  return 1;
}

const wishes = process.argv.slice(2);
const only = wishes.includes("--only") ? (wishes[wishes.indexOf("--only") + 1] ?? "") : "";
process.exitCode = await run(
  wishes.includes("--update") ? "update" : wishes.includes("--check") ? "check" : "table",
  only,
);
