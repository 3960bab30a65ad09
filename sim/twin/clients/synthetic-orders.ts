import { type RequestTable, requestKind } from "../../components/fabric/requests.ts";
import { OrderType, Side, TimeInForce } from "../../engine/codes.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { Kernel, KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** Own live orders that a symbol's clients remember, to cancel one of them. Assumption: nobody looks back further. */
const rememberedMax = 512;
/** Price at which every symbol opens, in ticks. Assumption: 100.00 at a tick of a cent. */
const openingPriceTicks = 10_000;
/** Prices stay within these, in ticks. Assumption: a tenth and ten times of the opening. */
const lowestPriceTicks = 1_000;
const highestPriceTicks = 100_000;
/** Share of new orders that are priced to trade at once. Assumption: 9 % marketable, as in published equity flows. */
const marketableShare = 0.09;
/** Share of new orders that are immediate-or-cancel. Assumption: 5 %. */
const immediateShare = 0.05;
/** Chance that a new order moves the symbol's reference price by a tick. Assumption: one in ten. */
const moveShare = 0.1;

/** Shares of buys and sells among new orders. Assumption: as many of either, and prices go up as often as down. */
const evenShare = 0.5;

/** Open quantity that an amend asks for, as a share of the order's. Assumption: it halves the order at its price. */
const amendedShare = 0.5;

/** Ticks from the reference price at which passive orders are placed. Assumption: most near, some far (a power law of index 1.3). */
const distanceTicks = compileQuantiles({ kind: "pareto", shape: 1.3, low: 1, high: 500 });
/** Lots of an order. Assumption: small ones mostly, now and then a hundred times as many. */
const quantityLots = compileQuantiles({ kind: "pareto", shape: 1.1, low: 1, high: 1_000 });

/** What is drawn for a request: by its number, so that two designs which answer differently get the same orders. */
const luck = {
  side: 0,
  move: 1,
  distance: 2,
  marketable: 3,
  immediate: 4,
  quantity: 5,
  chosen: 6,
  replaced: 7,
} as const;

/** The mood of the market: the share of buys, how far prices step, and the symbol that either is about (`none`: all). */
const mood = { buyShare: 0, sidedSymbol: 1, stepTicks: 2, movedSymbol: 3 } as const;

/**
 * Order flow of the project's own: a reference price that walks, passive orders at power-law distances from it, a
 * share of marketable ones, and cancels of orders that the client still believes to be live. Faults change which side the orders
 * come from, and the price goes that way; and how far it goes at a step.
 */
export class SyntheticOrders {
  readonly #requests: RequestTable;
  readonly #draw: KeyedStream;
  readonly #priceTicks: Int32Array;
  readonly #remembered: Int32Array;
  readonly #rememberedCount: Int32Array;
  readonly #mood: Float64Array;

  constructor(kernel: Kernel, requests: RequestTable, symbolCount: number) {
    this.#requests = requests;
    this.#draw = kernel.keyed("orders.synthetic");
    this.#priceTicks = kernel.int32Array("orders.price-ticks", symbolCount).fill(openingPriceTicks);
    this.#remembered = kernel.int32Array("orders.remembered", symbolCount * rememberedMax);
    this.#rememberedCount = kernel.int32Array("orders.remembered-count", symbolCount);
    this.#mood = kernel.float64Array("orders.mood", Object.keys(mood).length);
    this.setBuyShare(none, evenShare);
    this.setPriceSteps(none, 1);
  }

  /** New orders for a symbol, or for all (`none`), are buys in this share of cases, 0..1; prices go up in as many. */
  setBuyShare(symbol: number, share: number): void {
    this.#mood[mood.sidedSymbol] = symbol;
    this.#mood[mood.buyShare] = share;
  }

  /** The price of a symbol, or of all (`none`), moves by so many ticks at a step. */
  setPriceSteps(symbol: number, ticks: number): void {
    this.#mood[mood.movedSymbol] = symbol;
    this.#mood[mood.stepTicks] = ticks;
  }

