import { expect, test } from "vitest";
import { RequestTable, requestKind } from "../../components/fabric/requests.ts";
import { TimeInForce } from "../../engine/codes.ts";
import { createKernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { SyntheticOrders } from "./synthetic-orders.ts";

function ordersOfOneSymbol() {
  const kernel = createKernel({ seed: "orders", programVersion: "test" });
  const requests = new RequestTable(kernel, { requestsInitial: 8, requestsMax: 1_000 });
  const orders = new SyntheticOrders(kernel, requests, 1);
  const request = (kind: number) => {
    const row = requests.append();
    requests.column.kind[row] = kind;
    requests.column.orderId[row] = none;
    return row;
  };
  /** An order that rests, as its client believes. */
  const placed = (orderId: number, quantity: number) => {
    const row = request(requestKind.placeOrder);
    orders.describePlace(row, orderId);
    requests.column.timeInForce[row] = TimeInForce.gtc;
    requests.column.quantity[row] = quantity;
    orders.accepted(row);
    return row;
  };
  return { orders, column: () => requests.column, request, placed };
}

test("an amend halves an order that its client believes to be live, at its price, and leaves it remembered", () => {
  const { orders, column, request, placed } = ordersOfOneSymbol();
  const order = placed(7, 9);
  const amend = request(requestKind.amendOrder);
  expect(orders.describeAmend(amend)).toBe(true);
  expect(column().orderId[amend]).toBe(7);
  expect(column().quantity[amend]).toBe(4);
  expect(column().priceTicks[amend]).toBe(column().priceTicks[order]);
  expect(orders.describeCancel(request(requestKind.cancelOrder))).toBe(true);
});

test("a cancelled order is neither cancelled nor amended again", () => {
  const { orders, column, request, placed } = ordersOfOneSymbol();
  placed(7, 9);
  const cancel = request(requestKind.cancelOrder);
  expect(orders.describeCancel(cancel)).toBe(true);
  expect(column().orderId[cancel]).toBe(7);
  expect(orders.describeCancel(request(requestKind.cancelOrder))).toBe(false);
  expect(orders.describeAmend(request(requestKind.amendOrder))).toBe(false);
});
