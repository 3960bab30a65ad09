/** Several what-ifs from one warmed-up platform, against the same runs from the beginning. */
import { expect, test } from "vitest";
import type { RunInputs } from "../../sim/twin/ensemble/run-inputs.ts";
import { summaryOf } from "../../sim/twin/ensemble/run-summary.ts";
import { lastCalmUs, runWarm, warmUp, warmUpText } from "../../sim/twin/ensemble/warm-up.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { shippedTopology, smallScenario } from "./small-drill.ts";

/** What-ifs that differ in kind, place, number and instants of their faults; instants on whole minutes tie with metrics. */
const whatIfs: readonly Scenario["faults"][] = [
  [
    {
      id: "dark",
      kind: "zone-power-loss",
      zone: "zone-of:matching",
      atSeconds: 60,
      durationSeconds: 40,
    },
  ],
  [
    { id: "cut", kind: "zone-partition", zone: "us-east-1b", atSeconds: 60, durationSeconds: 30 },
    { id: "kill", kind: "instance-kill", component: "order-service", count: 2, atSeconds: 90 },
  ],
  [
    { id: "kill", kind: "instance-kill", component: "matching", atSeconds: 75.5, manner: "hang" },
    { id: "frozen", kind: "control-plane-freeze", atSeconds: 60, durationSeconds: 60 },
  ],
  [
    { id: "blind", kind: "observability-loss", atSeconds: 120, durationSeconds: 30 },
    {
      id: "lossy",
      kind: "link-degradation",
      from: "us-east-1c",
      addedLatencyMs: 5,
      lossShare: 0.01,
      atSeconds: 61,
      durationSeconds: 60,
    },
  ],
];

function inputsOf(faults: Scenario["faults"], seed: string): RunInputs {
  const scenario = smallScenario({ durationSeconds: 150, ratePerSecond: 20, faults });
  return { scenario, topology: shippedTopology(), seed };
}

test("what-ifs that share a warm-up end bit for bit as if each had run from the beginning", () => {
  const runs = whatIfs.map((faults) => inputsOf(faults, "3"));
  expect(new Set(runs.map(warmUpText)).size).toBe(1);
  expect(lastCalmUs(runs)).toBe(59_999_999);
  const warm = warmUp(runs, "3")!;
  const digests = runs.map((run) => {
    const alone = runScenario(run)!;
    const shared = runWarm(run, warm, { fresh: false })!;
    expect(shared.head.events).toEqual(alone.head.events);
    expect(shared.head.results).toEqual(alone.head.results);
    expect(shared.frames).toEqual(alone.frames);
    expect(summaryOf(shared)).toEqual(summaryOf(alone));
    return shared.head.digest;
  });
  expect(new Set(digests).size).toBe(runs.length);
});

test("with fresh luck one warm-up has many futures, each of which repeats", () => {
  const run = inputsOf(whatIfs[0]!, "1");
  const warm = warmUp([run], "1")!;
  const digestOf = (seed: string) => runWarm({ ...run, seed }, warm, { fresh: true })!.head.digest;
  const digests = ["1", "2", "3"].map(digestOf);
  expect(new Set(digests).size).toBe(3);
  expect(digestOf("2")).toBe(digests[1]);
});

test("a warm-up is shared only where nothing but faults and judgement differs", () => {
  const { scenario, ...rest } = inputsOf(whatIfs[0]!, "1");
  const text = (changes: Partial<Scenario>) =>
    warmUpText({ ...rest, scenario: { ...scenario, ...changes } });
  const rtoOnly = scenario.objectives.filter(({ kind }) => kind !== "rpo");
  expect(text({ id: "other", title: "t", objectives: rtoOnly })).toBe(text({}));
  expect(text({ durationSeconds: 200 })).not.toBe(text({}));
  expect(text({ acceptance: "journal" })).not.toBe(text({}));
  expect(text({ workload: { ...scenario.workload, ratePerSecond: 21 } })).not.toBe(text({}));
  expect(lastCalmUs([inputsOf([], "1")])).toBeUndefined();
});
