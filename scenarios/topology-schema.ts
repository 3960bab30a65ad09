/** Topology files as zod schemas; a type test holds them equal to `sim/twin/topology-types.ts`. */
import * as z from "zod";
import type { FlowSpec } from "../sim/twin/topology-types.ts";
import { componentSchema } from "./component-schemas.ts";
import { atLeastZero, componentName, id, moreThanZero, retriesMax, text } from "./fields.ts";

export const requestName = z.enum([
  "place",
  "cancel",
  "amend",
  "query-book",
  "order-status",
  "log-in",
]);

export const businessFunction = z
  .enum(["order-entry", "matching", "market-data", "log-in"])
  .describe("Duty of the platform to its users");

export const acceptance = z.enum(["queue", "journal"]);

// Without a type, TypeScript leaves out keys whose type goes round in a circle.
type InnerCall = z.ZodType<FlowSpec["call"]>;

/** A call with everything beneath it. */
export const callSchema = z
  .strictObject({
    to: componentName("Component that is called"),
    operation: text.describe("What is asked of it; serve when left out").exactOptional(),
    timeoutMs: moreThanZero
      .describe(
        "Milliseconds the caller waits for one attempt; the HTTP client's default when left out",
      )
      .exactOptional(),
    retriesMax: retriesMax
      .describe("Further attempts after a failed one; 0 when left out")
      .exactOptional(),
    backoffMs: atLeastZero
      .describe("Milliseconds before the first retry, doubling with each; 50 when left out")
      .exactOptional(),
    get fallback(): z.ZodExactOptional<InnerCall> {
      return z.exactOptional(callSchema);
    },
    get followedBy(): z.ZodExactOptional<z.ZodArray<InnerCall>> {
      return z.array(callSchema).exactOptional();
    },
    onlyWhenAcceptedAt: acceptance
      .describe("Made only when orders are accepted there")
      .exactOptional(),
    optional: z.boolean().describe("The caller goes on without it when it fails").exactOptional(),
    get calls(): z.ZodExactOptional<z.ZodArray<InnerCall>> {
      return z.array(callSchema).exactOptional();
    },
  })
  .meta({
    id: "Call",
    description: "A call: to whom, how long the caller waits, what it does when it fails",
  });

export const flowSchema = z.strictObject({
  id: id.describe("Unique in the topology"),
  requests: z.array(requestName).min(1).describe("Requests that take this path"),
  function: businessFunction,
  call: callSchema,
});

export const actorCallsSchema = z.strictObject({
  component: componentName("Component that calls on its own account"),
  calls: z.record(z.string(), callSchema).describe("Its calls, by the names that it asks for"),
});

export const regionSchema = z.strictObject({
  id: id.describe("Such as us-east-1"),
  share: atLeastZero
    .describe(
      "Part of clients and symbols at home here, relative to other regions; 0 for a region that only stands by",
    )
    .exactOptional(),
  zones: z.array(z.strictObject({ id: id.describe("Such as us-east-1a") })).min(1),
});

export const networkSchema = z
  .strictObject({
    clientRttMs: atLeastZero.exactOptional(),
    interZoneRttMs: atLeastZero.exactOptional(),
    sameZoneRttMs: atLeastZero.exactOptional(),
  })
  .describe("Milliseconds of round trip; the facts catalogue's figures when left out");

export const topologySchema = z
  .strictObject({
    id: id.describe("Unique; the file's name without .yaml"),
    title: text,
    description: text,
    regions: z.array(regionSchema).min(1),
    network: networkSchema.exactOptional(),
    acceptance: acceptance.default("queue").describe("Where an order counts as accepted"),
    components: z.array(componentSchema).min(1),
    flows: z.array(flowSchema).min(1),
    actorCalls: z.array(actorCallsSchema).default([]),
  })
  .describe("A platform: places, components, and the paths of requests through them");
