import xor128, { type Xor128State } from "seedrandom/lib/xor128.js";
import type { Registered } from "../containers/registered.ts";
import type { QuantileTable } from "../distributions/quantile-table.ts";
import { exp } from "../math/exp.ts";
import { seedHash } from "./seed-hash.ts";
import { exponentialEdge, exponentialHeight, normalEdge, normalHeight } from "./ziggurat-tables.ts";

/**
 * A source of chance with a name of its own: what it yields depends on (seed, name) and on how often it was asked,
 * never on other streams, so adding a stream moves no other. Generator: seedrandom's xor128, which seeds it; its step
 * is written out here, two words at once, because a draw that calls closures costs twice as much.
 */
export class Stream implements Registered {
  /** The name that, with the seed, decides its draws. */
  readonly name: string;
  private x = 0;
  private y = 0;
  private z = 0;
  private w = 0;

  constructor(seed: string, name: string) {
    this.name = name;
    this.reseed(seed);
  }

  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number {
    this.drawTwo();
    return ((this.z >>> 5) * 67108864 + (this.w >>> 6)) * 1.1102230246251565e-16;
  }

  /** A whole number from 0 to n - 1, n up to 2^32; its bias is below n / 2^53. */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Exponential with the given mean, by ziggurat: no logarithm in 99 of 100 draws. */
  exponential(mean: number): number {
    this.drawTwo();
    const bits = this.z;
    const layer = bits & 255;
    const u = ((bits >>> 8) * 536870912 + (this.w >>> 3)) * 1.1102230246251565e-16;
    const x = u * exponentialEdge[layer]!;
    return x < exponentialEdge[layer + 1]! ? mean * x : mean * this.exponentialRare(layer, x);
  }

  /** Standard normal (mean 0, variance 1), by ziggurat. */
  normal(): number {
    for (;;) {
      // Layer and sign come from bits that the magnitude does not use.
      this.drawTwo();
      const bits = this.z;
      const layer = bits & 255;
      const u = ((bits >>> 9) * 536870912 + (this.w >>> 3)) * 2.220446049250313e-16;
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
    this.begin(seededState(seed, this.name));
  }

  byteLength(): number {
    return 16;
  }

  write(view: DataView, byteOffset: number): void {
    view.setInt32(byteOffset, this.x, true);
    view.setInt32(byteOffset + 4, this.y, true);
    view.setInt32(byteOffset + 8, this.z, true);
    view.setInt32(byteOffset + 12, this.w, true);
  }

  read(view: DataView, byteOffset: number): void {
    this.begin({
      x: view.getInt32(byteOffset, true),
      y: view.getInt32(byteOffset + 4, true),
      z: view.getInt32(byteOffset + 8, true),
      w: view.getInt32(byteOffset + 12, true),
    });
  }

  private begin({ x, y, z, w }: Xor128State): void {
    this.x = x;
    this.y = y;
    this.z = z;
    this.w = w;
  }

  /** Two steps of xor128: the first word drawn is then in `z`, the second in `w`. */
  private drawTwo(): void {
    const { x, y, w } = this;
    const mixedX = x ^ (x << 11);
    const mixedY = y ^ (y << 11);
    const first = w ^ (w >>> 19) ^ mixedX ^ (mixedX >>> 8);
    this.x = this.z;
    this.y = w;
    this.z = first;
    this.w = first ^ (first >>> 19) ^ mixedY ^ (mixedY >>> 8);
  }

  /** The one draw in a hundred that the first look does not decide: it fell beside layer `layer`'s sure part, at `x`. */
  private exponentialRare(firstLayer: number, firstX: number): number {
    let shift = 0;
    let layer = firstLayer;
    let x = firstX;
    for (;;) {
      if (layer === 0) {
        // Beyond the last edge the exponential has no memory: begin again from there.
        shift += exponentialEdge[1]!;
      } else {
        const low = exponentialHeight[layer]!;
        const y = low + this.uniform() * (exponentialHeight[layer + 1]! - low);
        if (y < exp(-x)) return shift + x;
      }
      this.drawTwo();
      layer = this.z & 255;
      x =
        ((this.z >>> 8) * 536870912 + (this.w >>> 3)) *
        1.1102230246251565e-16 *
        exponentialEdge[layer]!;
      if (x < exponentialEdge[layer + 1]!) return shift + x;
    }
  }

  /** Marsaglia's tail: exponential proposals beyond the last edge. */
  private normalTail(): number {
    const edge = normalEdge[1]!;
    for (;;) {
      const x = this.exponential(1) / edge;
      const y = this.exponential(1);
      if (y + y >= x * x) return edge + x;
    }
  }
}

/** The seed goes in hashed: seedrandom's own mixing is linear, so that similar names would give kindred streams. */
function seededState(seed: string, name: string): Xor128State {
  const words = seedHash(seed, name);
  let text = "";
  for (const word of words) text += (word >>> 0).toString(16).padStart(8, "0");
  return xor128(text, { state: true }).state();
}
