/** What demands predict for utilisation and response times from request rates alone, and how well that holds. */
import { quantile } from "../../statistics/descriptive.ts";
import { coverage, type PointErrors, pointErrors } from "../../statistics/goodness.ts";
import type { DemandData } from "./demand-data.ts";
import { type Demands, utilisationAt } from "./demand-methods.ts";
import { stretch } from "./processor-sharing.ts";

export interface DemandPrediction {
  readonly utilisation: Float64Array;
  /** Seconds by class and window. */
  readonly responses: readonly Float64Array[];
}

function predictDemand(data: DemandData, cores: number, demands: Demands): DemandPrediction {
  const utilisation = data.utilisation.map((_, i) => utilisationAt(data, cores, demands, i));
  return {
    utilisation,
    responses: demands.seconds.map((demand) => utilisation.map((u) => demand * stretch(u, cores))),
  };
}

/** Errors of one predicted quantity on windows that the fit has not seen. */
export interface HeldOut extends PointErrors {
  /** Share of windows inside the 90 % band, whose width comes from the residuals of the fitted windows. */
  readonly coverage90: number;
  readonly bandWidthMean: number;
  readonly observedMean: number;
  readonly predictedMean: number;
}

export interface DemandHeldOut {
  readonly utilisation: HeldOut;
  readonly responseTime: Readonly<Record<string, HeldOut>>;
  /** Mean of the errors of utilisation and of response times, each over its level: what methods are ranked by. */
  readonly score: number;
}

/** Fits nothing: judges demands on other windows, with bands from the windows that they were fitted on. */
export function judgeDemand(
  fitted: DemandData,
  unseen: DemandData,
  cores: number,
  demands: Demands,
): DemandHeldOut {
  const before = predictDemand(fitted, cores, demands);
  const after = predictDemand(unseen, cores, demands);
  const utilisation = heldOut(
    fitted.utilisation,
    before.utilisation,
    unseen.utilisation,
    after.utilisation,
  );
  const responses = fitted.classes.map((_, c) =>
    heldOut(fitted.responses[c]!, before.responses[c]!, unseen.responses[c]!, after.responses[c]!),
  );
  const errorOf = (each: HeldOut) => each.wape ?? 1;
  const responseError =
    responses.reduce((total, each) => total + errorOf(each), 0) / responses.length;
  return {
    utilisation,
    responseTime: Object.fromEntries(fitted.classes.map((name, c) => [name, responses[c]!])),
    score: (errorOf(utilisation) + responseError) / 2,
  };
}

/** Windows in which nothing was observed are left out. */
function heldOut(
  fittedObserved: Float64Array,
  fittedPredicted: Float64Array,
  observed: Float64Array,
  predicted: Float64Array,
): HeldOut {
  const relative: number[] = [];
  for (const [i, value] of fittedObserved.entries()) {
    if (!Number.isNaN(value) && fittedPredicted[i]! > 0) relative.push(value / fittedPredicted[i]!);
  }
  const seen = Array.from(observed, (_, i) => i).filter((i) => !Number.isNaN(observed[i]!));
  const y = seen.map((i) => observed[i]!);
  const p = seen.map((i) => predicted[i]!);
  const [low, high] =
    relative.length > 0 ? [quantile(relative, 0.05), quantile(relative, 0.95)] : [1, 1];
  const band = coverage(
    y,
    p.map((each) => each * low),
    p.map((each) => each * high),
  );
  return {
    ...pointErrors(y, p),
    coverage90: band.share,
    bandWidthMean: band.meanWidth,
    observedMean: y.reduce((a, b) => a + b, 0) / y.length,
    predictedMean: p.reduce((a, b) => a + b, 0) / p.length,
  };
}
