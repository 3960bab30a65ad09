import type { EvidenceDesk, Judgement } from "../claim-types.ts";

type Parts = Pick<Judgement, "strategy" | "ours" | "settledBy"> & Partial<Judgement>;

/** A verdict that waits for a topology; what can be decided without it is said beside. */
export function withoutTopology(
  desk: EvidenceDesk,
  topology: string,
  parts: Parts & { readonly decided: string },
): Judgement {
  const { decided, ...rest } = parts;
  return {
    ...rest,
    verdict: "cannot-be-tested",
    why: `${reasonOf(desk, topology)}; ${decided}`,
  };
}

/** Why a topology can't be run: it is not shipped, or no evidence on it is declared yet. */
function reasonOf({ shipped }: EvidenceDesk, topology: string): string {
  return shipped.topologies.includes(topology)
    ? `topology ${topology} is shipped and no run on it is declared as evidence for this claim`
    : `no topology ${topology} is shipped`;
}

/** A verdict whose deciding input is a number of the strategy's own, or an assumption of ours. */
export function undecided(parts: Parts & { readonly why: string }): Judgement {
  return { ...parts, verdict: "cannot-be-tested" };
}
