import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{sim,scenarios,calibration,cli,ui,test,tools}/**/*.test.ts"],
    // Every core: by default one is left alone, which on two cores is half of what there is.
    maxWorkers: "100%",
    // A whole simulated drill may take seconds on a shared core; a hung test still ends.
    testTimeout: 120_000,
    // What arrives by itself is waited for, not for the second that is the default: another part may have the core meanwhile.
    expect: { poll: { timeout: 30_000 } },
  },
});
