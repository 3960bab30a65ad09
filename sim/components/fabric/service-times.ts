import type { Kernel } from "../../kernel/kernel.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { CallSite, Operation } from "./call-sites.ts";
import { word } from "./frame-store.ts";

/** How much work a call is, in microseconds on a server of usual speed: drawn by (request, call, attempt). */
export class ServiceTimes {
  readonly #words: Int32Array;
  readonly #operations: readonly Operation[];
  readonly #sites: readonly CallSite[];
  /** Work of a call where it is always the same, else -1; a fixed time needs no draw. */
  readonly #fixedUs: Float64Array;
  readonly #draw: KeyedStream;

  /** `operations` are those that the calls ask for, by site. */
  constructor(
    kernel: Kernel,
    words: Int32Array,
    sites: readonly CallSite[],
    operations: readonly Operation[],
  ) {
    this.#sites = sites;
    this.#words = words;
    this.#operations = operations;
    this.#fixedUs = Float64Array.from(operations, ({ serviceUs }) => {
      if (serviceUs === undefined) return 0;
      const { distribution } = serviceUs;
      return distribution.kind === "deterministic" ? distribution.value : -1;
    });
    this.#draw = kernel.keyed("calls.service");
  }

  /** Work of a frame that was sent from a site. */
  workUs(frame: number, site: number): number {
    const words = this.#words;
    const further = words[(frame << 5) + word.itemCount]! - 1;
    const fixedUs = this.#fixedUs[site]!;
    if (further === 0 && fixedUs >= 0) return fixedUs;
    const { serviceUs, perItemUs } = this.#operations[site]!;
    const itemsUs = further === 0 ? 0 : (perItemUs ?? 0) * further;
    if (fixedUs >= 0) return itemsUs + fixedUs;
    return (
      itemsUs +
      this.#draw.draw(
        serviceUs!,
        words[(frame << 5) + word.key]!,
        this.#sites[site]!.drawSeed,
        words[(frame << 5) + word.attempt]!,
      )
    );
  }
}
