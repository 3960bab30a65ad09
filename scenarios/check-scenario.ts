/** What a scenario's schema cannot say: sums, times inside the run, and names that its topology must know. */

import type { FaultSpec } from "../sim/twin/faults/fault-types.ts";
import { expandTopology } from "../sim/twin/platform/expand-topology.ts";
import type { MeasureObjective, ObjectiveSpec } from "../sim/twin/results/objective-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { checkLostTrades } from "./check-lost-trades.ts";
import { checkMarketFault } from "./check-market-faults.ts";
import { checkReferences, checkUnique } from "./check-references.ts";
import { checkRunbooks } from "./check-runbooks.ts";
import { declaredIn } from "./check-topology.ts";
import { componentSchema } from "./component-schemas.ts";
import { faultSchema } from "./fault-schema.ts";
import { checkFaultTarget } from "./fault-targets.ts";
import { moreThanZero } from "./fields.ts";
import type { Path } from "./located-yaml.ts";
import { suggestion } from "./nearest-name.ts";
import { objectiveSchema } from "./objective-schema.ts";
import { type Finding, findingsOf } from "./schema-mistakes.ts";
import { isObject, valueAt, type Walk, walk } from "./schema-walk.ts";
import { fieldsOf, soundItems, soundPart } from "./sound-parts.ts";
import { workloadSchema } from "./workload-schema.ts";

const orderRequests = ["place", "cancel", "amend"];

/** Seconds that a steady platform is watched before its first fault; the verdict needs them. */
const baselineSeconds = 300;

/** `topology` is undefined when it could not be loaded; checks that need it are then left out. */
export function checkScenario(
  data: unknown,
  seen: Walk,
  topology: Topology | undefined,
): readonly Finding[] {
  const faults = soundItems(faultSchema, valueAt(data, ["faults"]));
  const objectives = soundItems(objectiveSchema, valueAt(data, ["objectives"]));
  return [
    ...checkTimes(data),
    ...faults.flatMap(({ item, index }) => checkFault(item, index, data, topology)),
    ...checkObjectives(objectives, data),
    ...checkMixSum(data),
    ...checkLostTrades(data, topology),
    ...checkRunbooks(
      data,
      servedFunctions(valueAt(data, ["objectives"])),
      topology === undefined ? undefined : expandTopology(topology),
    ),
    ...checkUnique(fieldsOf(valueAt(data, ["faults"]), "id"), "fault", "scenario", (at) => [
      "faults",
      at,
      "id",
    ]),
    ...checkUnique(fieldsOf(valueAt(data, ["objectives"]), "id"), "objective", "scenario", (at) => [
      "objectives",
      at,
      "id",
    ]),
    ...(topology === undefined ? [] : checkAgainst(topology, { data, seen, objectives })),
  ];
}

/** What is allowed and still unwise. */
export function warnScenario(data: unknown): readonly Finding[] {
  const warmUpSeconds = Number(valueAt(data, ["warmUpSeconds"]));
  return soundItems(faultSchema, valueAt(data, ["faults"]))
    .filter(({ item }) => item.atSeconds < warmUpSeconds + baselineSeconds)
    .slice(0, 1)
    .map(({ item, index }) => ({
      code: "scenario.baseline-short",
      problem: `Fault "${item.id}" strikes ${item.atSeconds} s into the run, less than ${baselineSeconds} s after the warm-up of ${warmUpSeconds} s`,
      remedy: `Move it to ${warmUpSeconds + baselineSeconds} or later, so that the steady state before it can be judged`,
      path: ["faults", index, "atSeconds"],
    }));
}

/** A load of reads and log-ins alone leaves the invariants nothing to check. */
function placesOrders(data: unknown): boolean {
  return orderRequests.some((name) => Number(valueAt(data, ["workload", "mix", name])) > 0);
}

