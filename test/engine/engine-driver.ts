import {
  EventKind,
  encodeAmend,
  encodeCancel,
  encodeEndOfDay,
  encodeKill,
  encodeMassCancel,
  encodePlace,
  encodeSetPhase,
  encodeSetTime,
  MatchingEngine,
  OrderType,
  Phase,
  type PlaceExtras,
  Reason,
  reasonName,
  Side,
  StpMode,
  TimeInForce,
} from "../../sim/engine/index.ts";
import type { Command } from "./random-commands.ts";
import type { Config, NewOrder, ReferenceEngine } from "./reference-engine.ts";

const typeOf = {
  limit: OrderType.limit,
  market: OrderType.market,
  stop: OrderType.stop,
  stop_limit: OrderType.stopLimit,
  trailing_stop: OrderType.trailingStop,
};
const tifOf = {
  GTC: TimeInForce.gtc,
  IOC: TimeInForce.ioc,
  FOK: TimeInForce.fok,
  DAY: TimeInForce.day,
  GTD: TimeInForce.gtd,
};
const stpOf = {
  none: StpMode.none,
  cancel_taker: StpMode.cancelTaker,
  cancel_maker: StpMode.cancelMaker,
  cancel_both: StpMode.cancelBoth,
  decrement: StpMode.decrement,
};
const phaseOf = {
  pre_open: Phase.preOpen,
  auction: Phase.auction,
  continuous: Phase.continuous,
  halted: Phase.halted,
  cancel_only: Phase.cancelOnly,
};

/** An engine with the rules of a reference configuration. */
export function engineFor(config: Config): MatchingEngine {
  const { phase, ...rules } = config;
  const known = Object.fromEntries(
    Object.entries(rules).filter(([, value]) => value !== undefined),
  );
  return new MatchingEngine({ symbolCount: 1, config: { ...known, phase: phaseOf[phase] } });
}

function extrasOf(order: NewOrder): PlaceExtras {
  return {
    account: order.acct,
    stp: order.stp === undefined ? undefined : stpOf[order.stp],
    display: order.display,
    minQty: order.minQty,
    postOnly: order.postOnly,
    allOrNone: order.aon,
    stopPrice: order.stopPrice,
    trail: order.trail,
    expireAt: order.expire,
  };
}

/** Gives one command to the engine. */
export function runOnEngine(engine: MatchingEngine, command: Command): void {
  switch (command.op) {
    case "new": {
      const { order } = command;
      const side = order.side === "buy" ? Side.buy : Side.sell;
      const { id, type, tif, price, qty } = order;
      engine.place(0, id, side, typeOf[type], tifOf[tif], price, qty, extrasOf(order));
      return;
    }
    case "cancel":
      engine.cancel(0, command.id);
      return;
    case "amend":
      engine.amend(0, command.id, command.price ?? Number.NaN, command.leaves);
      return;
    case "massCancel": {
      const reason = command.reason === "MASS" ? Reason.mass : Reason.disconnect;
      engine.massCancel(0, command.acct ?? -1, reason);
      return;
    }
    case "kill":
      engine.kill(command.acct ?? -1);
      return;
    case "phase":
      engine.setPhase(0, phaseOf[command.phase], command.reference);
      return;
    case "time":
      engine.setTime(command.now);
      return;
    case "endOfDay":
      engine.endOfDay();
      return;
  }
}

/** Writes one command as a record, with a request id. */
export function encodeCommand(words: Float64Array, command: Command, reqId: number): void {
  switch (command.op) {
    case "new": {
      const { id, type, tif, price, qty, side } = command.order;
      const sideCode = side === "buy" ? Side.buy : Side.sell;
      const extras = { ...extrasOf(command.order), reqId };
      encodePlace(words, 0, 0, id, sideCode, typeOf[type], tifOf[tif], price, qty, extras);
      return;
    }
    case "cancel":
      encodeCancel(words, 0, 0, command.id, reqId);
      return;
    case "amend":
      encodeAmend(words, 0, 0, command.id, command.price ?? Number.NaN, command.leaves, reqId);
      return;
    case "massCancel": {
      const reason = command.reason === "MASS" ? Reason.mass : Reason.disconnect;
      encodeMassCancel(words, 0, 0, command.acct ?? -1, reason, reqId);
      return;
    }
    case "kill":
      encodeKill(words, 0, command.acct ?? -1, reqId);
      return;
    case "phase":
      encodeSetPhase(words, 0, 0, phaseOf[command.phase], command.reference, reqId);
      return;
    case "time":
      encodeSetTime(words, 0, command.now, reqId);
      return;
    case "endOfDay":
      encodeEndOfDay(words, 0, reqId);
      return;
  }
}

/** Gives one command to the reference. */
export function runOnReference(reference: ReferenceEngine, command: Command): void {
  switch (command.op) {
    case "new":
      reference.place(command.order);
      return;
    case "cancel":
      reference.cancel(command.id);
      return;
    case "amend":
      reference.amend(command.id, command.price, command.leaves);
      return;
    case "massCancel":
      reference.massCancel(command.acct, command.reason);
      return;
    case "kill":
      reference.kill(command.acct);
      return;
    case "phase":
      reference.setPhase(command.phase, command.reference);
      return;
    case "time":
      reference.setTime(command.now);
      return;
    case "endOfDay":
      reference.endOfDay();
      return;
  }
}

/** The engine's last events in the reference's words. */
export function engineLog(engine: MatchingEngine): string[] {
  const { events } = engine;
  const log: string[] = [];
  for (let i = 0; i < events.count; i++) {
    const id = events.orderId(i);
    const quantity = events.quantity(i);
    const reason = reasonName(Number(events.reason(i)));
    const kind = events.kind(i);
    if (kind === EventKind.traded)
      log.push(`T ${id} ${events.otherId(i)} ${events.price(i)} ${quantity}`);
    else if (kind === EventKind.cancelled) log.push(`C ${id} ${quantity} ${reason}`);
    else if (kind === EventKind.rejected) log.push(`R ${id} ${reason}`);
    else if (kind === EventKind.decremented) log.push(`D ${id} ${quantity}`);
    else if (kind === EventKind.triggered) log.push(`S ${id}`);
  }
  return log;
}

/** The whole book in priority order, as text. */
export function engineBook(engine: MatchingEngine): string {
  const parts: string[] = [`${engine.phaseOf(0)} ${engine.lastPriceOf(0)}`];
  engine.forEachOpenOrder(0, (id, side, price, leaves, shown) => {
    parts.push(`${side}:${id}@${price}x${leaves}/${shown}`);
  });
  return parts.join(" ");
}

/** The same text from the reference. */
export function referenceBook(reference: ReferenceEngine): string {
  const { phase, last } = reference.state;
  const parts: string[] = [`${phaseOf[phase]} ${last ?? Number.NaN}`];
  for (const side of ["buy", "sell"] as const) {
    for (const order of reference.line(side)) {
      parts.push(
        `${side === "buy" ? 0 : 1}:${order.id}@${order.price}x${order.leaves}/${order.shown}`,
      );
    }
  }
  for (const stop of reference.stops()) {
    parts.push(`${stop.side === "buy" ? 0 : 1}:${stop.id}@${stop.price}x${stop.leaves}/0`);
  }
  return parts.join(" ");
}
