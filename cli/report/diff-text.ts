/** The differences of two topologies, for a terminal. */
import type { Parameter } from "../../sim/facts/parameter.ts";
import type {
  FieldDifference,
  ParameterDifference,
  TopologyDifferences,
} from "../../sim/twin/platform/compare-topologies.ts";
import type { ComponentSpec } from "../../sim/twin/topology-types.ts";
import { tone, wrap } from "../terminal.ts";

const widthMax = 100;

export function diffText(differences: TopologyDifferences): readonly string[] {
  const { from, to, platform, added, removed, changed, callsAdded, callsRemoved } = differences;
  const parts = [
    section("Platform", platform.map(fieldWords)),
    section(`Only in ${to}`, added.map(componentWords)),
    section(`Only in ${from}`, removed.map(componentWords)),
    ...changed.map(({ id, service, fields, parameters }) =>
      section(`${id} (${service})`, [...fields.map(fieldWords), ...parameters.map(parameterWords)]),
    ),
    section(`Calls only in ${to}`, callsAdded),
    section(`Calls only in ${from}`, callsRemoved),
  ];
  const lines = parts.flat();
  const title = tone("bold", `From ${from} to ${to}`);
  return lines.length === 0 ? [title, "", "They do not differ."] : [title, ...lines];
}

function section(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  return ["", tone("bold", title), ...items.flatMap((item) => wrap(item, widthMax, "  "))];
}

function fieldWords({ field, from, to }: FieldDifference): string {
  if (from === undefined) return `${field}: ${to}, where the other says nothing`;
  if (to === undefined) return `${field}: no longer said, was ${from}`;
  return `${field}: ${to}, was ${from}`;
}

function componentWords(spec: ComponentSpec): string {
  const { id, service, title, partitions, inRegions } = spec;
  const copies = [
    ...(partitions === undefined ? [] : [`${partitions.count} by ${partitions.by}`]),
    ...(inRegions === undefined ? [] : [`in ${inRegions.length} regions`]),
  ];
  const named = title === undefined ? id : `${id}, ${title}`;
  return `${named} (${service})${copies.length === 0 ? "" : `: ${copies.join(", ")}`}`;
}

function parameterWords({ name, from, to }: ParameterDifference): string {
  if (from === undefined) return `${name}: ${figure(to)}, which the other does not have`;
  if (to === undefined) return `${name}: none, was ${figure(from)}`;
  return `${name}: ${figure(to)}, was ${figure(from)}`;
}

function figure(parameter: Parameter | undefined): string {
  if (parameter === undefined) return "nothing";
  const { value, unit, origin, factKey } = parameter;
  const shown = value.toLocaleString("en-US", { maximumFractionDigits: 6 });
  const source = origin === "override" ? "stated" : (factKey ?? "assumed");
  return `${shown} ${unit} [${source}]`;
}
