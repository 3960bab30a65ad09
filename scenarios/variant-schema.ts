/** A topology told as another one with changes, so that two designs differ in a file of a few lines. */
import * as z from "zod";
import { componentSchema } from "./component-schemas.ts";
import { id, text } from "./fields.ts";
import { recoverySchema } from "./recovery-region.ts";
import { acceptance, actorCallsSchema, flowSchema, networkSchema } from "./topology-schema.ts";

const changed = text.describe("Id of a component that the topology has by then");

/** One change to the components; they are made in the order in which they stand. */
export const changeSchema = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("set").describe("Gives fields of a component other values"),
    component: changed,
    fields: z
      .record(z.string(), z.unknown())
      .describe("Fields as a whole; those of `parameters` and `perRegion` one by one")
      .exactOptional(),
    leaveOut: z
      .array(text)
      .min(1)
      .describe("Fields that the component no longer has")
      .exactOptional(),
  }),
  z.strictObject({
    do: z.literal("replace").describe("Puts another component in the place of the one of its id"),
    spec: componentSchema,
  }),
  z.strictObject({
    do: z.literal("add").describe("Adds a component"),
    spec: componentSchema,
  }),
  z.strictObject({
    do: z
      .literal("remove")
      .describe(
        "Takes a component away: its callers make the calls that it made, or their fallback if they had one",
      ),
    component: changed,
  }),
  z.strictObject({
    do: z.literal("redirect").describe("Sends all calls of one component to another"),
    from: changed,
    to: changed,
  }),
]);

export const variantSchema = z
  .strictObject({
    id: id.describe("Unique; the file's name without .yaml"),
    title: text,
    description: text,
    extends: text.describe(
      "Topology that is changed: a shipped one by its id, or a file beside this one by its path",
    ),
    acceptance: acceptance.describe("Where an order counts as accepted").exactOptional(),
    network: networkSchema.exactOptional(),
    disasterRecovery: recoverySchema.exactOptional(),
    changes: z.array(changeSchema).min(1).exactOptional(),
    flows: z
      .array(flowSchema)
      .describe("Flows to put in the place of those with the same id, or to add")
      .exactOptional(),
    actorCalls: z
      .array(actorCallsSchema)
      .describe("Calls to put in the place of those with the same name, or to add")
      .exactOptional(),
  })
  .describe("A topology that is another one with changes");

export type Change = z.output<typeof changeSchema>;
export type Variant = z.output<typeof variantSchema>;
