import { cellChannel } from "../components/fabric/channel.ts";
import type { MatchingService } from "../components/matching-service/matching-service.ts";
import { Side } from "../engine/codes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { RecordedChannel } from "./recorder.ts";

/** Symbols whose books are recorded: the first, which trade the most under a skewed load. */
const symbolsWatchedMax = 3;
/** Best prices a side. */
const depthMax = 8;
const keyframeUs = 1_000_000;

/** Takes the order books of a few symbols once a second, as the platform's own engines hold them. */
export class BookSampler {
  readonly #kernel: Kernel;
  readonly #engineOf: (symbol: number) => MatchingService;
  readonly #symbolCount: number;
  /** By symbol and side: prices, then quantities. */
  readonly #prices: Float64Array;
  readonly #quantities: Float64Array;
  readonly #isRunning: Float64Array;
  readonly #orders: Float64Array;
  /** Second of the keyframe that is held; registered, so that a restored run takes the next when it is due. */
  readonly #taken;

  constructor(kernel: Kernel, symbolCount: number, engineOf: (symbol: number) => MatchingService) {
    this.#kernel = kernel;
    this.#engineOf = engineOf;
    this.#symbolCount = Math.min(symbolsWatchedMax, symbolCount);
    const cells = Math.max(1, this.#symbolCount * 2 * depthMax);
    this.#prices = kernel.float64Array("book-sampler.prices", cells);
    this.#quantities = kernel.float64Array("book-sampler.quantities", cells);
    this.#isRunning = kernel.float64Array("book-sampler.running", Math.max(1, this.#symbolCount));
    this.#orders = kernel.float64Array("book-sampler.orders", Math.max(1, this.#symbolCount));
    this.#taken = kernel.float64Array("book-sampler.taken", 1).fill(-1);
  }

  /** Takes a keyframe when a second has begun; the channels read it. */
  sample(): void {
    const second = Math.floor(this.#kernel.nowUs / keyframeUs);
    if (second === this.#taken[0]) return;
    this.#taken[0] = second;
    this.#prices.fill(0);
    this.#quantities.fill(0);
    for (let symbol = 0; symbol < this.#symbolCount; symbol += 1) {
      const matching = this.#engineOf(symbol);
      this.#isRunning[symbol] = matching.isRunning ? 1 : 0;
      this.#orders[symbol] = 0;
      if (!matching.isRunning) continue;
      this.#take(matching, symbol, Side.buy, 0);
      this.#take(matching, symbol, Side.sell, 1);
      this.#orders[symbol] = matching.engine.openOrderCountOf(symbol);
    }
  }

  #take(matching: MatchingService, symbol: number, side: Side, sideAt: number): void {
    const from = (symbol * 2 + sideAt) * depthMax;
    const { engine } = matching;
    const prices = this.#prices.subarray(from, from + depthMax);
    const quantities = this.#quantities.subarray(from, from + depthMax);
    engine.levels(symbol, side, depthMax, prices, quantities);
  }

  channels(): readonly RecordedChannel[] {
    const channels: RecordedChannel[] = [];
    const add = (name: string, unit: string, values: Float64Array, at: number) => {
      channels.push({ component: "", channel: cellChannel(name, unit, "level", { values, at }) });
    };
    for (let symbol = 0; symbol < this.#symbolCount; symbol += 1) {
      add(`book ${symbol} engine`, "yes/no", this.#isRunning, symbol);
      add(`book ${symbol} orders`, "orders", this.#orders, symbol);
      ["bid", "ask"].forEach((side, sideAt) => {
        for (let level = 0; level < depthMax; level += 1) {
          const cell = (symbol * 2 + sideAt) * depthMax + level;
          const name = `book ${symbol} ${side} ${level}`;
          add(`${name} price`, "ticks", this.#prices, cell);
          add(`${name} quantity`, "lots", this.#quantities, cell);
        }
      });
    }
    return channels;
  }
}
