/** The tables of docs/parameters.md, read off the shipped platform as it is assembled. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { baseTopologyOf, loadScenario, topologyLoader } from "../cli/scenario-files.ts";
import type { Component } from "../sim/components/fabric/component.ts";
import { outsideZone } from "../sim/components/fabric/zones.ts";
import { allFacts, type Fact, factOf, isDoubtful } from "../sim/facts/facts.ts";
import { isDoubtfulParameter, type Parameter } from "../sim/facts/parameter.ts";
import { none } from "../sim/kernel/none.ts";
import { Simulation } from "../sim/twin/simulation.ts";
import type { ComponentSpec, Topology } from "../sim/twin/topology-types.ts";
import { type Sections, table } from "./marked-sections.ts";
import { filesUnder } from "./sources.mjs";

const topologyFolder = "scenarios/topologies";

/** Every generated section of docs/parameters.md. */
export function modelSections(): Sections {
  const ids = readdirSync(topologyFolder)
    .map((file) => basename(file, ".yaml"))
    .toSorted();
  // A variant's numbers are those of what it extends, but for what its own few lines say.
  const platforms = ids.filter((id) => baseTopologyOf(id) === id).map(assembled);
  return {
    parameters: platforms.map(parametersOf).join("\n\n"),
    "what topologies state": platforms.map(statedOf).join("\n\n"),
    calls: platforms.map(callsOf).join("\n\n"),
    network: platforms.map(networkOf).join("\n\n"),
    variants: variantsOf(ids),
    "assumptions in the sources": assumptionsInSources(),
    "facts in use": factsInUse(platforms),
  };
}

interface Platform {
  readonly topology: Topology;
  readonly simulation: Simulation;
}

function variantsOf(ids: readonly string[]): string {
  const rows = ids
    .filter((id) => baseTopologyOf(id) !== id)
    .map((id) => {
      const { title, description } = topologyLoader("./documents")(id);
      return [`\`${id}\``, `\`${baseTopologyOf(id)}\``, `${title}: ${description}`];
    });
  return table(["topology", "goes back to", "what differs"], rows);
}

function assembled(id: string): Platform {
  const topology = topologyLoader("./documents")(id);
  const { scenario } = loadScenario("baseline-500");
  return { topology, simulation: new Simulation({ scenario, topology, seed: "documents" }) };
}

/** Copies of one declared component have the same parameters; they are told once, under its name. */
function parametersOf({ topology, simulation }: Platform): string {
  const { copies } = simulation.platform;
  const parts = simulation.fabric.components.flatMap((component, at) => {
    const copy = copies[at];
    const isFirst = copies.findIndex((other) => other.at === copy?.at) === at;
    if (copy === undefined || !isFirst) return [];
    const { id, title } = copy.declared;
    const name = title === undefined ? id : `${title}: ${id}`;
    return `#### ${name} (${component.service})\n\n${parameterTable(component)}`;
  });
  return [`### Topology \`${topology.id}\``, ...parts].join("\n\n");
}

function parameterTable(component: Component): string {
  const rows = Object.entries(component.parameters()).map(([name, parameter]) => [
    `\`${name}\``,
    figure(parameter.value, parameter.unit),
    originOf(parameter),
    reasonOf(parameter),
    confidenceOf(parameter),
  ]);
  return rows.length === 0
    ? "No parameters."
    : table(["parameter", "value", "from", "reason or reading", "confidence"], rows);
}

function originOf(parameter: Parameter): string {
  const fact = parameter.factKey === undefined ? "" : `\`${parameter.factKey}\``;
  if (parameter.origin !== "override") return fact === "" ? "assumption" : fact;
  const { value, replaced = value, unit } = parameter;
  const instead =
    replaced === value ? "topology" : `topology, instead of ${figure(replaced, unit)}`;
  return fact === "" ? instead : `${instead} (${fact})`;
}

function reasonOf(parameter: Parameter): string {
  if (parameter.factKey === undefined) return parameter.why ?? "";
  const { value, unit } = factOf(parameter.factKey);
  return typeof value === "object" ? `of ${JSON.stringify(value)} ${unit}` : "";
}

