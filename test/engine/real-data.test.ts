import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import {
  FlowKind,
  lobsterToOrderFlow,
  MatchingEngine,
  OrderType,
  replayBitstamp,
  replayFlow,
  replayLobster,
  type Side,
  TimeInForce,
} from "../../sim/engine/index.ts";
import { dataPath, testWithData } from "../data-folder.ts";

const textOf = (name: string) => gunzipSync(readFileSync(dataPath("lob", name))).toString("utf8");
const hourOfApple = "AAPL_2012-06-21_0930-1030_message_50.csv.gz";

describe("real order data", () => {
  testWithData(
    "all 999 rows of the ten-level pair are reproduced, with price and time priority",
    () => {
      const { result } = replayLobster(
        textOf("AAPL_2012-06-21_message_10_first999.csv.gz"),
        textOf("AAPL_2012-06-21_orderbook_10_first999.csv.gz"),
      );
      expect(result).toMatchObject({
        method: "rows",
        compared: 999,
        reproduced: 999,
        intoView: 318,
      });
      expect(result?.priority).toEqual({
        executions: 98,
        atBestPrice: 98,
        knownExecutions: 90,
        atHead: 90,
      });
    },
  );

  testWithData("an hour of fifty levels gives the published best bids and asks", () => {
    const { result } = replayLobster(
      textOf(hourOfApple),
      textOf("AAPL_2012-06-21_orderbook_1.csv.gz"),
    );
    expect(result?.method).toBe("states");
    expect(result?.compared).toBeGreaterThan(23_400);
    expect((result?.reproduced ?? 0) / (result?.compared ?? 1)).toBeGreaterThanOrEqual(0.999);
    expect(result?.priority.atBestPrice).toBe(4067);
    expect((result?.priority.atHead ?? 0) / 4067).toBeGreaterThanOrEqual(0.994);
  });

  testWithData(
    "the hour as client requests trades what was traded, and every cancel finds its order",
    () => {
      const { commands } = lobsterToOrderFlow(textOf(hourOfApple));
      const engine = new MatchingEngine({ symbolCount: 1 });
      let wanted = 0;
      let unmatched = 0;
      for (let at = 0; at < commands.count; at++) {
        const id = commands.orderId[at] ?? 0;
        const side = commands.side[at] as Side;
        const price = commands.price[at] ?? 0;
        const quantity = commands.quantity[at] ?? 0;
        const kind = commands.kind[at];
        if (kind === FlowKind.limit) {
          engine.place(0, id, side, OrderType.limit, TimeInForce.gtc, price, quantity);
        } else if (kind === FlowKind.immediate) {
          engine.place(0, id, side, OrderType.limit, TimeInForce.ioc, price, quantity);
          wanted++;
        } else if (kind === FlowKind.reduce) engine.amend(0, id, price, quantity);
        else engine.cancel(0, id);
        const last = engine.events.count - 1;
        if ((engine.events.reason(last) ?? 0) > 0 && kind !== FlowKind.cancel) unmatched++;
        if (kind === FlowKind.cancel && !engine.isUsed(id)) unmatched++;
      }
      expect(wanted).toBeGreaterThan(3000);
      expect(unmatched).toBeLessThanOrEqual(4);
      for (let at = 1; at < commands.count; at++) {
        expect((commands.atUs[at] ?? 0) >= (commands.atUs[at - 1] ?? 0)).toBe(true);
      }
    },
  );

  testWithData.each([
    [
      "flow_normal_s7_25k",
      1587,
      99,
      "9d5365ada21fb77ceddc93eb04225f9e9c9297cdec579bc3c0fdb516ce720338",
    ],
    [
      "flow_swing-25_s7_25k",
      1610,
      82,
      "80667eb6456ea59e38312f94991d688d417a2bd6829cbee21e338c3b89a194f8",
    ],
  ])("%s gives the published report stream", (name, trades, open, sha256) => {
    const { result } = replayFlow(textOf(`${name}.csv.gz`));
    expect(result).toMatchObject({
      messageCount: 50_056,
      tradeCount: trades,
      openOrderCount: open,
    });
    const hash = createHash("sha256");
    for (const chunk of result?.reportChunks ?? []) hash.update(chunk);
    expect(hash.digest("hex")).toBe(sha256);
  });

  // The one that is not: a buyer's budget, which no line tells, cut the last fill of his order.
  testWithData("the Bitstamp log's trades but one are reproduced in price and amount", () => {
    const { result } = replayBitstamp(textOf("bitstamp_btcusd_2015-05-01_part1.log.gz"));
    expect(result?.exchangeTradeCount).toBe(337);
    expect(result?.reproducedCount).toBe(336);
    expect(result?.engineTradeCount).toBe(337);
  });
});
