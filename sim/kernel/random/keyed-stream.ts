import type { QuantileTable } from "../distributions/quantile-table.ts";
import { seedHash } from "./seed-hash.ts";

/**
 * Chance without state: each draw is a pure function of (seed, name, a, b, c). A request's service at a station is
 * drawn by (station, request, attempt), so two designs that serve it in another order still give it the same luck.
 */
export class KeyedStream {
  /** The name that, with the seed, decides its draws. */
  readonly name: string;
  private key0 = 0;
  private key1 = 0;

  constructor(seed: string, name: string) {
    this.name = name;
    this.reseed(seed);
  }

  /** Uniform in [0, 1) with 53 bits, the same each time for the same three whole numbers of 32 bits. */
  uniform(a: number, b: number, c: number): number {
    let x = this.key0 ^ a;
    let y = this.key1;
    // Each round can be undone, so different (a, b, c) never meet before the last word is in.
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    y = Math.imul((y + x) ^ (x >>> 15), 0x2c1b3c6d) ^ b;
    x = Math.imul((x ^ (y >>> 13)) + y, 0x846ca68b);
    y = Math.imul(y ^ (x >>> 16), 0x31848bab) ^ c;
    x = Math.imul((x + y) ^ (y >>> 15), 0x7feb352d);
    y = Math.imul(y ^ (x >>> 14), 0x846ca68b);
    x = Math.imul((x ^ (y >>> 15)) + (y >>> 3), 0x31848bab);
    y = (y ^ (x >>> 16)) + x;
    y = Math.imul(y ^ (y >>> 15), 0x2c1b3c6d);
    x ^= y >>> 13;
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    y ^= y >>> 14;
    return ((x >>> 5) * 67108864 + (y >>> 6)) * 1.1102230246251565e-16;
  }

  /** A whole number from 0 to n - 1, n up to 2^32. */
  int(n: number, a: number, b: number, c: number): number {
    return Math.floor(this.uniform(a, b, c) * n);
  }

  /** A draw from a compiled distribution. */
  draw(table: QuantileTable, a: number, b: number, c: number): number {
    return table.at(this.uniform(a, b, c));
  }

  /** Other luck from here on. Called when a branch asks for a fresh future. */
  reseed(seed: string): void {
    const words = seedHash(seed, this.name);
    this.key0 = words[0]! ^ words[2]!;
    this.key1 = words[1]! ^ words[3]!;
  }
}
