/** What an audit of the whole strategy says beside its claims: tornado, tree, budget. Lines that Markdown and terminals share. */
import { treeText } from "../../sim/twin/claims/decision-tree.ts";
import { numberText } from "../../sim/twin/claims/figures.ts";
import type { Tornado, TornadoBar } from "../../sim/twin/claims/tornado.ts";
import type { ClaimsReport } from "./claims-report.ts";

/** Bars that move their measure, and how many of the others there are. */
export interface TornadoTable {
  readonly title: string;
  /** Assumption, its range, the measure at low and high, the swing. */
  readonly rows: readonly (readonly string[])[];
  readonly still: string;
}

export const tornadoHead = [
  "assumption",
  "from",
  "to",
  "at the low end",
  "at the high end",
  "swing",
];

export function tornadoTable({ words, usual, unit, bars }: Tornado): TornadoTable {
  const moving = bars.filter(({ swing }) => swing !== 0);
  const still = bars.filter(({ swing }) => swing === 0).map(({ path }) => path);
  return {
    title: `${words}: ${amount(usual)} ${unit} as it ships`,
    rows: moving.map((bar) => [
      bar.path,
      endText(bar.low),
      endText(bar.high),
      amount(bar.atLow),
      amount(bar.atHigh),
      swingText(bar),
    ]),
    still: still.length === 0 ? "" : `Moved by nothing: ${still.join(", ")}`,
  };
}

export function treeLines({ tree }: ClaimsReport): readonly string[] {
  return tree.length === 0 ? [] : treeText(tree);
}

/** How much was simulated, against the published budget. */
export function budgetText({ claims, budget, requestsSimulated }: ClaimsReport): string {
  const [dearest] = [...claims].sort((a, b) => b.requestsSimulated - a.requestsSimulated);
  const over = claims.filter((each) => each.requestsSimulated > budget.perClaim);
  const millions = (requests: number) => `${(requests / 1e6).toFixed(1)} million`;
  const most =
    dearest === undefined
      ? ""
      : `; the dearest, ${dearest.id}, rests on ${millions(dearest.requestsSimulated)} of at most ${millions(budget.perClaim)}`;
  const beyond =
    over.length === 0 ? "" : `; beyond their budget: ${over.map(({ id }) => id).join(", ")}`;
  return `${millions(requestsSimulated)} requests simulated of at most ${millions(budget.inAll)}${most}${beyond}`;
}

function amount(value: number | null): string {
  return value === null ? "not over when the run ended" : numberText(value);
}

function swingText({ swing }: TornadoBar): string {
  return swing === null ? "no bound" : numberText(swing);
}

export function endText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
