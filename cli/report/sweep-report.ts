/** A sweep for a terminal: a row for each design and business function. */
import type { DesignResults } from "../../sim/twin/ensemble/sweep-results.ts";
import { table, tone } from "../terminal.ts";
import { grouped } from "./clock.ts";
import { estimateText, shareText } from "./ensemble-report.ts";
import { valueCell } from "./sweep-table.ts";

export function sweepReport(
  designs: readonly DesignResults[],
  scenarioName: string,
): readonly string[] {
  const [first] = designs;
  if (first === undefined) return [];
  const paths = Object.keys(first.values);
  const header = ["", ...paths, "FUNCTION", "RTO P50 (s)", "P95", "OVER FIRST", "LATENCY P99 (ms)"];
  const rows = designs.flatMap((design, at) =>
    design.results.functions.map((each, place) => [
      place === 0 ? String(at + 1) : "",
      ...paths.map((path) => (place === 0 ? String(valueCell(design.values[path])) : "")),
      each.function,
      estimateText(each.rtoSeconds[0], 1),
      estimateText(each.rtoSeconds[1], 1),
      at === 0 ? "" : differenceText(design, `${each.function}.rtoSeconds`),
      each.latencyMsP99.mean < 0 ? "-" : each.latencyMsP99.mean.toFixed(0),
    ]),
  );
  const verdicts = designs.map((design, at) => {
    const declared = design.results.rpo.find((each) => each.declared);
    return [
      String(at + 1),
      ...paths.map((path) => String(valueCell(design.values[path]))),
      shareText(design.results.allMet),
      grouped(declared?.lostCountMax ?? 0),
    ];
  });
  return [
    tone(
      "bold",
      `${scenarioName}: ${designs.length} designs, ${first.results.seedCount} seeds each (brackets hold 95 % intervals)`,
    ),
    "",
    ...table([header, ...rows]),
    "",
    ...table([["", ...paths, "RUNS THAT MET ALL", "MOST LOST"], ...verdicts]),
    "",
    "Every design saw the same arrivals and the same luck, seed by seed: OVER FIRST is the mean of the",
    "differences from design 1, over the pairs in which both recovered.",
  ];
}

/** `-12.5 +- 3.1` */
function differenceText({ overFirst }: DesignResults, quantity: string): string {
  const found = overFirst.find((each) => each.quantity === quantity)?.difference;
  if (found === undefined || found.count === 0) return "no pairs";
  const sign = found.mean > 0 ? "+" : "";
  const half = Number.isFinite(found.halfWidth) ? found.halfWidth.toFixed(1) : "?";
  return `${sign}${found.mean.toFixed(1)} +- ${half}`;
}
