/**
 * A second matching engine that is slow on purpose: orders are objects in one list, the line is sorted anew whenever it is
 * asked for, and what an order could trade is found by trying it on a copy. It shares nothing with `sim/engine` but the
 * names in the rules, so that a mistake would have to be made twice to stay unseen.
 */
export type Side = "buy" | "sell";
export type Phase = "pre_open" | "auction" | "continuous" | "halted" | "cancel_only";

export interface NewOrder {
  id: number;
  side: Side;
  type: "limit" | "market" | "stop" | "stop_limit" | "trailing_stop";
  tif: "GTC" | "IOC" | "FOK" | "DAY" | "GTD";
  price: number;
  qty: number;
  display?: number | undefined;
  minQty?: number | undefined;
  postOnly?: boolean | undefined;
  aon?: boolean | undefined;
  stopPrice?: number | undefined;
  trail?: number | undefined;
  acct?: number | undefined;
  stp?: "none" | "cancel_taker" | "cancel_maker" | "cancel_both" | "decrement" | undefined;
  expire?: number | undefined;
}

export interface Config {
  tick: number;
  lot: number;
  bandLow?: number | undefined;
  bandHigh?: number | undefined;
  maxQty?: number | undefined;
  maxOpen?: number | undefined;
  phase: Phase;
  last?: number | undefined;
}

interface Order extends NewOrder {
  leaves: number;
  shown: number;
  /** When it came (again) to the book: age. */
  entry: number;
  /** Place in line among equals; a new iceberg slice gets a new one. */
  rank: number;
  place: "book" | "stop" | "hand";
  mark: number | undefined;
}

interface State {
  orders: Order[];
  used: number[];
  killed: (number | "all")[];
  phase: Phase;
  last: number | undefined;
  reference: number | undefined;
  counter: number;
}

export class ReferenceEngine {
  readonly config: Config;
  state: State;
  /** What the last command caused, one line each. */
  log: string[] = [];
  accepted = 0;
  filled = 0;
  cancelled = 0;
  amendedUp = 0;
  amendedDown = 0;

  constructor(config: Config) {
    this.config = config;
    this.state = {
      orders: [],
      used: [],
      killed: [],
      phase: config.phase,
      last: config.last,
      reference: undefined,
      counter: 0,
    };
  }

  place(order: NewOrder): void {
    this.log = [];
    const reason = this.whyNot(order);
    if (reason !== undefined) {
      this.log.push(`R ${order.id} ${reason}`);
      return;
    }
    this.state.used.push(order.id);
    const isPriced = order.type === "limit" || order.type === "stop_limit";
    const own: Order = {
      ...order,
      price: isPriced ? order.price : 0,
      leaves: order.qty,
      shown: 0,
      entry: ++this.state.counter,
      rank: 0,
      place: "hand",
      mark: this.state.last,
    };
    this.accepted += order.qty;
    this.state.orders.push(own);
    if (order.type === "limit" || order.type === "market") this.enter(own, true);
    else own.place = "stop";
    this.settle();
  }

  cancel(id: number): void {
    this.log = [];
    const order = this.live(id);
    if (order === undefined) this.log.push(`R ${id} UNKNOWN_ORDER`);
    else this.remove(order, "USER");
    this.settle();
  }

  amend(id: number, price: number | undefined, leaves: number): void {
    this.log = [];
    const order = this.live(id);
    if (order === undefined) {
      this.log.push(`R ${id} UNKNOWN_ORDER`);
      return;
    }
    const isPriced = order.type === "limit" || order.type === "stop_limit";
    const newPrice = isPriced ? (price ?? order.price) : order.price;
    const loses = newPrice !== order.price || leaves > order.leaves;
    const reason = this.whyNotAmend(order, newPrice, leaves, isPriced, loses);
    if (reason !== undefined) {
      this.log.push(`R ${id} ${reason}`);
      return;
    }
    if (leaves === 0) {
      this.remove(order, "USER");
      this.settle();
      return;
    }
    if (leaves > order.leaves) this.amendedUp += leaves - order.leaves;
    else this.amendedDown += order.leaves - leaves;
    order.leaves = leaves;
    order.price = newPrice;
    if (!loses) {
      order.shown = Math.min(order.shown, leaves);
    } else {
      order.entry = ++this.state.counter;
      if (order.place === "book") {
        order.place = "hand";
        this.enter(order, false);
      }
    }
    this.settle();
  }