function confidenceOf(parameter: Parameter): string {
  if (parameter.origin === "override") return "stated";
  if (isDoubtfulParameter(parameter)) return "**from memory**";
  return parameter.confidence ?? "assumed";
}

/** Microseconds are also told in a unit that one can read. */
function figure(value: number, unit: string): string {
  const shown = value.toLocaleString("en-US", { maximumFractionDigits: 6 });
  const [word = ""] = unit.split(" ");
  if (word !== "us" || value < 1_000) return `${shown} ${unit.split(" (")[0]}`;
  const rest = unit.slice(2);
  if (value < 1_000_000) return `${shown} us${rest} = ${value / 1_000} ms`;
  const seconds = value / 1_000_000;
  if (seconds < 7_200) return `${shown} us${rest} = ${seconds} s`;
  return `${shown} us${rest} = ${seconds / 3_600} h`;
}

/** Numbers and choices in the topology file itself, parameters left out: they stand in the tables above. */
function statedOf({ topology }: Platform): string {
  const rows = topology.components.flatMap((spec) =>
    flattened(spec as unknown as Readonly<Record<string, unknown>>, "").map(([path, value]) => [
      spec.id,
      `\`${path}\``,
      value,
    ]),
  );
  const head = `### Topology \`${topology.id}\`\n\nAn order counts as accepted at the ${topology.acceptance}.`;
  return `${head}\n\n${table(["component", "field", "value"], rows)}`;
}

const notNumbers: readonly (keyof ComponentSpec)[] = ["id", "service", "title", "parameters"];

function flattened(
  value: Readonly<Record<string, unknown>>,
  prefix: string,
): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    if (prefix === "" && (notNumbers as readonly string[]).includes(key)) return [];
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (Array.isArray(inner) && inner.every((each) => typeof each !== "object")) {
      return [[path, inner.join(", ")] as const];
    }
    if (Array.isArray(inner)) {
      return inner.flatMap((each: Record<string, unknown>, at) =>
        flattened(each, `${path}[${String(each["id"] ?? each["name"] ?? at)}]`),
      );
    }
    if (typeof inner === "object" && inner !== null) {
      return flattened(inner as Readonly<Record<string, unknown>>, path);
    }
    return [[path, String(inner)] as const];
  });
}

/** Every call of every flow, as the runtime executes it. */
function callsOf({ topology, simulation }: Platform): string {
  const { sites, components } = simulation.fabric;
  const declared = declaredPath(simulation);
  const rows = sites.map((site) => {
    return [
      declared(site.path),
      components[site.component]?.operations[site.operation]?.name ?? "",
      `${site.timeoutUs / 1000} ms`,
      site.retriesMax === 0 ? "-" : `${site.retriesMax}, after up to ${site.backoffUs / 1000} ms`,
      [
        ...(site.fallback === none ? [] : [`or ${declared(sites[site.fallback]?.path ?? "")}`]),
        ...(site.optional ? ["may fail"] : []),
      ].join("; "),
    ];
  });
  return `### Topology \`${topology.id}\`\n\n${table(["call", "operation", "time-out", "retries", "otherwise"], distinct(rows))}`;
}

/** A path of calls with the copies' names replaced by the name of what they are copies of. */
function declaredPath(simulation: Simulation): (path: string) => string {
  const { copies, regions, flows } = simulation.platform;
  const ids = new Map(copies.map(({ id, declared }) => [id, declared.id]));
  for (const { id, region } of flows) {
    const name = regions[region]?.id;
    if (name !== undefined) ids.set(id, id.slice(0, -name.length - 1));
  }
  const wordOf = (step: string) => {
    // A component's own call begins with its id and the call's name.
    const [id = "", call] = step.split(".");
    const known = ids.get(id) ?? id;
    const named = call === undefined ? known : `${known}.${call}`;
    return named.replace(/^(.*[.]check-)(.+)$/, (_, check, of) => `${check}${ids.get(of) ?? of}`);
  };
  return (path) => path.split("/").map(wordOf).join("/");
}

