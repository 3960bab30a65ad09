import xor128, { type Xor128 } from "seedrandom/lib/xor128.js";
import type { Registered } from "../containers/registered.ts";
import type { QuantileTable } from "../distributions/quantile-table.ts";
import { exp } from "../math/exp.ts";
import { seedHash } from "./seed-hash.ts";
import { exponentialEdge, exponentialHeight, normalEdge, normalHeight } from "./ziggurat-tables.ts";

/**
 * A source of chance with a name of its own: what it yields depends on (seed, name) and on how often it was asked,
 * never on other streams, so adding a stream moves no other. Generator: seedrandom's xor128.
 */
export class Stream implements Registered {
  readonly name: string;
  private source: Xor128;

  constructor(seed: string, name: string) {
    this.name = name;
    this.source = createSource(seed, name);
  }

  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number {
    const source = this.source;
    const high = source.int32() >>> 5;
    const low = source.int32() >>> 6;
    return (high * 67108864 + low) * 1.1102230246251565e-16;
  }

  /** A whole number from 0 to n - 1, n up to 2^32; its bias is below n / 2^53. */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Exponential with the given mean, by ziggurat: no logarithm in 99 of 100 draws. */
  exponential(mean: number): number {
    return mean * this.exponentialUnit();
  }

  /** Standard normal (mean 0, variance 1), by ziggurat. */
  normal(): number {
    const source = this.source;
    for (;;) {
      // Layer and sign come from bits that the magnitude does not use.
      const bits = source.int32();
      const layer = bits & 255;
      const u = ((bits >>> 9) * 536870912 + (source.int32() >>> 3)) * 2.220446049250313e-16;
      const x = u * normalEdge[layer]!;
      if (x < normalEdge[layer + 1]!) return (bits & 256) === 0 ? x : -x;
      if (layer === 0) {
        const tail = this.normalTail();
        return (bits & 256) === 0 ? tail : -tail;
      }
      const low = normalHeight[layer]!;
      const y = low + this.uniform() * (normalHeight[layer + 1]! - low);
      if (y < exp(-0.5 * x * x)) return (bits & 256) === 0 ? x : -x;
    }
  }

  /** A draw from a compiled distribution. */
  draw(table: QuantileTable): number {
    return table.at(this.uniform());
  }

  /** Begins again from another seed, as if the stream had just been made. */
  reseed(seed: string): void {
    this.source = createSource(seed, this.name);
  }

  byteLength(): number {
    return 16;
  }

  write(view: DataView, byteOffset: number): void {
    const state = this.source.state();
    view.setInt32(byteOffset, state.x, true);
    view.setInt32(byteOffset + 4, state.y, true);
    view.setInt32(byteOffset + 8, state.z, true);
    view.setInt32(byteOffset + 12, state.w, true);
  }

  read(view: DataView, byteOffset: number): void {
    this.source = xor128("restored", {
      state: {
        x: view.getInt32(byteOffset, true),
        y: view.getInt32(byteOffset + 4, true),
        z: view.getInt32(byteOffset + 8, true),
        w: view.getInt32(byteOffset + 12, true),
      },
    });
  }

  private exponentialUnit(): number {
    const source = this.source;
    let shift = 0;
    for (;;) {
      const bits = source.int32();
      const layer = bits & 255;
      const u = ((bits >>> 8) * 536870912 + (source.int32() >>> 3)) * 1.1102230246251565e-16;
      const x = u * exponentialEdge[layer]!;
      if (x < exponentialEdge[layer + 1]!) return shift + x;
      if (layer === 0) {
        // Beyond the last edge the exponential has no memory: begin again from there.
        shift += exponentialEdge[1]!;
      } else {
        const low = exponentialHeight[layer]!;
        const y = low + this.uniform() * (exponentialHeight[layer + 1]! - low);
        if (y < exp(-x)) return shift + x;
      }
    }
  }

  /** Marsaglia's tail: exponential proposals beyond the last edge. */
  private normalTail(): number {
    const edge = normalEdge[1]!;
    for (;;) {
      const x = this.exponentialUnit() / edge;
      const y = this.exponentialUnit();
      if (y + y >= x * x) return edge + x;
    }
  }
}

/** The seed goes in hashed: seedrandom's own mixing is linear, so that similar names would give kindred streams. */
function createSource(seed: string, name: string): Xor128 {
  const words = seedHash(seed, name);
  let text = "";
  for (const word of words) text += (word >>> 0).toString(16).padStart(8, "0");
  return xor128(text, { state: true });
}
