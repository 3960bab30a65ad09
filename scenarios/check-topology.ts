/** What a topology's schema cannot say: names that must lead somewhere, and requests that need one path each. */
import type { Topology } from "../sim/twin/topology-types.ts";
import { checkReferences, checkUnique, type Declared } from "./check-references.ts";
import type { Finding } from "./schema-mistakes.ts";
import { valueAt, type Walk } from "./schema-walk.ts";
import { fieldsOf, soundItems } from "./sound-parts.ts";
import { flowSchema } from "./topology-schema.ts";

export function checkTopology(data: unknown, { references }: Walk): readonly Finding[] {
  return [
    ...checkNames(data),
    ...checkReferences(references, declaredIn(data), "topology"),
    ...checkRequests(data),
    ...checkOrderPath(data),
  ];
}

/** Without these there is no order path to judge. */
const neededServices = ["sqs-fifo", "journal", "matching-service"];

function checkOrderPath(data: unknown): readonly Finding[] {
  const components = valueAt(data, ["components"]);
  if (!Array.isArray(components)) return [];
  const services = fieldsOf(components, "service").map(({ value }) => value);
  return neededServices
    .filter((service) => !services.includes(service))
    .map((service) => ({
      code: "topology.service-missing",
      problem: `No component is of service "${service}"`,
      remedy: `Add one: orders go from a queue (${neededServices[0]}) into the ${neededServices[2]} and its ${neededServices[1]}`,
      path: ["components"],
      onKey: true,
    }));
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