  massCancel(acct: number | undefined, reason: string): void {
    this.log = [];
    this.removeAll((order) => acct === undefined || order.acct === acct, reason);
  }

  kill(acct: number | undefined): void {
    this.log = [];
    this.state.killed.push(acct ?? "all");
    this.removeAll((order) => acct === undefined || order.acct === acct, "KILL_SWITCH");
  }

  setTime(now: number): void {
    this.log = [];
    this.removeAll(
      (order) => order.tif === "GTD" && now >= (order.expire ?? Number.POSITIVE_INFINITY),
      "EXPIRED",
    );
  }

  endOfDay(): void {
    this.log = [];
    this.removeAll((order) => order.tif === "DAY", "EXPIRED");
  }

  setPhase(phase: Phase, reference: number | undefined): void {
    this.log = [];
    const opens = phase === "continuous" && this.state.phase !== "continuous";
    if (reference !== undefined) this.state.reference = reference;
    this.state.phase = phase;
    if (opens) this.uncross();
    this.settle();
  }

  /** The orders of one side in the order in which they would trade. */
  line(side: Side): Order[] {
    const better = side === "buy" ? -1 : 1;
    return this.state.orders
      .filter((order) => order.place === "book" && order.side === side)
      .sort((a, b) => {
        if (a.type !== b.type) return a.type === "market" ? -1 : 1;
        if (a.price !== b.price) return (a.price - b.price) * better;
        return a.rank - b.rank;
      });
  }

  stops(): Order[] {
    return this.byEntry().filter((order) => order.place === "stop");
  }

  private byEntry(): Order[] {
    return [...this.state.orders].sort((a, b) => a.entry - b.entry);
  }

  private live(id: number): Order | undefined {
    return this.state.orders.find((order) => order.id === id);
  }

  private whyNot(order: NewOrder): string | undefined {
    const { config, state } = this;
    if (state.used.includes(order.id)) return "DUPLICATE_ORDER_ID";
    if (state.phase === "halted") return "HALTED";
    if (state.phase === "cancel_only") return "CANCEL_ONLY";
    if (state.killed.includes("all")) return "KILL_SWITCH";
    if (order.acct !== undefined && state.killed.includes(order.acct)) return "KILL_SWITCH";
    if (!(order.qty > 0)) return "INVALID_QTY";
    if (order.qty % config.lot !== 0) return "LOT_SIZE";
    const isLimit = order.type === "limit" || order.type === "stop_limit";
    const prices: number[] = [];
    if (order.type === "stop" || order.type === "stop_limit") prices.push(order.stopPrice ?? 0);
    if (order.type === "trailing_stop") prices.push(order.trail ?? 0);
    if (isLimit) prices.push(order.price);
    if (prices.some((price) => !(price > 0))) return "INVALID_PRICE";
    if (prices.some((price) => price % config.tick !== 0)) return "TICK_SIZE";
    if (isLimit && this.isOutOfBand(order.price)) return "PRICE_BAND";
    if (config.maxQty !== undefined && order.qty > config.maxQty) return "RISK_MAX_QTY";
    const open = state.orders.filter((other) => other.acct === order.acct).length;
    if (config.maxOpen !== undefined && open >= config.maxOpen) return "RISK_MAX_OPEN_ORDERS";
    const { display } = order;
    if (display !== undefined) {
      if (display <= 0 || display > order.qty || display % config.lot !== 0) {
        return "INVALID_DISPLAY";
      }
    }
    const collects = state.phase !== "continuous";
    if (collects && (order.tif === "IOC" || order.tif === "FOK")) {
      return "TIF_NOT_ALLOWED_IN_AUCTION";
    }
    const isNow = order.type === "limit" || order.type === "market";
    if (order.postOnly && isNow && !collects && this.wouldTrade(order, order.qty) > 0) {
      return "POST_ONLY_WOULD_CROSS";
    }
    return undefined;
  }

