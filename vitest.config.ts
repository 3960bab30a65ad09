import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{sim,scenarios,calibration,cli,ui,test,tools}/**/*.test.ts"],
    // A whole simulated drill may take seconds on a shared core; a hung test still ends.
    testTimeout: 60_000,
  },
});
