/** Which parameter of the twin the result of each separate fit is, and what of it has no place there. */
import type { NamedPath } from "../estimators/mix/request-kind.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { checkFitSources, type FitSource, type FitSourceKind, runFit } from "./fit-source.ts";
import type { Parameter } from "./parameter.ts";
import type { Placement, PlacementInput } from "./placement.ts";
import { placeArrivals } from "./placements/place-arrivals.ts";
import { placeAside } from "./placements/place-aside.ts";
import { placeCapacity, placeHostSpread } from "./placements/place-capacity.ts";
import { placeColdstart } from "./placements/place-coldstart.ts";
import { placeFailover } from "./placements/place-failover.ts";
import { placeMix } from "./placements/place-mix.ts";
import { placeService, placeSpans } from "./placements/place-service.ts";

/** One separate fit as the report shows it. */
export interface PlacedFit extends FitSource {
  /** Names of the parameters that came of it. */
  readonly parameters: readonly string[];
  readonly estimates: FitReport["estimates"];
  readonly verdict: FitReport["verdict"];
}

const placements: Readonly<Record<FitSourceKind, (input: PlacementInput) => Placement>> = {
  arrivals: placeArrivals,
  service: placeService,
  spans: placeSpans,
  usl: placeCapacity,
  load: placeCapacity,
  capacity: placeHostSpread,
  cache: placeAside,
  coldstart: placeColdstart,
  failover: placeFailover,
  drift: placeAside,
  mix: placeMix,
};

export interface FitsInput extends Omit<PlacementInput, "source" | "report"> {
  readonly sources: readonly FitSource[];
  readonly holdout: number;
  readonly namedPaths: readonly NamedPath[];
}

/** Throws what the fits throw. */
export async function placeFits(
  input: FitsInput,
): Promise<Placement & { readonly fits: readonly PlacedFit[] }> {
  checkFitSources(input.sources, input.topology);
  const parameters: Parameter[] = [];
  const findings: Finding[] = [];
  const fits: PlacedFit[] = [];
  for (const source of input.sources) {
    const report = await runFit(source, {
      holdout: input.holdout,
      seed: "1",
      namedPaths: input.namedPaths,
    });
    const placed = placements[source.kind]({ ...input, source, report });
    parameters.push(...placed.parameters);
    findings.push(
      ...report.findings.map((each) => ({ ...each, at: each.at ?? source.file })),
      ...placed.findings,
    );
    fits.push({
      ...source,
      parameters: placed.parameters.map(({ name }) => name),
      estimates: report.estimates,
      verdict: report.verdict,
    });
  }
  return { parameters, findings, fits };
}
