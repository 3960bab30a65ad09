import { defineConfig } from "vitest/config";

/** The engine's tests as mutation testing runs them, once for each mutant: few random commands, with fixed seeds. */
export default defineConfig({
  test: {
    include: ["sim/engine/**/*.test.ts", "test/engine/**/*.test.ts"],
    env: { STORMBELL_FUZZ_COMMANDS: "1500", STORMBELL_DATA_DIR: "none" },
    testTimeout: 60_000,
  },
});
