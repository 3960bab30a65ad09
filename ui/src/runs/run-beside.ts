/** Runs that are put beside the run on screen: other designs, and branches with a further fault. */
import type { FaultSpec } from "../../../sim/twin/faults/fault-types.ts";
import type { RecordingHead } from "../../../sim/twin/recording/recording-types.ts";
import type { Scenario } from "../../../sim/twin/scenario-types.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";
import type { RunRequest } from "../worker/messages.ts";
import { shippedOrTold } from "./run-scenario.ts";
import { addBranch } from "./shown-run.ts";
import { watchRun } from "./watch-run.ts";

/** Runs another design beside the run on screen: another scenario, or the same one on another topology. */
export async function compareDesign(
  decision: Extract<state.Decision, { kind: "scenario" | "topology" }>,
  title: string,
): Promise<boolean> {
  const base = state.view.value;
  if (base === undefined) return false;
  const { seed, scenario } = base.head;
  if (decision.kind === "topology") {
    // JSON is YAML, so that every mistake against the other topology is told like any other.
    const text = JSON.stringify(
      { ...scenario, topology: decision.name } satisfies Scenario,
      null,
      1,
    );
    return runBeside({ kind: "text", text, fileName: `${title}.json`, seed }, title, decision);
  }
  const found = await shippedOrTold(decision.id);
  if (found === undefined) return false;
  return runBeside({ kind: "shipped", id: decision.id, seed, ...found }, title, decision);
}

/** Runs what was asked for; the run on screen stays there. */
export function runBeside(
  request: RunRequest,
  title: string,
  decision: state.Decision,
): Promise<boolean> {
  const base = state.view.value;
  return watchRun(request, title, {
    again: () => runBeside(request, title, decision),
    began: () => {},
    advanced: () => {},
    ended: (view) => addBranch(base, { title, view, fromUs: 0, decision }),
  });
}

/** Continues the run on screen with a further fault, and keeps what came of it beside the run. */
export async function breakSomething(fault: FaultSpec, title: string): Promise<boolean> {
  const base = state.view.value;
  if (base?.head.results === undefined) return false;
  const head = base.head as RecordingHead;
  const atUs = fault.atSeconds * 1_000_000;
  let refused = "";
  const done = await watchRun({ kind: "branch", head, fault }, title, {
    again: () => breakSomething(fault, title),
    began: () => {},
    advanced: () => {},
    ended: (view) => {
      refused = prefixDifference(base, view, atUs);
      if (refused !== "") return;
      addBranch(base, { title, view, fromUs: atUs, decision: { kind: "fault", fault } });
    },
  });
  if (refused === "") return done;
  state.notify(
    `The branch was refused: before ${clockText(atUs)} it differs from the recording in ${refused}. The recording was made by another version of the program.`,
  );
  return false;
}

/** Name of a channel that differs before an instant at which two runs should part; empty when none does. */
function prefixDifference(base: RecordingView, branch: RecordingView, untilUs: number): string {
  const ratio = base.head.frameStepUs / branch.head.frameStepUs;
  if (!Number.isInteger(ratio)) return "its frames' step";
  const numbers = new Map(
    branch.head.channels.map(({ component, name }, at) => [`${component} ${name}`, at]),
  );
  const last = Math.floor((untilUs - 1) / base.head.frameStepUs);
  for (const [at, { component, name }] of base.head.channels.entries()) {
    const own = base.frames[at];
    const other = branch.frames[numbers.get(`${component} ${name}`) ?? -1];
    if (own === undefined || other === undefined || name.startsWith("calls ")) continue;
    for (let frame = 0; frame <= last; frame += 1) {
      if (!Object.is(own[frame], other[frame * ratio])) return `${component} ${name}`;
    }
  }
  return "";
}