  private whyNotAmend(
    order: Order,
    price: number,
    leaves: number,
    isPriced: boolean,
    loses: boolean,
  ): string | undefined {
    const { config, state } = this;
    if (state.phase === "halted") return "HALTED";
    if (state.phase === "cancel_only") return "CANCEL_ONLY";
    if (leaves === 0) return undefined;
    if (!(leaves > 0)) return "INVALID_QTY";
    if (leaves % config.lot !== 0) return "LOT_SIZE";
    if (isPriced) {
      if (!(price > 0)) return "INVALID_PRICE";
      if (price % config.tick !== 0) return "TICK_SIZE";
      if (this.isOutOfBand(price)) return "PRICE_BAND";
    }
    if (config.maxQty !== undefined && leaves > config.maxQty) return "RISK_MAX_QTY";
    if (order.postOnly && order.place === "book" && state.phase === "continuous" && loses) {
      if (this.wouldTrade({ ...order, price }, leaves) > 0) return "POST_ONLY_WOULD_CROSS";
    }
    return undefined;
  }

  private isOutOfBand(price: number): boolean {
    const { bandLow, bandHigh } = this.config;
    return (
      (bandLow !== undefined && price < bandLow) || (bandHigh !== undefined && price > bandHigh)
    );
  }

  /** How much this order would trade as a taker right now: tried on a copy of everything. */
  private wouldTrade(order: NewOrder, quantity: number): number {
    const trial = new ReferenceEngine(this.config);
    trial.state = structuredClone(this.state);
    trial.state.orders = trial.state.orders.filter((other) => other.id !== order.id);
    const taker: Order = {
      ...order,
      leaves: quantity,
      shown: 0,
      entry: 0,
      rank: 0,
      place: "hand",
      mark: undefined,
    };
    trial.state.orders.push(taker);
    trial.take(taker);
    return trial.filled / 2;
  }

  private enter(order: Order, isFirst: boolean): void {
    if (this.state.phase !== "continuous") {
      if (isFirst && order.minQty) this.remove(order, "MIN_QTY");
      else this.rest(order);
      return;
    }
    const demands = order.tif === "FOK" || (isFirst && order.minQty) || order.aon;
    const could = demands ? this.wouldTrade(order, order.leaves) : 0;
    if (order.tif === "FOK" && could < order.leaves) this.remove(order, "FOK");
    else if (isFirst && order.minQty && could < order.minQty) this.remove(order, "MIN_QTY");
    else if (!(order.aon && could < order.leaves)) this.take(order);
    if (!this.state.orders.includes(order)) return;
    if (order.type === "market") this.remove(order, "MARKET_RESIDUAL");
    else if (order.tif === "IOC") this.remove(order, "IOC");
    else this.rest(order);
  }

  private rest(order: Order): void {
    order.place = "book";
    order.rank = ++this.state.counter;
    order.shown = Math.min(order.display ?? order.leaves, order.leaves);
  }

  /** True when the taker's limit (for a market order the price band) reaches the maker's price. */
  private reaches(taker: Order, maker: Order): boolean {
    const { bandLow, bandHigh } = this.config;
    if (taker.side === "buy") {
      const limit = taker.type === "market" ? (bandHigh ?? Number.POSITIVE_INFINITY) : taker.price;
      return maker.price <= limit;
    }
    const limit = taker.type === "market" ? (bandLow ?? Number.NEGATIVE_INFINITY) : taker.price;
    return maker.price >= limit;
  }

