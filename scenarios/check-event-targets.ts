/** Targets of an event bus: each is a call that the topology declares for the bus, to a service that EventBridge delivers to here. */
import type { ComponentSpec } from "../sim/twin/topology-types.ts";
import { componentSchema } from "./component-schemas.ts";
import { suggestion } from "./nearest-name.ts";
import type { Finding } from "./schema-mistakes.ts";
import { isObject, valueAt } from "./schema-walk.ts";
import { fieldsOf, soundItems } from "./sound-parts.ts";

/** A FIFO queue is none: a rule gives all of its events one message group, and queues here have one for each symbol. */
const deliverable: readonly string[] = [
  "eventbridge",
  "kinesis",
  "lambda",
] satisfies readonly ComponentSpec["service"][];

export function checkEventTargets(data: unknown): readonly Finding[] {
  const components = valueAt(data, ["components"]);
  const services = new Map(
    fieldsOf(components, "id").map(({ index, value }) => [
      value,
      String(valueAt(components, [index, "service"])),
    ]),
  );
  return soundItems(componentSchema, components).flatMap(({ item, index }) => {
    if (item.service !== "eventbridge") return [];
    const calls = callsOf(data, item.id);
    return item.rules.flatMap((rule, at) =>
      rule.sendTo.flatMap(({ call }, target) => {
        const path = ["components", index, "rules", at, "sendTo", target, "call"];
        const to = calls.get(call);
        if (to === undefined) {
          return [
            {
              code: "topology.event-target",
              problem: `Rule "${rule.id}" has a target "${call}", which no actor call of "${item.id}" declares`,
              remedy: suggestion(call, [...calls.keys()], "call"),
              path,
            },
          ];
        }
        const service = services.get(to);
        if (service === undefined || deliverable.includes(service)) return [];
        return [
          {
            code: "topology.event-target",
            problem: `Rule "${rule.id}" sends events to "${to}" (${service}), which is no target of a bus here`,
            remedy: `Send them to a component of service ${deliverable.join(", ")}`,
            path,
          },
        ];
      }),
    );
  });
}

/** Whom each actor call of a component goes to, by its name. */
function callsOf(data: unknown, component: string): ReadonlyMap<string, string> {
  const declared = valueAt(data, ["actorCalls"]);
  const found = (Array.isArray(declared) ? declared : []).find(
    (each: unknown) => valueAt(each, ["component"]) === component,
  );
  const calls = valueAt(found, ["calls"]);
  return new Map(
    Object.entries(isObject(calls) ? calls : {}).map(([name, call]) => [
      name,
      String(valueAt(call, ["to"])),
    ]),
  );
}
