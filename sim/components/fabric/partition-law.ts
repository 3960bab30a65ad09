/** What the copies of a component share out among themselves. */
export type PartitionKey = "symbol" | "user" | "item";

/** Copies of a component in one region, and the share of all keys that is at home there. */
export interface RegionalPartitions {
  /** Name of the region; symbols of a region without one can't be moved. */
  readonly region?: string;
  /** Any unit; shares count in proportion to their sum. */
  readonly share: number;
  readonly count: number;
}

/** Symbols and users lie apart from each other and from the number that they were given. */
const salts: Readonly<Record<PartitionKey, number>> = {
  symbol: 0x51ed270b,
  user: 0x2c1b3c6d,
  item: 0x297a2d39,
};

/** Second draw of the same key, so that its partition says nothing about its region. */
const withinRegion = 0x6f4f2a35;

/**
 * Home region of a key, by its position: the same for every component, so that what belongs to a symbol or a user
 * lies together. Keys spread over regions in proportion to their shares.
 */
export function homeRegion(by: PartitionKey, key: number, shares: readonly number[]): number {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let rest = (mixed(key ^ salts[by]) / 0x1_0000_0000) * total;
  for (let region = 0; region < shares.length - 1; region += 1) {
    rest -= shares[region]!;
    if (rest < 0) return region;
  }
  return shares.length - 1;
}

/** Which copy of a component keeps a key: counted through its regions, in their order. */
export function partitionOf(
  by: PartitionKey,
  key: number,
  regions: readonly RegionalPartitions[],
): number {
  const home = homeRegion(
    by,
    key,
    regions.map(({ share }) => share),
  );
  let before = 0;
  for (let region = 0; region < home; region += 1) before += regions[region]!.count;
  return before + partitionWithin(by, key, regions[home]!.count);
}

/**
 * Which of so many partitions of one region keeps a key. Of a number of partitions that another number divides, the
 * remainder by that one is the partition among so many: fifty partitions shared out over five readers by remainder give
 * each reader the keys that it would have of five partitions.
 */
export function partitionWithin(by: PartitionKey, key: number, count: number): number {
  return mixed(mixed(key ^ salts[by]) ^ withinRegion) % count;
}

/** The finalizer of MurmurHash3 (32 bits, public domain): every bit of a number decides about every bit of the result. */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