  private take(taker: Order): void {
    const passed: Order[] = [];
    while (taker.leaves > 0 && this.state.orders.includes(taker)) {
      const maker = this.line(taker.side === "buy" ? "sell" : "buy").find(
        (order) => !passed.includes(order) && this.reaches(taker, order),
      );
      if (maker === undefined) return;
      if (maker.aon && maker.leaves > taker.leaves) {
        passed.push(maker);
        continue;
      }
      if (this.isSelfTrade(taker, maker)) {
        this.prevent(taker, maker);
        continue;
      }
      if (maker.aon) {
        while (maker.leaves > 0) this.trade(maker, taker, maker.price);
      } else {
        this.trade(maker, taker, maker.price);
      }
    }
  }

  private isSelfTrade(taker: Order, maker: Order): boolean {
    if (taker.acct === undefined || taker.stp === undefined || taker.stp === "none") return false;
    return taker.acct === maker.acct;
  }

  private prevent(taker: Order, maker: Order): void {
    if (taker.stp === "cancel_taker") this.remove(taker, "STP");
    else if (taker.stp === "cancel_maker") this.remove(maker, "STP");
    else if (taker.stp === "cancel_both") {
      this.remove(maker, "STP");
      this.remove(taker, "STP");
    } else {
      const smaller = Math.min(taker.leaves, maker.leaves);
      for (const order of [maker, taker]) {
        if (order.leaves === smaller) {
          this.remove(order, "STP");
        } else {
          order.leaves -= smaller;
          order.shown = Math.min(order.shown, order.leaves);
          this.cancelled += smaller;
          this.log.push(`D ${order.id} ${smaller}`);
        }
      }
    }
  }

  private trade(maker: Order, taker: Order, price: number): void {
    const makerCan = maker.shown;
    const takerCan = taker.place === "book" ? taker.shown : taker.leaves;
    const quantity = Math.min(makerCan, takerCan);
    this.log.push(`T ${maker.id} ${taker.id} ${price} ${quantity}`);
    this.filled += 2 * quantity;
    this.state.last = price;
    for (const stop of this.state.orders) {
      if (stop.place !== "stop" || stop.type !== "trailing_stop") continue;
      if (stop.mark === undefined) stop.mark = price;
      else
        stop.mark = stop.side === "sell" ? Math.max(stop.mark, price) : Math.min(stop.mark, price);
    }
    for (const order of [maker, taker]) {
      order.leaves -= quantity;
      if (order.leaves === 0) {
        this.state.orders = this.state.orders.filter((other) => other !== order);
      } else if (order.place === "book") {
        order.shown -= quantity;
        if (order.shown === 0) {
          order.shown = Math.min(order.display ?? order.leaves, order.leaves);
          order.rank = ++this.state.counter;
        }
      }
    }
  }

  private remove(order: Order, reason: string): void {
    this.state.orders = this.state.orders.filter((other) => other !== order);
    this.cancelled += order.leaves;
    this.log.push(`C ${order.id} ${order.leaves} ${reason}`);
  }

  private removeAll(wanted: (order: Order) => boolean, reason: string): void {
    for (const order of this.byEntry().filter(wanted)) this.remove(order, reason);
    this.settle();
  }

  private settle(): void {
    if (this.state.phase !== "continuous") return;
    this.fillAllOrNones();
    for (;;) {
      const due = this.stops().filter((stop) => this.isDue(stop));
      if (due.length === 0) return;
      for (const stop of due) stop.place = "hand";
      for (const stop of due) {
        this.fire(stop);
        this.fillAllOrNones();
      }
    }
  }

  private isDue(stop: Order): boolean {
    const { last } = this.state;
    if (last === undefined) return false;
    let at = stop.stopPrice ?? Number.NaN;
    if (stop.type === "trailing_stop") {
      if (stop.mark === undefined) return false;
      const trail = stop.trail ?? 0;
      at = stop.side === "sell" ? stop.mark - trail : stop.mark + trail;
    }
    return stop.side === "buy" ? last >= at : last <= at;
  }

