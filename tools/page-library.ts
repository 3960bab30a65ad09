/**
 * What ships with the page beside its code: `library/index.json` for the start page, and each shipped scenario with its
 * topology as JSON, checked when the page is built, so that running one takes neither YAML nor schemas to the browser.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";
import { topologyLoading } from "../scenarios/load-topology.ts";
import { requireValid, validateScenarioText } from "../scenarios/validate-text.ts";
import { claimEntries } from "./claim-entries.ts";
import { inputsHash, isEarlier, readVerdicts } from "./stored-verdicts.ts";

const folder = "scenarios";
const mount = "library/";

interface Shipped {
  readonly id: string;
  readonly path: string;
  readonly kind: "scenario" | "incident" | "claim";
}

function shipped(): readonly Shipped[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml") && !file.startsWith("topologies"))
    .sort()
    .map((file) => ({
      id: basename(file, ".yaml"),
      path: join(folder, file),
      kind: file.startsWith("incidents")
        ? "incident"
        : file.startsWith("claims")
          ? "claim"
          : "scenario",
    }));
}

/** Each file is read and checked once a build. */
function once<Value>(make: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}

const loadTopology = once(
  topologyLoading("page-library", (name) => {
    const fileName = join(folder, "topologies", `${name}.yaml`);
    return { text: readFileSync(fileName, "utf8"), fileName };
  }),
);

const loaded = once((path) =>
  requireValid(validateScenarioText(readFileSync(path, "utf8"), path, { loadTopology }), path),
);

/** Files by the path under which the page asks for them. */
const files: Readonly<Record<string, () => string>> = {
  [`${mount}index.json`]: indexJson,
  ...Object.fromEntries(
    shipped().flatMap((each) => [
      [`${mount}${each.id}.json`, () => JSON.stringify(loaded(each.path))],
      [`${mount}${each.id}.yaml`, () => readFileSync(each.path, "utf8")],
    ]),
  ),
};

function indexJson(): string {
  const { simulation, verdicts } = readVerdicts();
  const entries = shipped().map((each) => {
    const { scenario, topology } = loaded(each.path);
    const stored = verdicts[each.id];
    return {
      id: each.id,
      kind: each.kind,
      title: scenario.title,
      description: scenario.description,
      topology: scenario.topology,
      durationSeconds: scenario.durationSeconds,
      ratePerSecond: scenario.workload.ratePerSecond,
      workload: JSON.stringify(scenario.workload),
      ...(stored === undefined
        ? {}
        : {
            verdict: stored.verdict,
            sentence: stored.sentence,
            atSeconds: stored.atSeconds,
            spark: stored.spark,
            isEarlier: isEarlier(stored, simulation, inputsHash({ scenario, topology })),
          }),
    };
  });
  const topologies = readdirSync(join(folder, "topologies"))
    .sort()
    .map((file) => basename(file, ".yaml"));
  return JSON.stringify({
    entries,
    topologies,
    claims: claimEntries(),
  });
}

export function pageLibrary(): Plugin {
  return {
    name: "page-library",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const make = files[(request.url ?? "").slice(1).split("?")[0] ?? ""];
        if (make === undefined) next();
        else response.end(make());
      });
    },
    generateBundle() {
      for (const [fileName, make] of Object.entries(files)) {
        this.emitFile({ type: "asset", fileName, source: make() });
      }
    },
  };
}

/**
 * Facts as the simulation uses them: those that its sources name, without the notes that only a reader wants. Together that
 * is a seventh of the catalogue.
 */
export function factsForWorker(): Plugin {
  return {
    name: "facts-for-worker",
    enforce: "pre",
    transform(text, id) {
      if (!id.endsWith("sim/facts/catalogue.json")) return;
      const records: Readonly<Record<string, Readonly<Record<string, unknown>>>> = JSON.parse(text);
      const sources = simulationSources();
      // Quoted, as programs name it; what only a comment names is not asked for.
      const isNamed = (key: string) =>
        ['"', "`"].some((quote) => sources.includes(quote + key + quote));
      const kept = Object.entries(records)
        .filter(([key]) => isNamed(key))
        .map(([key, record]) => {
          const { kind, value, unit, confidence, source, asOf } = record;
          const doubt = confidence === "documented" ? {} : { confidence };
          // A price says in the catalogue of prices what it is for; a parameter's unit is part of what is recorded.
          return [key, { value, ...doubt, ...(kind === "price" ? { source, asOf } : { unit }) }];
        });
      return { code: JSON.stringify(Object.fromEntries(kept)), map: null };
    },
  };
}

/** The text of everything that may name a fact in a run. The audit of the strategy does so too, and is no part of the page. */
function simulationSources(): string {
  return ["sim", folder]
    .flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(ts|ya?ml)$/.test(file) && !file.endsWith(".test.ts"))
        .filter((file) => !file.startsWith(join("twin", "claims")))
        .map((file) => readFileSync(join(root, file), "utf8")),
    )
    .join("\n");
}