function checkTimes(data: unknown): readonly Finding[] {
  const warmUpSeconds = Number(valueAt(data, ["warmUpSeconds"]));
  const durationSeconds = Number(valueAt(data, ["durationSeconds"]));
  if (!(warmUpSeconds >= durationSeconds)) return [];
  return [
    {
      code: "scenario.warm-up-too-long",
      problem: `The warm-up of ${warmUpSeconds} s fills the whole run of ${durationSeconds} s`,
      remedy: "Raise durationSeconds, which includes the warm-up, or shorten warmUpSeconds",
      path: ["warmUpSeconds"],
    },
  ];
}

function checkFault(
  fault: FaultSpec,
  index: number,
  data: unknown,
  topology: Topology | undefined,
): readonly Finding[] {
  const durationSeconds = soundPart(moreThanZero, valueAt(data, ["durationSeconds"]));
  const findings: Finding[] = [];
  if (durationSeconds !== undefined && fault.atSeconds >= durationSeconds) {
    findings.push({
      code: "scenario.fault-outside-run",
      problem: `Fault "${fault.id}" strikes at ${fault.atSeconds} s, and the run ends at ${durationSeconds} s`,
      remedy: "Let it strike earlier, or raise durationSeconds",
      path: ["faults", index, "atSeconds"],
    });
  }
  if (fault.kind === "zone-power-loss" || fault.kind === "region-power-loss")
    findings.push(...checkCurve(fault.recoveryCurve ?? [], index));
  if (
    fault.repeat !== undefined &&
    "durationSeconds" in fault &&
    fault.durationSeconds >= fault.repeat.everySeconds
  ) {
    findings.push({
      code: "scenario.repeat-too-soon",
      problem: `Fault "${fault.id}" lasts ${fault.durationSeconds} s and strikes again every ${fault.repeat.everySeconds} s`,
      remedy: "Let it end before it strikes again: raise everySeconds, or shorten durationSeconds",
      path: ["faults", index, "repeat", "everySeconds"],
    });
  }
  if (fault.kind === "link-degradation" && fault.from === fault.to) {
    findings.push({
      code: "scenario.link-to-itself",
      problem: `Fault "${fault.id}" degrades the link from "${fault.from}" to itself`,
      remedy: "Name another zone in `to`, or leave `to` out for every other zone",
      path: ["faults", index, "to"],
    });
  }
  if (
    fault.kind === "connection-drop" &&
    isObject(valueAt(data, ["workload"])) &&
    valueAt(data, ["workload", "client", "connection"]) === undefined
  ) {
    findings.push({
      code: "scenario.connections-none",
      problem: `Fault "${fault.id}" drops connections, and users keep none open`,
      remedy: "Say how they connect anew: workload.client.connection: { reconnectMs: 1000 }",
      path: ["faults", index, "kind"],
    });
  }
  if (fault.kind === "replication-lag" && fault.fromPlace === fault.toPlace) {
    findings.push({
      code: "scenario.link-to-itself",
      problem: `Fault "${fault.id}" slows what "${fault.fromPlace}" replicates to itself`,
      remedy: "Name another zone or region in `toPlace`",
      path: ["faults", index, "toPlace"],
    });
  }
  findings.push(...checkMarketFault(fault, index, data));
  if (topology !== undefined)
    findings.push(...checkFaultTarget(fault, index, expandTopology(topology)));
  return findings;
}

function checkCurve(
  curve: readonly { readonly afterSeconds: number; readonly share: number }[],
  fault: number,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [at, point] of curve.entries()) {
    const before = curve[at - 1];
    if (
      before !== undefined &&
      (point.afterSeconds <= before.afterSeconds || point.share < before.share)
    ) {
      findings.push({
        code: "scenario.curve-falls",
        problem: "This point of the recovery curve is earlier or lower than the one before it",
        remedy: "Let afterSeconds grow from point to point, and let share never fall",
        path: ["faults", fault, "recoveryCurve", at],
      });
    }
  }
  if (curve.length > 0 && curve.at(-1)?.share !== 1) {
    findings.push({
      code: "scenario.curve-unfinished",
      problem: "The recovery curve does not reach all hosts",
      remedy: "End it with a point whose share is 1",
      path: ["faults", fault, "recoveryCurve", curve.length - 1, "share"],
    });
  }
  return findings;
}

