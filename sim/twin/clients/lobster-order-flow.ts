import { OrderType, TimeInForce } from "../../engine/codes.ts";
import { FlowKind, lobsterToOrderFlow } from "../../engine/replay/lobster-flow.ts";
import type { LineMistake } from "../../engine/replay/mistake.ts";
import { flowCommandKind, type OrderFlow } from "./order-flow.ts";

/** LOBSTER prices are dollars x 10,000; most venues trade in cents. */
const priceUnitsPerCent = 100;

/** What clients must have sent for a LOBSTER message file to come about, as numbers that a run replays. */
export function lobsterOrderFlow(
  text: string,
  name: string,
): { readonly orderFlow: OrderFlow; readonly mistakes: readonly LineMistake[] } {
  const { commands, mistakes } = lobsterToOrderFlow(text);
  const { seedCount, count } = commands;
  // A file with prices between cents keeps its own unit as tick.
  const inCents = commands.price.every((price) => price % priceUnitsPerCent === 0);
  const priceTicks = Int32Array.from(commands.price, (price) =>
    inCents ? price / priceUnitsPerCent : price,
  );
  const quantity = Int32Array.from(commands.quantity);
  const kind = commands.kind.subarray(seedCount).map(twinKind);
  const timeInForce = commands.kind
    .subarray(seedCount)
    .map((each) => (each === FlowKind.immediate ? TimeInForce.ioc : TimeInForce.gtc));
  const orderFlow = {
    name,
    commandCount: count - seedCount,
    atUs: commands.atUs.slice(seedCount),
    kind,
    orderId: commands.orderId.slice(seedCount),
    side: commands.side.slice(seedCount),
    orderType: new Uint8Array(count - seedCount).fill(OrderType.limit),
    timeInForce,
    priceTicks: priceTicks.slice(seedCount),
    quantity: quantity.slice(seedCount),
    seedCount,
    seedSide: commands.side.slice(0, seedCount),
    seedOrderId: commands.orderId.slice(0, seedCount),
    seedPriceTicks: priceTicks.slice(0, seedCount),
    seedQuantity: quantity.slice(0, seedCount),
    orderIdCount: commands.orderCount,
  };
  return { orderFlow: { ...orderFlow, contentHash: contentHashOf(orderFlow) }, mistakes };
}

function twinKind(kind: number): number {
  if (kind === FlowKind.cancel) return flowCommandKind.cancel;
  return kind === FlowKind.reduce ? flowCommandKind.amend : flowCommandKind.place;
}

/** 64 bits of FNV-1a in two lanes over every number that decides the run; names and file forms don't count. */
function contentHashOf(flow: Omit<OrderFlow, "contentHash">): string {
  let first = 0x811c9dc5;
  let second = 0x050c5d1f;
  const columns = [
    flow.atUs,
    flow.kind,
    flow.orderId,
    flow.side,
    flow.orderType,
    flow.timeInForce,
    flow.priceTicks,
    flow.quantity,
    flow.seedSide,
    flow.seedOrderId,
    flow.seedPriceTicks,
    flow.seedQuantity,
  ];
  for (const column of columns) {
    for (const byte of new Uint8Array(column.buffer, column.byteOffset, column.byteLength)) {
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul(second ^ (byte + 0x5b), 0x01000193);
    }
  }
  return hexOf(first) + hexOf(second);
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
