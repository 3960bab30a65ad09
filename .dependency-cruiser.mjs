// Modules point one way (docs/architecture.md). Tests obey the arrows too; only their packages are free.
/** @param {string} name */
const layer = (name) => `^sim/${name}/`;
const testFile = "\\.(test|bench)\\.ts$";

/**
 * A rule that lets files under `from` import nothing of the project but what `to` names.
 * @param {string} name
 * @param {string} from
 * @param {string[]} to
 * @param {string} comment
 * @returns {import("dependency-cruiser").IForbiddenRuleType}
 */
function onlyImports(name, from, to, comment) {
  return {
    name,
    comment,
    severity: "error",
    from: { path: from },
    to: {
      path: "^(sim|scenarios|calibration|cli|ui|bench|test|tools)/",
      pathNot: [from, ...to],
    },
  };
}

/** @type {{ forbidden: import("dependency-cruiser").IForbiddenRuleType[], options: import("dependency-cruiser").ICruiseOptions }} */
const configuration = {
  forbidden: [
    {
      name: "no-cycle",
      comment: "Two modules that need each other are one module, or lack a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "tests-are-leaves",
      comment: "Nothing imports a test; move what is shared into a file of its own.",
      severity: "error",
      from: {},
      to: { path: "\\.test\\.ts$" },
    },
    {
      name: "sim-is-pure",
      comment: "The simulation runs in any JavaScript engine: no Node, no packages but seedrandom.",
      severity: "error",
      from: { path: "^sim/", pathNot: testFile },
      to: {
        dependencyTypes: ["core", "npm", "npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: "seedrandom",
      },
    },
    {
      name: "scenarios-are-data",
      comment: "Reading files is the command line's job; scenarios are schemas and data.",
      severity: "error",
      from: { path: "^scenarios/", pathNot: testFile },
      to: { dependencyTypes: ["core"] },
    },
    onlyImports("errors", layer("errors"), [], "Errors know nothing."),
    onlyImports(
      "kernel",
      layer("kernel"),
      [layer("errors")],
      "The kernel knows nothing of AWS or orders.",
    ),
    onlyImports("engine", layer("engine"), [layer("errors")], "The engine knows nothing of time."),
    onlyImports("facts", layer("facts"), [layer("errors")], "Facts are data."),
    onlyImports(
      "components",
      layer("components"),
      [layer("kernel"), layer("facts"), layer("errors"), layer("engine")],
      "Components stand on the kernel and the facts.",
    ),
    {
      name: "engine-only-in-matching-service",
      comment: "Only the matching service holds the real engine.",
      severity: "error",
      from: { path: layer("components"), pathNot: layer("components/matching-service") },
      to: { path: layer("engine") },
    },
    onlyImports("twin", layer("twin"), ["^sim/"], "The twin assembles the layers of sim."),
    onlyImports(
      "scenarios",
      "^scenarios/",
      [layer("twin"), layer("errors"), layer("facts")],
      "Scenarios know the types of the twin, and the facts that bound them.",
    ),
    onlyImports(
      "calibration",
      "^calibration/",
      [layer("twin"), layer("kernel"), layer("errors"), layer("facts"), "^scenarios/"],
      "Calibration goes through the twin, and fits the kernel's distributions and arrivals.",
    ),
    onlyImports(
      "cli",
      "^cli/",
      [
        layer("twin"),
        layer("errors"),
        layer("facts"),
        "^scenarios/",
        "^calibration/",
        "^sim/(kernel|engine)/index\\.ts$",
        "^sim/engine/replay/",
      ],
      "The command line goes through the twin, the public index of kernel and engine, or the replay of files.",
    ),
    onlyImports(
      "ui",
      "^ui/",
      [layer("twin"), layer("errors"), layer("facts"), "^scenarios/"],
      "The page goes through the twin.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
      conditionNames: ["import", "types", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};

export default configuration;
