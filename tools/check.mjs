/** `npm run check`: the quick round before a commit. */
import { conclude, runParts } from "./parts.mjs";

const node = process.execPath;

conclude(
  runParts([
    { name: "lint", command: node, args: ["tools/lint.mjs"] },
    { name: "types", command: node, args: ["tools/types.mjs"] },
    { name: "layers", command: node, args: ["tools/layers.mjs"] },
    { name: "dead-code", command: node, args: ["tools/dead-code.mjs"] },
    { name: "reference", command: node, args: ["tools/reference.mjs", "--check"] },
    ...(process.argv.includes("--full")
      ? [{ name: "test", command: "npm", args: ["test"] }]
      : [
          {
            name: "build",
            command: node,
            args: ["tools/build.mjs", "--if-stale", "--types", "--report"],
          },
          { name: "vitest", command: node, args: ["tools/unit-tests.mjs", "--exclude=test/ui/**"] },
        ]),
  ]),
);
