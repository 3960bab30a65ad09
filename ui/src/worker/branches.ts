/** Runs that part from one that was run before, because something more is broken. */
import { TwinError } from "../../../sim/errors/twin-error.ts";
import type { FaultSpec } from "../../../sim/twin/faults/fault-types.ts";
import { programVersion } from "../../../sim/twin/program-version.ts";
import type { RecordingHead } from "../../../sim/twin/recording/recording-types.ts";
import type { ScenarioRun } from "../../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../../sim/twin/scenario-types.ts";
import type { Topology } from "../../../sim/twin/topology-types.ts";

export interface Checkpoint {
  readonly atUs: number;
  readonly state: ArrayBuffer;
}

/** The last run that came to its end, and what of it may be continued. */
export interface Kept {
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seed: string;
  readonly run: ScenarioRun;
  readonly checkpoints: readonly Checkpoint[];
}

/** What a run begins with. */
export interface Preparation {
  readonly options: {
    readonly scenario: Scenario;
    readonly topology: Topology;
    readonly seed: string;
  };
  readonly from?: { readonly kept: Kept; readonly checkpoint: Checkpoint };
  /** Faults that are on the agenda of the checkpoint. */
  readonly faultCount: number;
}

/** Continues from the nearest checkpoint when the run is one of ours; else the run is repeated from its beginning. */
export function branchPreparation(
  head: RecordingHead,
  fault: FaultSpec,
  base: Kept | undefined,
): Preparation {
  if (head.orderFile !== undefined) {
    throw new TwinError({
      code: "branch.orders-absent",
      problem: "This recording replayed an order file, which it does not hold",
      remedy: "Run it from the command line with --orders and the further fault in its scenario",
    });
  }
  if (head.programVersion !== programVersion) {
    throw new TwinError({
      code: "branch.other-version",
      problem: `The recording was made by version ${head.programVersion}; this is ${programVersion}, whose run may differ before the branch`,
      remedy: "Run its scenario again with this version, then break something",
    });
  }
  const faults = head.scenario.faults.map((each) => strikingWhereItStruck(each, head));
  const scenario = { ...head.scenario, faults: [...faults, fault] };
  const faultCount = head.scenario.faults.length;
  const isOurs =
    base !== undefined &&
    base.seed === head.seed &&
    JSON.stringify(base.scenario) === JSON.stringify(head.scenario);
  if (!isOurs) {
    // The recorded topology has the scenario's changes in it already; making them again changes nothing.
    return { options: { scenario, topology: head.topology, seed: head.seed }, faultCount };
  }
  const options = { scenario, topology: base.topology, seed: base.seed };
  const checkpoint = base.checkpoints.findLast(({ atUs }) => atUs <= fault.atSeconds * 1_000_000);
  if (checkpoint === undefined) return { options, faultCount };
  return { options, from: { kept: base, checkpoint }, faultCount };
}

/**
 * A fault of the recorded run strikes the place that it struck there: what it was to look for (`zone-of:matching`) may
 * stand elsewhere, or nowhere, once something else has been broken before it.
 */
function strikingWhereItStruck(fault: FaultSpec, head: RecordingHead): FaultSpec {
  if (!("zone" in fault) || !fault.zone.startsWith("zone-of:")) return fault;
  const struck = head.events.find(
    (event) =>
      event.stage === "fault" &&
      event.causeSeq < 0 &&
      event.zone !== "" &&
      event.atUs === Math.round(fault.atSeconds * 1_000_000),
  );
  return struck === undefined ? fault : { ...fault, zone: struck.zone };
}
