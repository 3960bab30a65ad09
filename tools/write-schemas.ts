/** Writes the published JSON Schemas: `npm run schema`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { publishedSchemas } from "../scenarios/json-schemas.ts";

for (const { path, text } of publishedSchemas()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}
