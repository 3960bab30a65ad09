/** What a topology's schema cannot say: names that must lead somewhere, and requests that need one path each. */
import { TwinError } from "../sim/errors/twin-error.ts";
import { billableRegions, hasOwnPrices } from "../sim/twin/cost/priced-regions.ts";
import { expandTopology, type Platform } from "../sim/twin/platform/expand-topology.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { checkEventTargets } from "./check-event-targets.ts";
import { checkFunctionSources } from "./check-function-sources.ts";
import { checkReferences, checkUnique, type Declared } from "./check-references.ts";
import type { Path } from "./located-yaml.ts";
import { suggestion } from "./nearest-name.ts";
import type { Finding } from "./schema-mistakes.ts";
import { isObject, type Reference, valueAt, type Walk } from "./schema-walk.ts";
import { fieldsOf, soundItems } from "./sound-parts.ts";
import { flowSchema } from "./topology-schema.ts";

export function checkTopology(data: unknown, { references }: Walk): readonly Finding[] {
  return [
    ...checkNames(data),
    ...checkReferences(regionalReferences(references, data), declaredIn(data), "topology"),
    ...checkRegions(data),
    ...checkPrices(data),
    ...checkRequests(data),
    ...checkOrderPath(data),
    ...checkFunctionSources(data),
    ...checkEventTargets(data),
  ];
}

/** Zones of a component that stands in several regions are named without their region, and must exist in each. */
function regionalReferences(references: readonly Reference[], data: unknown): readonly Reference[] {
  return references.flatMap((reference) => {
    const [list, at] = reference.path;
    const regions = valueAt(data, [...reference.path.slice(0, 2), "inRegions"]);
    if (reference.names !== "zone" || list !== "components" || at === undefined) return [reference];
    if (!Array.isArray(regions)) return [reference];
    return regions.map((region) => ({ ...reference, name: `${String(region)}${reference.name}` }));
  });
}

/** What is allowed and still to be known: bills of regions without prices of their own. */
export function warnTopology(data: unknown): readonly Finding[] {
  return fieldsOf(valueAt(data, ["regions"]), "id")
    .filter(({ value }) => billableRegions.includes(value) && !hasOwnPrices(value))
    .map(({ index, value }) => ({
      code: "prices.region-unpriced",
      problem: `The price catalogue has no prices of ${value}, so bills use those of us-east-1`,
      remedy: "Take bills as a rough guide there; everything else is simulated as in any region",
      path: ["regions", index, "id"],
    }));
}

/** A run is billed, so each of its regions must be one of AWS's. */
function checkPrices(data: unknown): readonly Finding[] {
  return fieldsOf(valueAt(data, ["regions"]), "id")
    .filter(({ value }) => !billableRegions.includes(value))
    .map(({ index, value }) => ({
      code: "prices.region-unknown",
      problem: `AWS has no region "${value}", as far as the price catalogue knows`,
      remedy: suggestion(value, billableRegions, "region"),
      path: ["regions", index, "id"],
    }));
}

function checkRegions(data: unknown): readonly Finding[] {
  const regions = fieldsOf(valueAt(data, ["regions"]), "id").map(({ value }) => value);
  const components = valueAt(data, ["components"]);
  return (Array.isArray(components) ? components : []).flatMap((component: unknown, at) => {
    const named = valueAt(component, ["inRegions"]);
    const own = valueAt(component, ["perRegion"]);
    const paths: { readonly name: string; readonly path: Path }[] = [
      ...(Array.isArray(named) ? named : []).map((name, index) => ({
        name: String(name),
        path: ["components", at, "inRegions", index],
      })),
      ...regionsOfStandbys(valueAt(component, ["standbyIn"])).map((name) => ({
        name,
        path: ["components", at, "standbyIn"],
      })),
      ...Object.keys(isObject(own) ? own : {}).map((name) => ({
        name,
        path: ["components", at, "perRegion", name],
      })),
    ];
    return paths
      .filter(({ name }) => !regions.includes(name))
      .map(({ name, path }) => ({
        code: "topology.region-unknown",
        problem: `The topology has no region "${name}"`,
        remedy: suggestion(name, regions, "region"),
        path,
      }));
  });
}

function regionsOfStandbys(standbyIn: unknown): readonly string[] {
  if (!isObject(standbyIn)) return [];
  return Object.entries(standbyIn).flatMap(([home, region]) => [home, String(region)]);
}

/** What the expansion refuses: copies that do not fit together. `topology` is sound in its form. */
export function checkCopies(topology: Topology): readonly Finding[] {
  try {
    return checkStandbys(expandTopology(topology));
  } catch (error) {
    if (!(error instanceof TwinError)) throw error;
    return error.mistakes.map(({ code, problem, remedy, at }) => ({
      code,
      problem,
      remedy,
      path: (at ?? "")
        .split("/")
        .slice(1)
        .map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
    }));
  }
}

