import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { ServiceLevels } from "../service-levels.ts";
import { compileDelay } from "./human-delays.ts";
import type { DetectionSpec, RoleSpec, RunbookSpec } from "./runbook-types.ts";

/** Most ways in which people come to know; the schema has the same bound. */
export const waysMax = 16;

/** Keys of draws that a way has; its time is drawn under the first. */
const drawKeysOfWay = 2;

/** A runbook with its times as tables, its people as numbers and its log entries by kind. */
export interface CompiledRunbook {
  readonly spec: RunbookSpec;
  readonly role: number;
  readonly paging: QuantileTable;
  readonly diagnosis: QuantileTable;
  readonly decision: QuantileTable;
  readonly approvals: readonly { readonly paging: QuantileTable; readonly delay: QuantileTable }[];
  readonly steps: readonly QuantileTable[];
  readonly ways: readonly CompiledDetection[];
  readonly luck: KeyedStream;
  readonly kinds: Kinds;
}

/** A way in which people come to know. */
export interface CompiledDetection {
  readonly spec: DetectionSpec;
  /** Objective of the function, `none` for an alarm. */
  readonly level: number;
  readonly after: QuantileTable;
  /** Its number among the ways of all runbooks, and the key of its draws. */
  readonly number: number;
  readonly drawKey: number;
}

interface Kinds {
  readonly detected: number;
  readonly paged: number;
  readonly diagnosed: number;
  readonly decided: number;
  readonly approved: number;
  readonly completed: number;
  readonly stopped: number;
  readonly steps: readonly StepKinds[];
}

interface StepKinds {
  readonly began: number;
  readonly mistaken: number;
  readonly failed: number;
  readonly effective: number;
}

/** `runbook` is the position among the scenario's. */
export function compileRunbook(
  { log, kernel }: AssembledFabric,
  { roles, levels }: { readonly roles: readonly RoleSpec[]; readonly levels: ServiceLevels },
  spec: RunbookSpec,
  runbook: number,
): CompiledRunbook {
  const roleOf = (id: string) => roles.find((role) => role.id === id)!;
  const name = `runbook.${spec.id}`;
  return {
    spec,
    role: roles.findIndex(({ id }) => id === spec.onCall),
    paging: compileDelay(roleOf(spec.onCall).paging),
    diagnosis: compileDelay(spec.diagnosis),
    decision: compileDelay(spec.decision),
    approvals: (spec.approvals ?? []).map(({ by, delay }) => ({
      paging: compileDelay(roleOf(by).paging),
      delay: compileDelay(delay),
    })),
    steps: spec.steps.map(({ execution }) => compileDelay(execution)),
    ways: spec.detection.map((way, at) => ({
      spec: way,
      level:
        way.source === "alarm" || way.source === "runbook"
          ? none
          : levels.objectives.findIndex((each) => each.function === way.function),
      after: compileDelay("after" in way ? way.after : { medianSeconds: 0 }),
      number: runbook * waysMax + at,
      drawKey: (runbook * waysMax + at) * drawKeysOfWay,
    })),
    luck: kernel.keyed(name),
    kinds: {
      detected: log.kind(`${name}.detected`, "detect"),
      paged: log.kind(`${name}.somebody-there`, "detect"),
      diagnosed: log.kind(`${name}.diagnosed`, "decide"),
      decided: log.kind(`${name}.decided`, "decide"),
      approved: log.kind(`${name}.approved`, "decide"),
      completed: log.kind(`${name}.completed`, "info"),
      stopped: log.kind(`${name}.stopped`, "info"),
      steps: spec.steps.map(({ id }) => ({
        began: log.kind(`${name}.${id}.carried-out`, "act"),
        mistaken: log.kind(`${name}.${id}.done-wrongly`, "act"),
        failed: log.kind(`${name}.${id}.failed`, "act"),
        effective: log.kind(`${name}.${id}.effective`, "act"),
      })),
    },
  };
}
