import { MistakeList } from "../sim/errors/twin-error.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { checkScenario } from "./check-scenario.ts";
import { scenarioSchema } from "./scenario-schema.ts";
import { findingsOf } from "./schema-mistakes.ts";
import { pathText, walk } from "./schema-walk.ts";

/** A scenario that was changed after it was read, checked like a file; throws all mistakes at once. */
export function checkedScenario(scenario: Scenario, topology: Topology): Scenario {
  const seen = walk(scenarioSchema, scenario);
  const parsed = scenarioSchema.safeParse(scenario);
  const issues = parsed.success ? [] : parsed.error.issues;
  const mistakes = new MistakeList();
  for (const { code, problem, remedy, path } of [
    ...issues.flatMap((issue) => findingsOf(issue, scenario, seen, "scenario")),
    ...checkScenario(scenario, seen, topology),
  ]) {
    mistakes.add({ code, problem, remedy, at: pathText(path) });
  }
  mistakes.throwIfAny(scenario.id);
  return scenario;
}
