import { TwinError } from "../../errors/twin-error.ts";
import { overridden, type Parameter, type Parameters } from "../../facts/parameter.ts";

/** Ends of the names of two parameters that span a distribution; the first is never above the second. */
const spans = [
  ["P50", "P95"],
  ["P50", "P99"],
  ["Low", "High"],
] as const;

/**
 * Defaults of a component with what the topology overrides by name. A name that the component does not have is a
 * mistake of the topology's author, and so is a distribution that ends below where it begins.
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
  for (const name of Object.keys(overrides ?? {})) checkSpan(componentId, resolved, name);
  return resolved as Set;
}

function checkSpan(componentId: string, resolved: Parameters, overriddenName: string): void {
  for (const [low, high] of spans) {
    const stem = stemOf(overriddenName, low) ?? stemOf(overriddenName, high);
    const from = resolved[`${stem}${low}`];
    const to = resolved[`${stem}${high}`];
    if (from === undefined || to === undefined || from.value <= to.value) continue;
    throw new TwinError({
      code: "topology.parameter-span",
      problem: `Component "${componentId}" has ${stem}${low} ${from.value} above ${stem}${high} ${to.value}`,
      remedy: `Give both, ${stem}${low} no larger than ${stem}${high}`,
      at: `/components/${componentId}/parameters/${overriddenName}`,
    });
  }
}

function stemOf(name: string, end: string): string | undefined {
  return name.endsWith(end) ? name.slice(0, -end.length) : undefined;
}
