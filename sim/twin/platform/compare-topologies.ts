import type { CallSpec } from "../../components/fabric/call-sites.ts";
import type { Parameter, Parameters } from "../../facts/parameter.ts";
import type { ComponentSpec, Topology } from "../topology-types.ts";

/** A topology with the numbers that its components work with, by declared id. */
export interface DescribedTopology {
  readonly topology: Topology;
  readonly parameters: ReadonlyMap<string, Parameters>;
}

/** A choice that both topologies make, or only one (`undefined`: left out). */
export interface FieldDifference {
  /** Way through the declaration: `healthCheck.intervalSeconds`. */
  readonly field: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface ParameterDifference {
  readonly name: string;
  readonly from: Parameter | undefined;
  readonly to: Parameter | undefined;
}

export interface ComponentDifference {
  readonly id: string;
  readonly service: string;
  readonly fields: readonly FieldDifference[];
  readonly parameters: readonly ParameterDifference[];
}

/** What is different from one topology to another. */
export interface TopologyDifferences {
  readonly from: string;
  readonly to: string;
  /** Regions with their shares, acceptance, network. */
  readonly platform: readonly FieldDifference[];
  readonly added: readonly ComponentSpec[];
  readonly removed: readonly ComponentSpec[];
  readonly changed: readonly ComponentDifference[];
  /** Calls of flows and of components on their own account, as ways: `place-order: api > order-service place`. */
  readonly callsAdded: readonly string[];
  readonly callsRemoved: readonly string[];
}

/** Components are the same when they have the same id and service; otherwise one is removed and one is added. */
export function compareTopologies(
  from: DescribedTopology,
  to: DescribedTopology,
): TopologyDifferences {
  const before = from.topology.components;
  const after = to.topology.components;
  const [waysBefore, waysAfter] = [waysOf(from.topology), waysOf(to.topology)];
  return {
    from: from.topology.id,
    to: to.topology.id,
    platform: fieldDifferences(placesOf(from.topology), placesOf(to.topology)),
    added: after.filter((each) => sameIn(before, each) === undefined),
    removed: before.filter((each) => sameIn(after, each) === undefined),
    changed: before.flatMap((each) => {
      const other = sameIn(after, each);
      return other === undefined ? [] : changesOf(each, other, from, to);
    }),
    callsAdded: [...waysAfter].filter((way) => !waysBefore.has(way)),
    callsRemoved: [...waysBefore].filter((way) => !waysAfter.has(way)),
  };
}

function sameIn(all: readonly ComponentSpec[], one: ComponentSpec): ComponentSpec | undefined {
  return all.find(({ id, service }) => id === one.id && service === one.service);
}

function changesOf(
  one: ComponentSpec,
  other: ComponentSpec,
  from: DescribedTopology,
  to: DescribedTopology,
): readonly ComponentDifference[] {
  const isMultiplied = (one.inRegions === undefined) !== (other.inRegions === undefined);
  const choices = (spec: ComponentSpec, { topology }: DescribedTopology) =>
    isMultiplied ? withShortZones(choicesOf(spec), topology) : choicesOf(spec);
  const fields = fieldDifferences(choices(one, from), choices(other, to));
  const [before, after] = [from.parameters.get(one.id) ?? {}, to.parameters.get(other.id) ?? {}];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const parameters = names
    .map((name) => ({ name, from: before[name], to: after[name] }))
    .filter((each) => each.from?.value !== each.to?.value);
  if (fields.length === 0 && parameters.length === 0) return [];
  return [{ id: one.id, service: one.service, fields, parameters }];
}

/** What a declaration chooses; its parameters are compared as what they come to. */
function choicesOf({ id: _, service: __, title: ___, parameters: ____, ...rest }: ComponentSpec) {
  return rest;
}

/** Zones as a component in several regions names them, so that the same zones read the same. */
function withShortZones(choices: object, { regions }: Topology): object {
  const short = (zone: unknown) => {
    const region = regions.find(({ id }) => String(zone).startsWith(id));
    return region === undefined ? zone : String(zone).slice(region.id.length);
  };
  return Object.fromEntries(
    Object.entries(choices).map(([field, value]: [string, unknown]) => {
      if (!/zones?$/i.test(field)) return [field, value];
      return [field, Array.isArray(value) ? value.map(short) : short(value)];
    }),
  );
}

function placesOf({ regions, network, acceptance }: Topology) {
  const byRegion = regions.map(({ id, share, zones }) => [
    id,
    { ...(share === undefined ? {} : { share }), zones: zones.map((zone) => zone.id) },
  ]);
  return {
    acceptance,
    regions: Object.fromEntries(byRegion),
    ...(network === undefined ? {} : { network }),
  };
}

function fieldDifferences(from: object, to: object): readonly FieldDifference[] {
  const [before, after] = [new Map(flattened(from, "")), new Map(flattened(to, ""))];
  const fields = [...new Set([...before.keys(), ...after.keys()])];
  return fields
    .map((field) => ({ field, from: before.get(field), to: after.get(field) }))
    .filter((each) => each.from !== each.to);
}

/** Choices by their way; a list of names is one choice, items with ids go by their ids. */
function flattened(value: unknown, way: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) {
    if (!value.some((item) => typeof item === "object")) return [[way, value.join(", ")]];
    return value.flatMap((item: unknown, at) => flattened(item, joined(way, nameOf(item, at))));
  }
  if (typeof value !== "object" || value === null) return [[way, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, joined(way, key)));
}

function nameOf(item: unknown, at: number): string {
  const { id, name } = (item ?? {}) as { readonly id?: unknown; readonly name?: unknown };
  return String(id ?? name ?? at);
}

function joined(way: string, step: string): string {
  return way === "" ? step : `${way}.${step}`;
}

function waysOf({ flows, actorCalls }: Topology): ReadonlySet<string> {
  return new Set([
    ...flows.flatMap(({ id, call }) => waysOfCall(call, `${id}: `, [])),
    ...actorCalls.flatMap(({ component, calls }) =>
      Object.entries(calls).flatMap(([name, call]) =>
        waysOfCall(call, `${component}, ${name}: `, []),
      ),
    ),
  ]);
}

function waysOfCall(call: CallSpec, head: string, above: readonly string[]): readonly string[] {
  const step = call.operation === undefined ? call.to : `${call.to} ${call.operation}`;
  const way = [...above, step];
  return [
    `${head}${way.slice(-2).join(" > ")}`,
    ...(call.calls ?? []).flatMap((each) => waysOfCall(each, head, way)),
    ...(call.fallback === undefined ? [] : waysOfCall(call.fallback, `${head}or `, above)),
    ...(call.followedBy ?? []).flatMap((each) => waysOfCall(each, head, above)),
  ];
}
