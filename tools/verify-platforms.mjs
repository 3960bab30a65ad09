/**
 * Random platforms under random faults (test/twin/random-platforms.test.ts) for many seeds, on all cores:
 *
 *     npm run verify:platforms              500 seeds, from 1 on
 *     npm run verify:platforms -- 100 501   100 seeds, from 501 on
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

const [count = 500, first = 1] = process.argv.slice(2).map(Number);
const shards = Math.min(availableParallelism(), count);
const size = Math.ceil(count / shards);

/**
 * Whether all cases of a shard passed.
 *
 * @param {number} from First seed.
 * @param {number} seeds How many.
 * @returns {Promise<boolean>}
 */
function runShard(from, seeds) {
  const env = {
    ...process.env,
    STORMBELL_PLATFORM_SEED: String(from),
    STORMBELL_PLATFORM_SEEDS: String(seeds),
  };
  const file = "test/twin/random-platforms.test.ts";
  const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", file], {
    env,
    stdio: "inherit",
  });
  return new Promise((resolve) => child.on("exit", (code) => resolve(code === 0)));
}

if (!Number.isInteger(count) || !Number.isInteger(first) || count < 1 || first < 1) {
  console.error("Give how many seeds, and the first of them: whole numbers from 1");
  process.exit(2);
}
const passed = await Promise.all(
  Array.from({ length: shards }, (_, at) => {
    const seeds = Math.min(size, count - at * size);
    return seeds > 0 ? runShard(first + at * size, seeds) : true;
  }),
);
console.log(
  `seeds ${first} to ${first + count - 1}: ${passed.every(Boolean) ? "all laws hold" : "some laws broke, see above"}`,
);
process.exitCode = passed.every(Boolean) ? 0 : 1;