type Objectives = readonly { readonly index: number; readonly item: ObjectiveSpec }[];

function checkObjectives(objectives: Objectives, data: unknown): readonly Finding[] {
  const findings: Finding[] = [];
  const served = new Set<string>();
  for (const { item, index } of objectives) {
    if (item.kind !== "service") continue;
    if (served.has(item.function)) {
      findings.push({
        code: "scenario.service-twice",
        problem: `What "in service" means for ${item.function} is already said by another objective`,
        remedy: "Keep one objective of kind service a function",
        path: ["objectives", index, "function"],
      });
    }
    served.add(item.function);
  }
  // A broken objective of kind service has a mistake of its own; its function is defined all the same.
  const defined = servedFunctions(valueAt(data, ["objectives"]));
  for (const { item, index } of objectives) {
    if (item.kind === "measure") findings.push(...checkMeasure(item, index));
    if (!restsOnService(item) || defined.includes(item.function)) continue;
    const bounded = item.kind === "rto" ? "outages" : "the error budget";
    findings.push({
      code: "scenario.rto-without-service",
      problem: `Objective "${item.id}" bounds ${bounded} of ${item.function}, and nothing says when that is in service`,
      remedy: `Add an objective of kind service for ${item.function}`,
      path: ["objectives", index, "function"],
    });
  }
  const kinds = fieldsOf(valueAt(data, ["objectives"]), "kind").map(({ value }) => value);
  const isAsked = kinds.includes("invariants");
  if (Array.isArray(valueAt(data, ["objectives"])) && !isAsked && placesOrders(data)) {
    findings.push({
      code: "scenario.invariants-missing",
      problem: "No objective asks for the invariants",
      remedy: "Add an objective with kind: invariants; no run with orders is sound without them",
      path: ["objectives"],
      onKey: true,
    });
  }
  return findings;
}

type RestsOnService = Extract<ObjectiveSpec, { kind: "rto" | "error-budget" | "burn-rate" }>;

function restsOnService(item: ObjectiveSpec): item is RestsOnService {
  return item.kind === "rto" || item.kind === "error-budget" || item.kind === "burn-rate";
}

function checkMeasure(
  { id, fromSeconds, toSeconds, atLeast, atMost }: MeasureObjective,
  index: number,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (fromSeconds >= toSeconds) {
    findings.push({
      code: "scenario.measure-span",
      problem: `Objective "${id}" looks from ${fromSeconds} s to ${toSeconds} s`,
      remedy: "Let toSeconds be later than fromSeconds",
      path: ["objectives", index, "toSeconds"],
    });
  }
  if (atLeast === undefined && atMost === undefined) {
    findings.push({
      code: "scenario.measure-unbounded",
      problem: `Objective "${id}" measures and has no bound`,
      remedy: "Give it atLeast, atMost or both",
      path: ["objectives", index],
    });
  }
  return findings;
}

function servedFunctions(objectives: unknown): readonly unknown[] {
  return (Array.isArray(objectives) ? objectives : [])
    .filter((objective) => valueAt(objective, ["kind"]) === "service")
    .map((objective) => valueAt(objective, ["function"]));
}

function checkMixSum(data: unknown): readonly Finding[] {
  const mix = soundPart(workloadSchema.shape.mix, valueAt(data, ["workload", "mix"]));
  if (mix === undefined) return [];
  const sum = Object.values(mix).reduce((total, part) => total + part, 0);
  if (Math.abs(sum - 1) < 1e-6) return [];
  return [
    {
      code: "scenario.mix-sum",
      problem: `The shares of the mix sum to ${Number(sum.toFixed(6))}`,
      remedy: "Change them so that they sum to 1",
      path: ["workload", "mix"],
      onKey: true,
    },
  ];
}

