/** The published JSON Schemas, for editors: `# yaml-language-server: $schema=...` as first line of a file. */
import * as z from "zod";
import { scenarioSchema } from "./scenario-schema.ts";
import { topologySchema } from "./topology-schema.ts";
import { variantSchema } from "./variant-schema.ts";

export interface PublishedSchema {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

export function publishedSchemas(): readonly PublishedSchema[] {
  return [
    { path: "schema/scenario.schema.json", text: textOf(scenarioSchema, "stormbell scenario") },
    {
      path: "schema/topology.schema.json",
      text: textOf(z.union([topologySchema, variantSchema]), "stormbell topology"),
    },
  ];
}

function textOf(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}