function distinct(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(rows.map((row) => [row.join("|"), row])).values()];
}

/** Round trips between the places of a topology. */
function networkOf({ topology, simulation }: Platform): string {
  const { zones } = simulation.fabric;
  const [one = "", other] = topology.regions[0]?.zones.map(({ id }) => id) ?? [];
  const at = (id: string) => zones.zones.findIndex((zone) => zone.id === id);
  const roundTrip = (from: number, to: number) =>
    `${(zones.latencyUs(from, to) + zones.latencyUs(to, from)) / 1000} ms`;
  const fromFacts = (given: number | undefined, key: string) =>
    given === undefined ? key : "stated by the topology";
  const rows = [
    [
      "client or edge to a zone",
      roundTrip(outsideZone, at(one)),
      fromFacts(topology.network?.clientRttMs, "assumption: a client on the same continent"),
    ],
    [
      "inside a zone",
      roundTrip(at(one), at(one)),
      fromFacts(topology.network?.sameZoneRttMs, "`net.rtt.same-az`, upper typical"),
    ],
    ...(other === undefined
      ? []
      : [
          [
            "zone to zone of a region",
            roundTrip(at(one), at(other)),
            fromFacts(topology.network?.interZoneRttMs, "`net.rtt.inter-az`, upper typical"),
          ],
        ]),
  ];
  return `### Topology \`${topology.id}\`\n\n${table(["way", "round trip", "from"], rows)}`;
}

/** What is assumed in a comment, beside a constant of the sources or a field of a shipped topology. */
function assumptionsInSources(): string {
  const sources = ["sim/components", "sim/twin"]
    .flatMap((folder) => filesUnder(folder))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  const rows = [
    ...sources.flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(commentedConstant)].map((match) => [
        `\`${path}\``,
        `\`${match[2]} = ${match[3]?.replace(/\s+/g, " ")}\``,
        plain(match[1], /\s*\n\s*\*\s?/g),
      ]),
    ),
    ...filesUnder(topologyFolder).flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(yamlComment)].map((match) => [
        `\`${path}\``,
        "",
        plain(match[1], /\s*\n\s*#\s?/g),
      ]),
    ),
  ];
  return table(["where", "what", "assumption"], rows);
}

const commentedConstant =
  /\/\*\* ((?:(?!\*\/)[\s\S])*?Assumption(?:(?!\*\/)[\s\S])*?) ?\*\/\s*\n(?:export )?const (\w+) = ([^;]+);/g;
const yamlComment = /# ((?:(?!\n\s*[^#\s])[\s\S])*?Assumption(?:(?!\n\s*[^#\s])[\s\S])*)\n/g;

function plain(comment = "", breaks = /$^/): string {
  return comment.replace(breaks, " ").trim();
}

/** Facts that some parameter or link rests on, with where they were read. */
function factsInUse(platforms: readonly Platform[]): string {
  const keys = new Set<string>(["net.rtt.inter-az", "net.rtt.same-az"]);
  for (const { simulation } of platforms) {
    for (const component of simulation.fabric.components) {
      for (const { factKey } of Object.values(component.parameters())) {
        if (factKey !== undefined) keys.add(factKey);
      }
    }
  }
  const used = allFacts().filter((fact) => keys.has(fact.key));
  const doubtful = used.filter(isDoubtful);
  const names = doubtful.map(({ key }) => `\`${key}\``).join(", ");
  const intro = `${used.length} of the catalogue's ${allFacts().length} facts are in use; ${doubtful.length} of those were written down from memory and should be checked before anyone relies on them: ${names}.`;
  return `${intro}\n\n${table(["fact", "value", "confidence", "as of", "source", "note"], used.map(factRow))}`;
}

function factRow(fact: Fact): readonly string[] {
  const value = typeof fact.value === "object" ? JSON.stringify(fact.value) : String(fact.value);
  return [
    `\`${fact.key}\``,
    `${value} ${fact.unit}`.trim(),
    isDoubtful(fact) ? "**from memory**" : fact.confidence,
    fact.asOf,
    fact.source,
    fact.note,
  ];
}
