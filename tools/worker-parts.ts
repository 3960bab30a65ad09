/** What the page's worker has otherwise than the command line: schemas that only read. */
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/**
 * The schema library can also write JSON schemas, which takes a fifth of it and which the page never does. Its functions
 * are there in name, since every schema refers to them.
 */
export function schemasThatOnlyRead(): Plugin {
  const writers = /zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/;
  return {
    name: "schemas-that-only-read",
    enforce: "pre",
    load(id) {
      if (!writers.test(id)) return undefined;
      const names = [
        ...readFileSync(id, "utf8").matchAll(/^export (?:const|function) (\w+)/gm),
      ].map(([, name]) => name);
      const refuse = `const refuse = () => { throw new Error("the page writes no JSON schemas"); };`;
      const made = names.map((name) =>
        name?.startsWith("create")
          ? `export const ${name} = () => refuse;`
          : `export const ${name} = refuse;`,
      );
      return [refuse, ...made, "export { refuse as process };"].join("\n");
    },
  };
}