  private fire(stop: Order): void {
    this.log.push(`S ${stop.id}`);
    stop.type = stop.type === "stop_limit" ? "limit" : "market";
    stop.entry = ++this.state.counter;
    if (stop.postOnly && this.wouldTrade(stop, stop.leaves) > 0) {
      this.state.orders = this.state.orders.filter((other) => other !== stop);
      this.cancelled += stop.leaves;
      this.log.push(`R ${stop.id} POST_ONLY_WOULD_CROSS`);
      return;
    }
    this.enter(stop, true);
  }

  private fillAllOrNones(): void {
    for (const side of ["buy", "sell"] as const) {
      for (;;) {
        const order = this.line(side).find(
          (candidate) =>
            candidate.aon && this.wouldTrade(candidate, candidate.leaves) === candidate.leaves,
        );
        if (order === undefined) break;
        order.place = "hand";
        this.take(order);
      }
    }
  }

  /** Pairs at one price; before that, pairs that may not trade are dealt with, each followed by a new price. */
  private uncross(): void {
    for (;;) {
      const price = this.uncrossingPrice();
      if (price === undefined) break;
      const trial = new ReferenceEngine(this.config);
      trial.state = structuredClone(this.state);
      const forbidden = trial.pairAt(price);
      if (forbidden === undefined) {
        this.pairAt(price);
        break;
      }
      const [maker, taker] = forbidden.map((id) => this.live(id));
      if (maker === undefined || taker === undefined) throw new Error("reference: pair is gone");
      this.prevent(taker, maker);
    }
    for (const order of this.byEntry()) {
      if (order.place === "book" && order.type === "market") this.remove(order, "MARKET_RESIDUAL");
    }
    this.state.reference = undefined;
  }

  /** Trades at a price until a side is used up; stops at a pair that may not trade and names it (maker, taker). */
  private pairAt(price: number): [number, number] | undefined {
    for (;;) {
      const buy = this.line("buy").find((o) => !o.aon && (o.type === "market" || o.price >= price));
      const sell = this.line("sell").find(
        (o) => !o.aon && (o.type === "market" || o.price <= price),
      );
      if (buy === undefined || sell === undefined) return undefined;
      const [maker, taker] = buy.entry < sell.entry ? [buy, sell] : [sell, buy];
      if (this.isSelfTrade(taker, maker)) return [maker.id, taker.id];
      this.trade(maker, taker, price);
    }
  }

  private uncrossingPrice(): number | undefined {
    const orders = this.state.orders.filter((order) => order.place === "book" && !order.aon);
    const sum = (list: Order[]) => list.reduce((total, order) => total + order.leaves, 0);
    const candidates = orders
      .filter((order) => order.type === "limit")
      .map(({ price }) => {
        const buys = orders.filter(
          (o) => o.side === "buy" && (o.type === "market" || o.price >= price),
        );
        const sells = orders.filter(
          (o) => o.side === "sell" && (o.type === "market" || o.price <= price),
        );
        const surplus = sum(buys) - sum(sells);
        return { price, volume: Math.min(sum(buys), sum(sells)), surplus };
      });
    const volume = Math.max(0, ...candidates.map((candidate) => candidate.volume));
    if (volume === 0) return undefined;
    let best = candidates.filter((candidate) => candidate.volume === volume);
    const least = Math.min(...best.map(({ surplus }) => Math.abs(surplus)));
    best = best.filter(({ surplus }) => Math.abs(surplus) === least);
    const prices = best.map((candidate) => candidate.price).sort((a, b) => a - b);
    if (best.every(({ surplus }) => surplus > 0)) return prices[prices.length - 1];
    if (best.every(({ surplus }) => surplus < 0)) return prices[0];
    const reference = this.state.reference ?? this.state.last;
    if (reference === undefined) return prices[0];
    const distance = (price: number) => Math.abs(price - reference);
    return prices.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  }
}
