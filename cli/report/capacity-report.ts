/** A capacity search for a terminal. */
import type { ObjectiveSpec } from "../../sim/twin/results/objective-types.ts";
import type { CapacityResults, Knee } from "../capacity-search.ts";
import { table, tone, wrap } from "../terminal.ts";
import { grouped } from "./clock.ts";

const widthMax = 100;
const suspectsShownMax = 5;

/** What the strategy promises of a topology. */
export interface StrategyClaim {
  readonly ratePerSecond: number;
  readonly words: string;
}

export interface CapacityTold {
  readonly topology: string;
  readonly like: string;
  readonly seedCount: number;
  readonly measureSeconds: number;
  readonly objectives: readonly ObjectiveSpec[];
  readonly maxPerSecond: number;
  readonly claim: StrategyClaim | undefined;
}

export function capacityReport(results: CapacityResults, told: CapacityTold): readonly string[] {
  const { first, next, tasksPerRps } = results;
  const fleets = Object.entries(tasksPerRps);
  const judged = told.objectives.flatMap((each) =>
    each.kind === "service"
      ? `${each.function} ${100 * each.goodShareMin} % within ${grouped(each.latencyMsMax)} ms`
      : [],
  );
  return [
    tone("bold", `Capacity of ${told.topology}, with the workload of ${told.like}`),
    ...wrap(
      `${judged.join(", ")}, in every window of ten seconds for ${told.measureSeconds} s, and every invariant; ${told.seedCount} ${told.seedCount === 1 ? "seed" : "seeds"}.`,
      widthMax,
      "",
    ),
    ...(fleets.length === 0
      ? []
      : wrap(
          `Fleets that scale begin at what target tracking comes to: ${fleets
            .map(([id, perRps]) => `${id} ${(1 / perRps).toFixed(1)} requests/s a task`)
            .join(", ")} (of all requests to the platform).`,
          widthMax,
          "",
        )),
    "",
    ...kneeLines("Knee", first, told.maxPerSecond),
    ...(next === undefined
      ? []
      : [
          "",
          ...kneeLines(
            `With ${first.bottleneck?.component} lifted (${first.bottleneck?.lift.words})`,
            next,
            told.maxPerSecond,
          ),
        ]),
    "",
    ...claimLines(first, told),
  ];
}

function kneeLines(title: string, knee: Knee, maxPerSecond: number): readonly string[] {
  const { brackets, suspects, bottleneck, triedInVain, failure } = knee;
  return [
    tone("bold", `${title}: ${rateText(knee)}`),
    ...brackets.map(({ held, failed }, at) =>
      failed === undefined
        ? `  seed ${at + 1}: ${grouped(held)} held, the most that was tried (--max ${maxPerSecond})`
        : `  seed ${at + 1}: ${grouped(held)} held, ${grouped(failed)} did not`,
    ),
    ...(failure.length === 0 ? [] : ["  above it:"]),
    ...failure.flatMap((reason) => wrap(`- ${reason}`, widthMax, "    ")),
    ...table(
      suspects
        .slice(0, suspectsShownMax)
        .map(({ component, signs }) => [`    ${component}`, signs.join("; ")]),
    ),
    ...bottleneckLines(bottleneck, triedInVain, suspects.length),
  ];
}

function bottleneckLines(
  bottleneck: Knee["bottleneck"],
  triedInVain: readonly string[],
  suspectCount: number,
): readonly string[] {
  if (bottleneck !== undefined) {
    const { component, lift } = bottleneck;
    return wrap(
      `Saturates first: ${component}. With ${lift.words} the load above the knee holds.`,
      widthMax,
      "  ",
    );
  }
  if (suspectCount === 0) return [];
  const tried =
    triedInVain.length === 0
      ? "no limit of theirs is known that could be lifted"
      : `lifting one limit at a time did not help (${triedInVain.join("; ")})`;
  return wrap(`Saturates first: not settled; ${tried}.`, widthMax, "  ");
}

function claimLines(first: Knee, { claim, topology }: CapacityTold): readonly string[] {
  const name = `${topology}: ${rateText(first)}`;
  if (claim === undefined) return [name];
  const { atLeast, atMost } = first.ratePerSecond;
  const isKept = atLeast >= claim.ratePerSecond;
  const isOpen = atMost === null && !isKept;
  const verdict = isKept
    ? tone("green", "kept")
    : isOpen
      ? "open: raise --max"
      : tone("red", "not kept");
  return [`${name}; the strategy says ${claim.words}: ${verdict}`];
}

/** `527 requests/s [510, 545]` */
function rateText({ ratePerSecond }: Knee): string {
  const { atLeast, atMost, low, high } = ratePerSecond;
  const text = (value: number | null) => (value === null ? "-" : grouped(value));
  return `${atMost === null ? ">=" : ""}${grouped(atLeast)} requests/s [${text(low)}, ${text(high)}]`;
}
