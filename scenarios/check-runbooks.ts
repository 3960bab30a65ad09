/** What a runbook's schema cannot say: roles, alarms and objectives that must be there, names given twice. */

import { isCopyOf } from "../sim/twin/platform/copies.ts";
import {
  type ActionSpec,
  actionsOf,
  type RunbookSpec,
} from "../sim/twin/runbooks/runbook-types.ts";
import type { ComponentSpec, Topology } from "../sim/twin/topology-types.ts";
import { checkUnique } from "./check-references.ts";
import { problemOfResending } from "./check-resending.ts";
import { componentSchema } from "./component-schemas.ts";
import type { Path } from "./located-yaml.ts";
import { suggestion } from "./nearest-name.ts";
import { roleSchema, runbookSchema } from "./runbook-schema.ts";
import type { Finding } from "./schema-mistakes.ts";
import { isObject, valueAt } from "./schema-walk.ts";
import { fieldsOf, soundItems } from "./sound-parts.ts";

export function checkRunbooks(
  data: unknown,
  servedFunctions: readonly unknown[],
  topology: Topology | undefined,
): readonly Finding[] {
  const roles = soundItems(roleSchema, valueAt(data, ["roles"])).map(({ item }) => item.id);
  const runbooks = soundItems(runbookSchema, valueAt(data, ["runbooks"]));
  const ids = runbooks.map(({ item }) => item.id);
  const alarms = topology === undefined ? undefined : alarmsIn(topology, data);
  return [
    ...unique(data, ["costAlarms"], "cost alarm"),
    ...unique(data, ["roles"], "role"),
    ...unique(data, ["runbooks"], "runbook"),
    ...runbooks.flatMap(({ item, index }) => [
      ...unique(data, ["runbooks", index, "steps"], "step"),
      ...checkRoles(item, index, roles),
      ...checkDetection(item, index, { runbooks: ids, servedFunctions, alarms }),
      ...(topology === undefined ? [] : checkActions(item, index, topology, data)),
    ]),
  ];
}

/** Alarms that a runbook may wait for: those of the topology, or what the scenario has in their place, and those on cost. */
function alarmsIn({ components }: Topology, data: unknown): readonly string[] {
  const ids = (path: Path) => fieldsOf(valueAt(data, path), "id").map(({ value }) => String(value));
  const onMetrics = components.flatMap((component) => {
    if (component.service !== "cloudwatch") return [];
    const own: Path = ["componentOverrides", component.id, "alarms"];
    return Array.isArray(valueAt(data, own)) ? ids(own) : component.alarms.map(({ id }) => id);
  });
  return [...onMetrics, ...ids(["costAlarms"])];
}

function unique(data: unknown, path: Path, noun: string): readonly Finding[] {
  return checkUnique(fieldsOf(valueAt(data, path), "id"), noun, "scenario", (at) => [
    ...path,
    at,
    "id",
  ]);
}

function checkRoles(
  { onCall, approvals = [] }: RunbookSpec,
  index: number,
  roles: readonly string[],
): readonly Finding[] {
  const named: readonly { readonly role: string; readonly path: Path }[] = [
    { role: onCall, path: ["runbooks", index, "onCall"] },
    ...approvals.map(({ by }, at) => ({
      role: by,
      path: ["runbooks", index, "approvals", at, "by"],
    })),
  ];
  return named
    .filter(({ role }) => !roles.includes(role))
    .map(({ role, path }) => ({
      code: "scenario.role-unknown",
      problem: `Nobody has the role "${role}"`,
      remedy:
        roles.length === 0
          ? "Add it to roles, with the time that paging takes"
          : suggestion(role, roles, "role"),
      path,
    }));
}

function checkDetection(
  { id: own, detection }: RunbookSpec,
  index: number,
  {
    runbooks,
    servedFunctions,
    alarms,
  }: {
    runbooks: readonly string[];
    servedFunctions: readonly unknown[];
    alarms: readonly string[] | undefined;
  },
): readonly Finding[] {
  return detection.flatMap((way, at): readonly Finding[] => {
    if (way.source === "alarm") {
      if (alarms === undefined || alarms.includes(way.alarm)) return [];
      return [
        {
          code: "scenario.alarm-unknown",
          problem: `The topology declares no alarm "${way.alarm}"`,
          remedy: suggestion(way.alarm, alarms, "alarm"),
          path: ["runbooks", index, "detection", at, "alarm"],
        },
      ];
    }
    if (way.source === "runbook") {
      const others = runbooks.filter((id) => id !== own);
      if (others.includes(way.runbook)) return [];
      return [
        {
          code: "scenario.runbook-unknown",
          problem: `The scenario has no other runbook "${way.runbook}" that this one could follow on`,
          remedy: suggestion(way.runbook, others, "runbook"),
          path: ["runbooks", index, "detection", at, "runbook"],
        },
      ];
    }
    if (servedFunctions.includes(way.function)) return [];
    return [
      {
        code: "scenario.detection-without-service",
        problem: `Nothing says when ${way.function} is in service, so nobody can find it out of service`,
        remedy: `Add an objective of kind service for ${way.function}`,
        path: ["runbooks", index, "detection", at, "function"],
      },
    ];
  });
}

/** Services that run tasks of a program of yours. */
const taskServices: readonly string[] = ["ecs-fargate", "matching-service"];

function checkActions(
  runbook: RunbookSpec,
  index: number,
  topology: Topology,
  data: unknown,
): readonly Finding[] {
  return actionsOf(runbook).flatMap((action) => {
    const problem = problemOf(action, topology, data);
    const step = runbook.steps.findIndex(
      (each) => each.action === action || each.mistake?.action === action,
    );
    return problem === undefined
      ? []
      : [{ ...problem, path: ["runbooks", index, "steps", step, "action"] }];
  });
}

function problemOf(
  action: ActionSpec,
  { components }: Topology,
  data: unknown,
): Omit<Finding, "path"> | undefined {
  if (!("component" in action)) return undefined;
  const target = components.find(({ id }) => isCopyOf(id, action.component));
  if (target !== undefined && (action.do === "redrive" || action.do === "replay-events")) {
    return problemOfResending(action, overridden(target, data));
  }
  const needsTasks = ["scale-out", "roll-back", "restart"].includes(action.do);
  if (target === undefined || !needsTasks || taskServices.includes(target.service))
    return undefined;
  const others = components.filter(({ service }) => taskServices.includes(service));
  return {
    code: "scenario.action-not-understood",
    problem: `"${target.id}" (${target.service}) runs no tasks of yours, so "${action.do}" means nothing to it`,
    remedy: `Name one of ${others.map(({ id }) => id).join(", ")}`,
  };
}

/** A component as the scenario has it. An override that makes no sense is told of elsewhere, and counts for nothing here. */
function overridden(spec: ComponentSpec, data: unknown): ComponentSpec {
  const own = valueAt(data, ["componentOverrides", spec.id]);
  const changed = { ...spec, ...(isObject(own) ? own : {}) };
  return componentSchema.safeParse(changed).success ? (changed as ComponentSpec) : spec;
}
