import type { OrderType, Phase, Side, TimeInForce } from "../../engine/codes.ts";
import type { MatchingEngine } from "../../engine/matching-engine.ts";
import { isMarketStep, type RequestTable, requestKind } from "../fabric/requests.ts";

/** Filled anew for every order, so that placing one allocates nothing. */
const extras = { reqId: 0 };

/** The command's request id when there is none: every execution counts. */
const noRequestId = -1;

/**
 * Executes a command of the venue: the order command that a request carries, or a market step. The request's number is
 * the command's request id: the same request twice has one effect. A market step is nobody's message and never comes
 * twice. Returns whether the command was new, that is, got a sequence number of its own.
 */
export function executeRequestOnce(
  engine: MatchingEngine,
  requests: RequestTable,
  request: number,
): boolean {
  return executeRequest(engine, requests, request, request);
}

/** Executes a command of the venue, whether or not it has been executed before. */
export function executeRequestAgain(
  engine: MatchingEngine,
  requests: RequestTable,
  request: number,
): void {
  executeRequest(engine, requests, request, noRequestId);
}

function executeRequest(
  engine: MatchingEngine,
  requests: RequestTable,
  request: number,
  requestId: number,
): boolean {
  if (isMarketStep(request)) {
    engine.setPhase(requests.symbolOf(request), requests.phaseOf(request) as Phase);
    return true;
  }
  const column = requests.column;
  const before = engine.sequence;
  const symbol = column.symbol[request]!;
  const orderId = column.orderId[request]!;
  switch (column.kind[request]) {
    case requestKind.placeOrder:
      extras.reqId = requestId;
      engine.place(
        symbol,
        orderId,
        column.side[request] as Side,
        column.orderType[request] as OrderType,
        column.timeInForce[request] as TimeInForce,
        column.priceTicks[request]!,
        column.quantity[request]!,
        extras,
      );
      break;
    case requestKind.cancelOrder:
      engine.cancel(symbol, orderId, requestId);
      break;
    case requestKind.amendOrder:
      engine.amend(
        symbol,
        orderId,
        column.priceTicks[request]!,
        column.quantity[request]!,
        requestId,
      );
      break;
    default:
      throw new RangeError(
        `request ${request} of kind ${column.kind[request]} is no order command`,
      );
  }
  return engine.sequence !== before;
}
