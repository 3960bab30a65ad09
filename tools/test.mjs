/**
 * `npm test`: everything that shows the project to be right. Arguments narrow it to the unit tests whose files
 * match (`npm test -- queue`). The last line is the sum; a part that did not run counts as failed.
 */

import { conclude, runParts, writeReport } from "./parts.mjs";
import { ensureRequirements } from "./requirements.mjs";

const node = process.execPath;
const filters = process.argv.slice(2);
const unitTests = { name: "vitest", command: node, args: ["tools/unit-tests.mjs", ...filters] };

if (filters.length > 0) {
  const build = {
    name: "build",
    command: node,
    args: ["tools/build.mjs", "--if-stale", "--types", "--report"],
  };
  conclude(runParts([build, unitTests]));
} else {
  // Without them the parts below fail by themselves, one by one, and say why.
  ensureRequirements();
  const counts = runParts([
    { name: "build", command: node, args: ["tools/build.mjs", "--types", "--report"] },
    { ...unitTests, args: [...unitTests.args, "--exclude=test/ui/**"] },
    // Browsers are quick to notice who else works: the page has the host to itself.
    {
      name: "page",
      command: node,
      args: ["tools/unit-tests.mjs", "--part=page", "--maxWorkers=1", "test/ui"],
    },
    { name: "page-budgets", command: node, args: ["--import", "tsx", "test/ui/budgets.ts"] },
    { name: "cross-engine", command: node, args: ["test/cross-engine/compare.mjs"] },
  ]);
  writeReport("test", counts);
  conclude(counts);
}
