/**
 * Failover of a database or a cache: only the whole time is seen, so that its parts (noticing, deciding, promoting,
 * publishing) keep their proportions, and all of them are scaled by one factor.
 */
import type { ComponentSpec } from "../../../sim/twin/topology-types.ts";
import { identified, isNarrow, unsettled } from "../../estimate.ts";
import type { TopologyNumber } from "../parameter.ts";
import type { Placement, PlacementInput } from "../placement.ts";

export function placeFailover({ source, report, topology, numberOf }: PlacementInput): Placement {
  const spec = topology.components.find(({ id }) => id === source.of)!;
  const mean = report.estimates["promotionMean"];
  if (mean === undefined || mean.value === null || mean.interval === null) {
    return {
      parameters: [],
      findings: [
        {
          severity: "note",
          what: "a law of detection by a client's settings: the twin's callers notice by the timeouts of their calls, which are configuration (timeoutMs in the flows)",
          at: source.file,
        },
      ],
    };
  }
  const parts = partsOf(spec, (name) => numberOf(spec.id, name));
  const before = parts.reduce((total, part) => total + part.seconds, 0);
  const factor = mean.value / before;
  const next = report.estimates["nextPromotion"]?.interval;
  const about = { n: mean.n, period: mean.period, unit: "s" };
  const why = `durations of failovers, ${mean.why}; the next one falls in ${next?.map((each) => each?.toPrecision(3)).join(" to ")} s. Noticing, deciding, promoting and publishing are not told apart: all are scaled alike`;
  return {
    parameters: [
      {
        name: `${spec.id}.failover-seconds`,
        before,
        estimate: isNarrow(mean.value, mean.interval)
          ? identified(mean.value, mean.interval, { ...about, why })
          : unsettled(
              "not-identified",
              { value: mean.value, interval: mean.interval },
              {
                ...about,
                why: `${why}; the interval spans more than a factor of 3`,
                settledBy: "Record more failovers, from the loss to the first write",
              },
            ),
        usableFor:
          "the whole time from the loss of the writer to writes again, as a middle of the predictive interval",
        notUsableFor:
          "one part of it, a failover under other load, or the time until clients have reconnected",
        sets: parts.flatMap(({ names, value }) =>
          names.map(
            (name): TopologyNumber => ({
              component: spec.id,
              path: ["parameters", name],
              value: Math.round(value(name) * factor),
            }),
          ),
        ),
      },
      {
        name: `${spec.id}.failover parts`,
        before: null,
        estimate: unsettled(
          "only-a-combination",
          {},
          {
            ...about,
            why: "only the sum of noticing, deciding, promoting and publishing is known",
            settledBy:
              "Times of RDS-EVENT-0072 (or 0073) and 0071, and of the first write of a client, for each failover",
          },
        ),
        usableFor: "nothing",
        notUsableFor: "which part to shorten",
      },
    ],
    findings: [],
  };
}

interface Part {
  /** Typical seconds that it takes. */
  readonly seconds: number;
  readonly names: readonly string[];
  readonly value: (name: string) => number;
}

/** In microseconds by the names of the component's parameters, as the topology has them or by default. */
function partsOf({ service }: ComponentSpec, of: (name: string) => number): readonly Part[] {
  if (service === "aurora") {
    const halfway = (name: string): Part => ({
      seconds: of(`${name}UsP50`) / 1e6,
      names: [`${name}UsP50`, `${name}UsP95`],
      value: of,
    });
    return [noticing(of), halfway("decide"), halfway("promote"), halfway("publish")];
  }
  if (service === "elasticache") {
    const between = (name: string): Part => ({
      seconds: (of(`${name}UsLow`) + of(`${name}UsHigh`)) / 2e6,
      names: [`${name}UsLow`, `${name}UsHigh`],
      value: of,
    });
    return [noticing(of), between("decide"), between("promote"), between("publish")];
  }
  throw new Error(`${service} does not fail over`);
}

/** A loss falls anywhere between two probes. */
function noticing(of: (name: string) => number): Part {
  return {
    seconds: (of("probePeriodUs") * (of("probeMissesMax") - 0.5)) / 1e6,
    names: ["probePeriodUs"],
    value: of,
  };
}
