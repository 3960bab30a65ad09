/** How a ladder of families is told. */
import type { LadderFit, Rung } from "../estimators/service/fit-ladder.ts";
import { number, percent } from "../tables/format.ts";

/** Why the observed values themselves are used. */
export function fallBackText(fit: LadderFit): string {
  const best =
    fit.rungs.find((rung) => rung.ksPValue !== null) ??
    fit.rungs
      .filter((rung) => rung.distribution !== null)
      .reduce<Rung | undefined>(
        (a, b) => (a === undefined || b.crpsHeldOut < a.crpsHeldOut ? b : a),
        undefined,
      );
  if (best === undefined)
    return "too few values for any family: the observed values themselves are used";
  const tested =
    best.ksPValue === null ? "" : `, p ${number(best.ksPValue, 2)} by parametric bootstrap`;
  return `no family fits: the best (${best.family}) is ${number(best.ks, 2)} away at its farthest${tested}. The observed values themselves are used`;
}

/** The families side by side, best first. */
export function ladderTable(fit: LadderFit, unit: string) {
  const row = (rung: Rung) => [
    rung.family,
    number(rung.crpsHeldOut),
    rung.distribution === null ? "-" : number(rung.ks, 2),
    rung.distribution === null ? "-" : percent(rung.quantileErrors.p99, 2),
    rung.ksPValue === null ? "-" : number(rung.ksPValue, 2),
    rung.distribution === null ? "-" : number(rung.bic, 6),
    rung.family === fit.chosen.family ? "chosen" : "",
  ];
  return {
    title: "Ladder of families, by CRPS on held-out values",
    rows: [
      ["family", `CRPS ${unit}`, "distance", "p99 off by", "p", "BIC", ""],
      ...[...fit.rungs].sort((a, b) => a.crpsHeldOut - b.crpsHeldOut).map(row),
    ],
  };
}
