/**
 * A number that a component runs on, together with where it came from, so that every recording can list
 * what was documented, what we assumed and what the user overrode.
 *
 * ```ts
 * const defaults = {
 *   healthCheckIntervalUs: usFromFact("alb.health-check.interval-s"),
 *   connectionsMax: fromFact("elasticache.max-connections"),
 *   proxyUs: assumption(150, "us", "between a same-AZ round trip and measured proxy overhead"),
 * };
 * const { healthCheckIntervalUs } = valuesOf(defaults); // plain numbers
 * ```
 */
import { TwinError } from "../errors/twin-error.ts";
import { type FactConfidence, type FactKey, factNumberAt, factOf, isDoubtful } from "./facts.ts";

export interface Parameter {
  readonly value: number;
  readonly unit: string;
  readonly origin: "fact" | "assumption" | "override";
  /** The fact it is read from; an override keeps it, so that both can be shown. */
  readonly factKey?: FactKey;
  /** Why we chose it, or why the user overrode it. */
  readonly why?: string;
  /** Of the fact; an assumption has none. */
  readonly confidence?: FactConfidence;
  /** Of an override: the value that it replaced. */
  readonly replaced?: number;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** Where in a fact the figure is: nothing for a single number, else field names and list positions. */
type FactPath = readonly (string | number)[];

/** A figure of the catalogue in its own unit. */
export function fromFact(key: FactKey, ...path: FactPath): Parameter {
  const fact = factOf(key);
  return {
    value: factNumberAt(key, ...path),
    unit: fact.unit,
    origin: "fact",
    factKey: key,
    confidence: fact.confidence,
  };
}

/** A duration of the catalogue (in ms, s, min, h or days), as whole microseconds. */
export function usFromFact(key: FactKey, ...path: FactPath): Parameter {
  const parameter = fromFact(key, ...path);
  const unitWord = parameter.unit.split(/[^a-z]/)[0] ?? "";
  const usPerUnit = microseconds.get(unitWord);
  if (usPerUnit === undefined) {
    throw new TwinError({
      code: "facts.not-a-duration",
      problem: `Fact "${key}" is in "${parameter.unit}", which does not begin with a unit of time`,
      remedy: "Use fromFact and convert it where its meaning is known",
      at: key,
    });
  }
  return { ...parameter, value: Math.round(parameter.value * usPerUnit), unit: "us" };
}

/** A number of our own; `why` is a sentence for the reader of a report. */
export function assumption(value: number, unit: string, why: string): Parameter {
  return { value, unit, origin: "assumption", why };
}

/** The user's number in place of ours, in the same unit. */
export function overridden(parameter: Parameter, value: number, why: string): Parameter {
  const { confidence: _, ...rest } = parameter;
  return { ...rest, value, origin: "override", why, replaced: parameter.value };
}

/** Whether it rests on a fact that nobody has checked. */
export function isDoubtfulParameter(parameter: Parameter): boolean {
  return parameter.confidence !== undefined && isDoubtful({ confidence: parameter.confidence });
}

/** The bare numbers, under the same names. */
export function valuesOf<Set extends Parameters>(
  parameters: Set,
): { readonly [Name in keyof Set]: number } {
  const entries = Object.entries(parameters).map(([name, { value }]) => [name, value] as const);
  return Object.fromEntries(entries) as { [Name in keyof Set]: number };
}

const microseconds: ReadonlyMap<string, number> = new Map([
  ["us", 1],
  ["ms", 1_000],
  ["s", 1_000_000],
  ["min", 60_000_000],
  ["h", 3_600_000_000],
  ["days", 86_400_000_000],
]);