/** What stands by for a component names it as it is called once every copy is written out. */
const standbyFields = ["replicaOf", "standbyFor", "secondaryOf", "backupOf"] as const;

function checkStandbys({ components, copies }: Platform): readonly Finding[] {
  return components.flatMap((component, at) =>
    standbyFields.flatMap((field): readonly Finding[] => {
      const name: unknown = Object.entries(component).find(([key]) => key === field)?.[1];
      if (typeof name !== "string") return [];
      const apt = components.filter(
        ({ id, service }) => service === component.service && id !== component.id,
      );
      if (apt.some(({ id }) => id === name)) return [];
      return [
        {
          code: "topology.standby-for-nothing",
          problem: `"${component.id}" stands by for "${name}", and there is no such ${component.service} beside it`,
          remedy: suggestion(
            name,
            apt.map(({ id }) => id),
            "component",
          ),
          path: ["components", copies[at]?.at ?? at],
        },
      ];
    }),
  );
}

/** Without these there is nowhere for orders to go. */
const neededServices = [["sqs-fifo", "msk", "kinesis"], ["journal"], ["matching-service"]] as const;

/** Requests that are commands to the venue; a platform that serves none of them needs no venue. */
const commands: readonly unknown[] = ["place", "cancel", "amend"];

function checkOrderPath(data: unknown): readonly Finding[] {
  const components = valueAt(data, ["components"]);
  if (!Array.isArray(components) || !servesCommands(data)) return [];
  const services = fieldsOf(components, "service").map(({ value }) => value);
  return neededServices
    .filter((any) => !any.some((service) => services.includes(service)))
    .map((any) => ({
      code: "topology.service-missing",
      problem: `No component is of service "${any.join('" or "')}"`,
      remedy: `Add one: orders go from a queue (${neededServices[0].join(", ")}) into the ${neededServices[2]} and its ${neededServices[1]}`,
      path: ["components"],
      onKey: true,
    }));
}

function servesCommands(data: unknown): boolean {
  const flows = valueAt(data, ["flows"]);
  if (!Array.isArray(flows)) return true;
  return flows.some((flow: unknown) => {
    const requests = valueAt(flow, ["requests"]);
    return !Array.isArray(requests) || requests.some((each) => commands.includes(each));
  });
}

/** What a topology declares, as far as it can be read. */
export function declaredIn(topology: Topology | unknown): Declared {
  const regions = valueAt(topology, ["regions"]);
  const zones = Array.isArray(regions)
    ? regions.flatMap((region: unknown) => valueAt(region, ["zones"]) ?? [])
    : [];
  const components = valueAt(topology, ["components"]);
  const named = (Array.isArray(components) ? components : []).filter(
    (component: unknown) => typeof valueAt(component, ["id"]) === "string",
  );
  return {
    componentIds: named.map((component: unknown) => String(valueAt(component, ["id"]))),
    services: named.map((component: unknown) => String(valueAt(component, ["service"]))),
    zoneIds: fieldsOf(zones, "id").map(({ value }) => value),
    regionIds: fieldsOf(regions, "id").map(({ value }) => value),
  };
}

function checkNames(data: unknown): readonly Finding[] {
  const regions = valueAt(data, ["regions"]);
  const zones = (Array.isArray(regions) ? regions : []).flatMap((region: unknown, at) =>
    fieldsOf(valueAt(region, ["zones"]), "id").map(({ index, value }) => ({
      value,
      path: ["regions", at, "zones", index, "id"] as const,
    })),
  );
  const lists = [
    { key: "regions", field: "id", noun: "region" },
    { key: "components", field: "id", noun: "component" },
    { key: "flows", field: "id", noun: "flow" },
    { key: "actorCalls", field: "component", noun: "entry of actorCalls for" },
  ];
  return [
    ...checkUnique(
      zones.map(({ value }, index) => ({ index, value })),
      "zone",
      "topology",
      (index) => zones[index]?.path ?? [],
    ),
    ...lists.flatMap(({ key, field, noun }) =>
      checkUnique(fieldsOf(valueAt(data, [key]), field), noun, "topology", (index) => [
        key,
        index,
        field,
      ]),
    ),
  ];
}

/** A request that two flows serve would have two paths. */
function checkRequests(data: unknown): readonly Finding[] {
  const flowOf = new Map<string, string>();
  return soundItems(flowSchema, valueAt(data, ["flows"])).flatMap(({ index, item }) =>
    item.requests.flatMap((request, at): readonly Finding[] => {
      const other = flowOf.get(request);
      if (other === undefined) {
        flowOf.set(request, item.id);
        return [];
      }
      return [
        {
          code: "topology.request-twice",
          problem: `"${request}" already takes the flow "${other}"`,
          remedy: "Leave it in one of the two",
          path: ["flows", index, "requests", at],
        },
      ];
    }),
  );
}