  /** Fills a request with a new order for its symbol. */
  describePlace(request: number, orderId: number): void {
    const column = this.#requests.column;
    const symbol = column.symbol[request]!;
    const buyShare = this.#isAbout(mood.sidedSymbol, symbol)
      ? this.#mood[mood.buyShare]!
      : evenShare;
    const side = this.#luck(request, luck.side) < buyShare ? Side.buy : Side.sell;
    const towards = side === Side.buy ? 1 : -1;
    const move = this.#luck(request, luck.move);
    if (move < moveShare) {
      const step = this.#isAbout(mood.movedSymbol, symbol) ? this.#mood[mood.stepTicks]! : 1;
      const moved = this.#priceTicks[symbol]! + (move < moveShare * buyShare ? step : -step);
      this.#priceTicks[symbol] = Math.min(highestPriceTicks, Math.max(lowestPriceTicks, moved));
    }
    const distance = Math.floor(this.#draw.draw(distanceTicks, request, luck.distance, 0));
    const isMarketable = this.#luck(request, luck.marketable) < marketableShare;
    const offset = isMarketable ? 2 : -distance;
    column.orderId[request] = orderId;
    column.side[request] = side;
    column.orderType[request] = OrderType.limit;
    column.timeInForce[request] =
      this.#luck(request, luck.immediate) < immediateShare ? TimeInForce.ioc : TimeInForce.gtc;
    column.priceTicks[request] = Math.max(1, this.#priceTicks[symbol]! + towards * offset);
    column.quantity[request] = Math.floor(this.#draw.draw(quantityLots, request, luck.quantity, 0));
  }

  /** Turns a request into a cancel of a remembered order; false when its symbol has none, and nothing changes. */
  describeCancel(request: number): boolean {
    const symbol = this.#requests.column.symbol[request]!;
    const count = this.#rememberedCount[symbol]!;
    if (count === 0) return false;
    const base = symbol * rememberedMax;
    const at = this.#draw.int(count, request, luck.chosen, 0);
    const placed = this.#remembered[base + at]!;
    this.#remembered[base + at] = this.#remembered[base + count - 1]!;
    this.#rememberedCount[symbol] = count - 1;
    this.#copyOrder(placed, request);
    return true;
  }

  /** Turns a request into an amend of a remembered order, which stays remembered; false when its symbol has none. */
  describeAmend(request: number): boolean {
    const column = this.#requests.column;
    const symbol = column.symbol[request]!;
    const count = this.#rememberedCount[symbol]!;
    if (count === 0) return false;
    this.#copyOrder(
      this.#remembered[symbol * rememberedMax + this.#draw.int(count, request, luck.chosen, 0)]!,
      request,
    );
    column.quantity[request] = Math.max(1, Math.floor(column.quantity[request]! * amendedShare));
    return true;
  }

  /** Whether a mood of the market is about a symbol. */
  #isAbout(what: number, symbol: number): boolean {
    const about = this.#mood[what]!;
    return about === none || about === symbol;
  }

  #luck(request: number, what: number): number {
    return this.#draw.uniform(request, what, 0);
  }

  #copyOrder(placed: number, request: number): void {
    const column = this.#requests.column;
    column.orderId[request] = column.orderId[placed]!;
    column.side[request] = column.side[placed]!;
    column.priceTicks[request] = column.priceTicks[placed]!;
    column.quantity[request] = column.quantity[placed]!;
  }

  /** The client was told that an order was accepted: it may cancel it later. */
  accepted(request: number): void {
    const column = this.#requests.column;
    if (column.kind[request] !== requestKind.placeOrder) return;
    if (column.timeInForce[request] !== TimeInForce.gtc || column.orderId[request] === none) return;
    const symbol = column.symbol[request]!;
    const base = symbol * rememberedMax;
    const count = this.#rememberedCount[symbol]!;
    if (count < rememberedMax) {
      this.#remembered[base + count] = request;
      this.#rememberedCount[symbol] = count + 1;
    } else
      this.#remembered[base + this.#draw.int(rememberedMax, request, luck.replaced, 0)] = request;
  }
}
