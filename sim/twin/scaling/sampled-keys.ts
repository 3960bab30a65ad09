import { type PartitionKey, partitionWithin } from "../../components/fabric/partition-law.ts";

/** Symbols and users that a sample of one in so many keeps: whole partitions of every component that is divided by them. */
export interface SampledKeys {
  /** 1 for each symbol that is kept. */
  readonly symbols: Uint8Array;
  /** The users who are kept, in rising order. */
  readonly users: Int32Array;
  /** Share of the load that the symbols draw, 0..1. */
  readonly loadShare: number;
  /** Share of the users who are kept, 0..1. */
  readonly userShare: number;
}

/**
 * Keeps the keys of one residue of the law by which components are divided. A component of a number of partitions that `oneOf`
 * divides keeps one in so many of them whole, and nothing of the others. Of the residues that of the symbols whose load comes
 * nearest to its share is taken, since popular symbols weigh more.
 */
export function sampledKeys(
  oneOf: number,
  symbolWeights: readonly number[],
  userCount: number,
): SampledKeys {
  const total = symbolWeights.reduce((sum, weight) => sum + weight, 0);
  const loads = new Float64Array(oneOf);
  symbolWeights.forEach((weight, symbol) => {
    const residue = partitionWithin("symbol", symbol, oneOf);
    loads[residue] = loads[residue]! + weight / total;
  });
  let best = 0;
  for (let residue = 1; residue < oneOf; residue += 1) {
    if (distance(loads[residue]!, oneOf) < distance(loads[best]!, oneOf)) best = residue;
  }
  const users = Int32Array.from(keysOf("user", userCount, oneOf, 0));
  return {
    symbols: Uint8Array.from(symbolWeights, (_, symbol) =>
      partitionWithin("symbol", symbol, oneOf) === best ? 1 : 0,
    ),
    users,
    loadShare: loads[best]!,
    userShare: users.length / userCount,
  };
}

function distance(load: number, oneOf: number): number {
  return load > 1 / oneOf ? load - 1 / oneOf : 1 / oneOf - load;
}

function keysOf(by: PartitionKey, count: number, oneOf: number, residue: number): number[] {
  const kept: number[] = [];
  for (let key = 0; key < count; key += 1) {
    if (partitionWithin(by, key, oneOf) === residue) kept.push(key);
  }
  return kept;
}