function checkAgainst(
  topology: Topology,
  { data, seen, objectives }: { data: unknown; seen: Walk; objectives: Objectives },
): readonly Finding[] {
  return [
    ...checkReferences(seen.references, declaredIn(expandTopology(topology)), "scenario"),
    ...checkMixFlows(topology, data),
    ...checkFunctions(topology, objectives),
    ...checkOverrides(topology, valueAt(data, ["componentOverrides"])),
  ];
}

function checkMixFlows(topology: Topology, data: unknown): readonly Finding[] {
  const mix = soundPart(workloadSchema.shape.mix, valueAt(data, ["workload", "mix"])) ?? {};
  const served: readonly string[] = topology.flows.flatMap((flow) => flow.requests);
  return Object.entries(mix)
    .filter(([request, part]) => part > 0 && !served.includes(request))
    .map(([request]) => ({
      code: "scenario.request-without-flow",
      problem: `Topology "${topology.id}" has no flow for "${request}"`,
      remedy: `Take it out of the mix, or add a flow that serves it; there are flows for ${served.join(", ")}`,
      path: ["workload", "mix", request],
      onKey: true,
    }));
}

/** Matching has no flow of its own: it is judged where orders are matched. */
function checkFunctions(topology: Topology, objectives: Objectives): readonly Finding[] {
  const served = new Set<string>(topology.flows.map((flow) => flow.function));
  if (topology.components.some((component) => component.service === "matching-service"))
    served.add("matching");
  return objectives.flatMap(({ item, index }): readonly Finding[] => {
    if (!("function" in item) || served.has(item.function)) return [];
    return [
      {
        code: "scenario.function-unserved",
        problem: `Nothing in topology "${topology.id}" serves the function "${item.function}"`,
        remedy: suggestion(item.function, [...served], "function"),
        path: ["objectives", index, "function"],
      },
    ];
  });
}

function checkOverrides(topology: Topology, overrides: unknown): readonly Finding[] {
  if (!isObject(overrides)) return [];
  const declared = declaredIn(topology);
  return Object.entries(overrides).flatMap(([id, changes]): readonly Finding[] => {
    const path: Path = ["componentOverrides", id];
    const component = topology.components.find((each) => each.id === id);
    if (component === undefined) {
      return [
        {
          code: "scenario.component-unknown",
          problem: `The topology has no component "${id}"`,
          remedy: suggestion(id, declared.componentIds, "component"),
          path,
          onKey: true,
        },
      ];
    }
    if (!isObject(changes)) return [];
    return checkOverride(component, changes, path, declared);
  });
}

function checkOverride(
  component: Topology["components"][number],
  changes: Readonly<Record<string, unknown>>,
  path: Path,
  declared: ReturnType<typeof declaredIn>,
): readonly Finding[] {
  const fixed = ["id", "service"].filter((key) => key in changes);
  if (fixed.length > 0) {
    return fixed.map((key) => ({
      code: "scenario.override-of-identity",
      problem: `An override cannot change the ${key} of "${component.id}"`,
      remedy: "Remove it; write a topology of your own to put another component in its place",
      path: [...path, key],
      onKey: true,
    }));
  }
  const changed = { ...component, ...changes };
  const seen = walk(componentSchema, changed);
  const parsed = componentSchema.safeParse(changed);
  const issues = parsed.success ? [] : parsed.error.issues;
  return [
    ...issues.flatMap((issue) => findingsOf(issue, changed, seen, "scenario")),
    ...checkReferences(
      seen.references.filter(({ path: [key] }) => String(key) in changes),
      declared,
      "scenario",
    ),
  ].map((finding) => ({ ...finding, path: [...path, ...finding.path] }));
}
