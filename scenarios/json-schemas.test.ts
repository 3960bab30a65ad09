import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { publishedSchemas } from "./json-schemas.ts";

test.each(publishedSchemas())(
  "the published $path is current (npm run schema writes it)",
  ({ path, text }) => {
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);
