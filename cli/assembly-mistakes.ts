/** Mistakes of a scenario that its form does not show: what the components themselves refuse when they are put together. */
import { readYaml } from "../scenarios/located-yaml.ts";
import type { LocatedMistake, ScenarioAndTopology } from "../scenarios/validate-text.ts";
import { TwinError } from "../sim/errors/twin-error.ts";
import { Simulation } from "../sim/twin/simulation.ts";
import { withOverrides } from "../sim/twin/topology-variants.ts";

/** Puts the platform together without running it. `at` is the line of the override, or the nearest thing around it. */
export function assemblyMistakes(
  text: string,
  file: string,
  { scenario, topology }: ScenarioAndTopology,
): readonly LocatedMistake[] {
  try {
    new Simulation({
      scenario,
      topology: withOverrides(topology, scenario.componentOverrides),
      seed: "1",
    });
    return [];
  } catch (error) {
    if (!(error instanceof TwinError)) throw error;
    return error.mistakes.map(({ code, problem, remedy, at = "" }) => {
      const [, components, ...rest] = at.split("/");
      const keys = components === "components" ? ["componentOverrides", ...rest] : [];
      const { line, column } = readYaml(text).positionOfKey(keys);
      const path = `/${keys.join("/")}`;
      return { code, problem, remedy, at: `${file}:${line}:${column}`, file, line, column, path };
    });
  }
}
