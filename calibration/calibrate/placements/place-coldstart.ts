/** Cold starts of functions: where half and 95 % of the initialisations end, as the twin draws them. */
import type { Estimate } from "../../estimate.ts";
import type { Parameter } from "../parameter.ts";
import type { Placement, PlacementInput } from "../placement.ts";

/** What `fit coldstart` tells of one group. */
interface Cell {
  readonly cell: string;
  readonly memoryMb: number | null;
  readonly kind: "init" | "restore";
  readonly n: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** The twin's cold start is lognormal with its median at the root of low x high and its 95 % point at high. */
export function placeColdstart({ source, report, topology, numberOf }: PlacementInput): Placement {
  const spec = topology.components.find(({ id }) => id === source.of);
  if (spec?.service !== "lambda") return { parameters: [], findings: [] };
  const memory = new Set(spec.functions.map(({ memoryMb }) => memoryMb));
  const cells = report.details["cells"] as readonly Cell[];
  const inits = cells.filter(({ kind }) => kind === "init");
  const matching = inits.filter((cell) => cell.memoryMb !== null && memory.has(cell.memoryMb));
  const chosen = largest(matching) ?? largest(inits) ?? largest(cells);
  const estimate = chosen && report.estimates[chosen.cell];
  const keepAlive = report.estimates["keep-alive"];
  const keep: Parameter[] = keepAlive
    ? [
        {
          name: `${spec.id}.idle-expiry`,
          before: numberOf(spec.id, "idleExpiryUs") / 1e6,
          estimate: keepAlive,
          usableFor: "how long an idle environment stays warm",
          notUsableFor: "other functions and other hours: AWS publishes no such time",
        },
      ]
    : [];
  if (chosen === undefined || estimate === undefined) return { parameters: keep, findings: [] };
  const others = cells.filter((cell) => cell !== chosen);
  return {
    parameters: [
      {
        name: `${spec.id}.cold-start-ms`,
        before: Math.sqrt(
          numberOf(spec.id, "coldStartMsLow") * numberOf(spec.id, "coldStartMsHigh"),
        ),
        estimate: explained(estimate, chosen, matching.includes(chosen)),
        usableFor:
          "what the first call of an environment waits, as a lognormal of this median and 95 % point",
        notUsableFor: "how often calls are cold, or other memory sizes",
        sets: [
          {
            component: spec.id,
            path: ["parameters", "coldStartMsLow"],
            value: chosen.medianMs ** 2 / chosen.p95Ms,
          },
          { component: spec.id, path: ["parameters", "coldStartMsHigh"], value: chosen.p95Ms },
        ],
      },
      ...keep,
    ],
    findings: [
      ...(matching.includes(chosen)
        ? []
        : [
            {
              severity: "warning" as const,
              what: `${spec.id}: no cold starts were measured at ${[...memory].join(" or ")} MB, which its functions have; those of ${chosen.cell} stand for them`,
              at: source.file,
            },
          ]),
      ...(others.length === 0
        ? []
        : [
            {
              severity: "note" as const,
              what: `${spec.id}: the twin has one cold start for all functions; ${chosen.cell} (n ${chosen.n}) was taken, ${others.length} other groups were not`,
              at: source.file,
            },
          ]),
    ],
  };
}

function largest(cells: readonly Cell[]): Cell | undefined {
  return cells.reduce<Cell | undefined>(
    (a, b) => (a === undefined || b.n > a.n ? b : a),
    undefined,
  );
}

function explained(estimate: Estimate, cell: Cell, isMatching: boolean): Estimate {
  return {
    ...estimate,
    why: `${cell.cell}: ${estimate.why}${isMatching ? "" : "; another memory size than the functions have"}`,
  };
}
