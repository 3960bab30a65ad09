/** The shipped roles and runbooks of a region failover with people who take no time and see by a probe. */
import type { RunbookSpec, RunbookStepSpec } from "../../sim/twin/runbooks/runbook-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";

const quick = { medianSeconds: 1 };

/** `stepsOf` may leave steps out or change them; what a step takes is set here. */
export function quickPeople(
  shipped: Scenario,
  stepsOf: (runbook: RunbookSpec) => readonly RunbookStepSpec[] = ({ steps }) => steps,
): Pick<Scenario, "roles" | "runbooks"> {
  const { roles = [], runbooks = [] } = shipped;
  return {
    roles: roles.map((role) => ({ ...role, paging: quick })),
    runbooks: runbooks.map((runbook) => ({
      ...runbook,
      diagnosis: quick,
      decision: quick,
      approvals: [],
      detection: runbook.detection.map((way) =>
        way.source === "runbook"
          ? { ...way, after: quick }
          : ({
              source: "probe",
              function: "order-entry",
              everySeconds: 5,
              failuresInARow: 2,
            } as const),
      ),
      steps: stepsOf(runbook).map((step) => ({ ...step, execution: quick, failShare: 0 })),
    })),
  };
}
