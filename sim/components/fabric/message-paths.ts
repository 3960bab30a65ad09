import type { Kernel } from "../../kernel/kernel.ts";
import type { CallSite } from "./call-sites.ts";
import { word } from "./frame-store.ts";
import type { Zones } from "./zones.ts";

/** The ways of calls and their answers between zones: how long they take, whether they arrive, what transfer is paid for. */
export class MessagePaths {
  /** Calls that went to another zone of their region, and to another region, two numbers a site. */
  readonly crossings: Float64Array;
  readonly #words: Int32Array;
  readonly #zones: Zones;
  readonly #drawSeed: Int32Array;
  /** Number of each zone's region. */
  readonly #region: Int32Array;

  constructor(kernel: Kernel, words: Int32Array, zones: Zones, sites: readonly CallSite[]) {
    this.#words = words;
    this.#zones = zones;
    this.crossings = kernel.float64Array("calls.crossings", sites.length * 2);
    this.#drawSeed = Int32Array.from(sites, ({ drawSeed }) => drawSeed);
    const regions = zones.zones.map(({ region }) => region);
    this.#region = Int32Array.from(regions, (region) => regions.indexOf(region));
  }

  /** Microseconds there and back. */
  roundTripUs(from: number, to: number): number {
    return this.#zones.latencyUs(from, to) + this.#zones.latencyUs(to, from);
  }

  /** Microseconds of one way. */
  oneWayUs(from: number, to: number): number {
    return this.#zones.latencyUs(from, to);
  }

  /** A call leaves its zone. */
  countCrossing(site: number, from: number, to: number): void {
    const crossing = site * 2 + (this.#region[from] === this.#region[to] ? 0 : 1);
    this.crossings[crossing] = this.crossings[crossing]! + 1;
  }

  /** Whether a frame's message (0) or its answer (1) arrives; on a lossy link each has luck of its own. */
  reaches(from: number, to: number, frame: number, way: 0 | 1): boolean {
    if (!this.#zones.isLossy(from, to)) return this.#zones.linked(from, to);
    const words = this.#words;
    const call =
      this.#drawSeed[words[(frame << 5) + word.site]!]! ^
      (words[(frame << 5) + word.attempt]! << 1);
    return this.#zones.delivers(
      from,
      to,
      Math.imul(words[(frame << 5) + word.key]!, 0x9e3779b1) ^ call ^ way,
    );
  }
}
