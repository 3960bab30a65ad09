import { TwinError } from "../../errors/twin-error.ts";
import { overridden, type Parameter, type Parameters } from "../../facts/parameter.ts";

/**
 * Defaults of a component with what the topology overrides by name. A name that the component does not have is a
 * mistake of the topology's author.
 */
export function resolveParameters<Set extends Parameters>(
  componentId: string,
  defaults: Set,
  overrides: Readonly<Record<string, number>> | undefined,
): Set {
  const resolved: Record<string, Parameter> = { ...defaults };
  for (const [name, value] of Object.entries(overrides ?? {})) {
    const parameter = defaults[name];
    if (parameter === undefined) {
      throw new TwinError({
        code: "topology.parameter-unknown",
        problem: `Component "${componentId}" has no parameter "${name}"`,
        remedy: `Use one of ${Object.keys(defaults).join(", ")}`,
        at: `/components/${componentId}/parameters/${name}`,
      });
    }
    resolved[name] = overridden(parameter, value, "set by the topology");
  }
  return resolved as Set;
}
