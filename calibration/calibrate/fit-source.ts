/** Measurements besides metrics that a calibration takes in: which fit reads them, and which component they tell of. */
import { MistakeList, TwinError } from "../../sim/errors/twin-error.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import type { NamedPath } from "../estimators/mix/request-kind.ts";
import type { FitReport } from "../fit-report.ts";
import { fitArrivalsFile } from "../fits/fit-arrivals-file.ts";
import { fitCacheFile } from "../fits/fit-cache-file.ts";
import { fitCapacityFile } from "../fits/fit-capacity-file.ts";
import { fitColdstartFiles } from "../fits/fit-coldstart-files.ts";
import { fitDriftFile } from "../fits/fit-drift-file.ts";
import { fitFailoverFile } from "../fits/fit-failover-file.ts";
import { fitGapsFile } from "../fits/fit-gaps-file.ts";
import { fitLoadFile } from "../fits/fit-load-file.ts";
import { fitMixFile } from "../fits/fit-mix-file.ts";
import { fitServiceFile } from "../fits/fit-service-file.ts";
import { fitSpanFiles } from "../fits/fit-spans-file.ts";
import { fitUslFile } from "../fits/fit-usl-file.ts";

/** One line under `fits` of a mapping, or one `--fit KIND:OF=FILE`. */
export interface FitSource {
  readonly kind: FitSourceKind;
  /** Component, or component.operation; for `arrivals` the column of event times; empty where the file says it. */
  readonly of: string;
  readonly file: string;
}

interface RunOptions {
  readonly holdout: number;
  readonly seed: string;
  /** Paths of access logs whose kind of request the mapping says. */
  readonly namedPaths: readonly NamedPath[];
}

/** What `of` must name: nothing, a component of one of these services, or the column of times. */
interface KindRule {
  readonly of: "nothing" | "column" | "component";
  readonly services?: readonly string[];
  readonly run: (source: FitSource, options: RunOptions) => Promise<FitReport>;
}

const rules = {
  arrivals: {
    of: "column",
    run: ({ file, of }, options) =>
      of === ""
        ? fitArrivalsFile({ file, ...options })
        : fitGapsFile({ file, timestamps: of, ...options }),
  },
  service: {
    of: "component",
    services: ["ecs-fargate"],
    run: ({ file }, options) => fitServiceFile({ file, rounding: "nearest", ...options }),
  },
  spans: { of: "nothing", run: ({ file }, { seed }) => fitSpanFiles({ files: [file], seed }) },
  usl: {
    of: "component",
    services: ["ecs-fargate"],
    run: ({ file }) => fitUslFile(file, { pinScale: false }),
  },
  load: { of: "component", services: ["ecs-fargate"], run: ({ file }) => fitLoadFile(file) },
  capacity: {
    of: "component",
    services: ["ecs-fargate", "aurora", "matching-service"],
    run: ({ file }, options) => fitCapacityFile({ file, ...options }),
  },
  cache: {
    of: "component",
    services: ["elasticache"],
    run: ({ file }, { seed }) => fitCacheFile({ file, sizes: [], policy: "lru", seed }),
  },
  coldstart: {
    of: "component",
    services: ["lambda"],
    run: ({ file }, options) => fitColdstartFiles({ files: [file], ...options }),
  },
  failover: {
    of: "component",
    services: ["aurora", "elasticache"],
    run: ({ file }) => fitFailoverFile(file),
  },
  mix: {
    of: "nothing",
    run: ({ file }, { seed, namedPaths }) => fitMixFile({ file, seed, named: namedPaths }),
  },
  drift: { of: "column", run: ({ file, of }) => fitDriftFile({ file, ...(of && { value: of }) }) },
} as const satisfies Record<string, KindRule>;

export type FitSourceKind = keyof typeof rules;

export const fitSourceKinds = Object.keys(rules) as readonly FitSourceKind[];

/** Throws `calibrate.fit-option` for a text that is not KIND=FILE or KIND:OF=FILE. */
export function parseFitSource(text: string): FitSource {
  const found = /^([a-z]+)(?::([^=]+))?=(.+)$/.exec(text);
  if (found !== null && Object.hasOwn(rules, found[1]!))
    return { kind: found[1] as FitSourceKind, of: found[2] ?? "", file: found[3]! };
  throw new TwinError({
    code: "calibrate.fit-option",
    problem: `"${text}" does not say which fit is made of which file`,
    remedy: `Give KIND:COMPONENT=FILE, such as coldstart:functions=reports.csv, with a kind of ${fitSourceKinds.join(", ")}`,
    at: "--fit",
  });
}

/** All mistakes of all sources at once: `calibrate.fit-component`. */
export function checkFitSources(sources: readonly FitSource[], topology: Topology): void {
  const mistakes = new MistakeList();
  for (const { kind, of, file } of sources) {
    const rule: KindRule = rules[kind];
    if (rule.of !== "component") continue;
    const fitting = topology.components.filter(
      ({ service }) => rule.services?.includes(service) === true,
    );
    const [id, operation] = of.split(".");
    const found = fitting.find((each) => each.id === id);
    const operations =
      found?.service === "ecs-fargate" ? found.operations.map(({ name }) => name) : [];
    if (
      found !== undefined &&
      (operation === undefined || (kind === "service" && operations.includes(operation)))
    )
      continue;
    const known = fitting.flatMap((each) => [
      each.id,
      ...(kind === "service" && each.service === "ecs-fargate"
        ? each.operations.map(({ name }) => `${each.id}.${name}`)
        : []),
    ]);
    mistakes.add({
      code: "calibrate.fit-component",
      problem:
        of === ""
          ? `The ${kind} of ${file} names no component`
          : `"${of}" is no component that a fit of ${kind} tells of`,
      remedy:
        known.length === 0
          ? `The topology has none: leave ${file} out`
          : `Give ${kind}:COMPONENT=${file} with one of ${known.join(", ")}`,
      at: `--fit ${kind}${of === "" ? "" : `:${of}`}=${file}`,
    });
  }
  mistakes.throwIfAny("--fit");
}

/** Throws what the fits throw: a file with a mistake stops the calibration before anything is written. */
export function runFit(source: FitSource, options: RunOptions): Promise<FitReport> {
  return rules[source.kind].run(source, options);
}
