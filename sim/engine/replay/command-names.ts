import { OrderType, Phase, Reason, Side, StpMode, TimeInForce } from "../codes.ts";

/** The words of command files and what they mean to the engine. */
export const sideNames: Readonly<Record<string, Side>> = { buy: Side.buy, sell: Side.sell };

export const typeNames: Readonly<Record<string, OrderType>> = {
  limit: OrderType.limit,
  market: OrderType.market,
  stop: OrderType.stop,
  stop_limit: OrderType.stopLimit,
  trailing_stop: OrderType.trailingStop,
};

export const tifNames: Readonly<Record<string, TimeInForce>> = {
  GTC: TimeInForce.gtc,
  IOC: TimeInForce.ioc,
  FOK: TimeInForce.fok,
  DAY: TimeInForce.day,
  GTD: TimeInForce.gtd,
};

export const stpNames: Readonly<Record<string, StpMode>> = {
  none: StpMode.none,
  cancel_taker: StpMode.cancelTaker,
  cancel_maker: StpMode.cancelMaker,
  cancel_both: StpMode.cancelBoth,
  decrement: StpMode.decrement,
};

export const phaseNames: Readonly<Record<string, Phase>> = {
  pre_open: Phase.preOpen,
  auction: Phase.auction,
  continuous: Phase.continuous,
  halted: Phase.halted,
  cancel_only: Phase.cancelOnly,
};

/** Reasons that a mass cancel may give. */
export const massReasonNames: Readonly<Record<string, Reason>> = {
  MASS: Reason.mass,
  DISCONNECT: Reason.disconnect,
  USER: Reason.user,
};
