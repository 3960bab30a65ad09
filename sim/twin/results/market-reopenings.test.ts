import { expect, test } from "vitest";
import type { EventStage, LogEntry } from "../../components/fabric/event-log.ts";
import { none } from "../../kernel/none.ts";
import { marketReopenings } from "./market-reopenings.ts";

/** A log from `[second, kind, cause]`; the cause is the place in the list. */
function logOf(rows: readonly (readonly [number, string, number?])[]): LogEntry[] {
  return rows.map(([second, kind, causeSeq], seq) => ({
    seq,
    atUs: second * 1_000_000,
    kind,
    stage: (kind.startsWith("fault") ? "fault" : "recover") as EventStage,
    component: 0,
    instance: none,
    zone: none,
    causeSeq: causeSeq ?? none,
    value: 0,
  }));
}

test("each state's clock counts from the fault that took the engine", () => {
  const log = logOf([
    [100, "fault.power"],
    [150, "fault.unrelated"],
    [220, "matching.books-recovered", 0],
    [221, "matching.market-halted", 2],
    [226, "matching.market-cancel-only", 3],
    [256, "matching.market-auction", 4],
    [286.5, "matching.market-continuous", 5],
  ]);
  expect(marketReopenings(log)).toEqual([
    {
      faultUs: 100_000_000,
      haltedSeconds: 121,
      cancelOnlySeconds: 126,
      auctionSeconds: 156,
      continuousSeconds: 186.5,
    },
  ]);
});

test("states that people lead the market to belong to the owner that recovered the books", () => {
  const log = logOf([
    [100, "fault.region"],
    [200, "runbook.leave.rebuild", 0],
    [210, "matching.books-recovered", 1],
    [211, "matching.market-halted", 2],
    [300, "runbook.leave.cancel-only", 1],
    [300.5, "matching.market-cancel-only", 4],
    [400, "runbook.leave.open", 4],
    [401, "matching.market-continuous", 6],
  ]);
  expect(marketReopenings(log)).toEqual([
    {
      faultUs: 100_000_000,
      haltedSeconds: 111,
      cancelOnlySeconds: 200.5,
      auctionSeconds: null,
      continuousSeconds: 301,
    },
  ]);
});

test("the opening of the market when the run begins is no reopening", () => {
  const log = logOf([
    [0, "matching.books-recovered"],
    [0, "matching.market-continuous", 0],
    [50, "fault.power"],
  ]);
  expect(marketReopenings(log)).toEqual([]);
});

test("a second fault in the middle leaves the first procedure open and begins another", () => {
  const log = logOf([
    [100, "fault.first"],
    [200, "matching.books-recovered", 0],
    [201, "matching.market-halted", 1],
    [203, "fault.second"],
    [300, "matching.books-recovered", 3],
    [301, "matching.market-continuous", 4],
  ]);
  expect(marketReopenings(log)).toEqual([
    {
      faultUs: 100_000_000,
      haltedSeconds: 101,
      cancelOnlySeconds: null,
      auctionSeconds: null,
      continuousSeconds: null,
    },
    {
      faultUs: 203_000_000,
      haltedSeconds: null,
      cancelOnlySeconds: null,
      auctionSeconds: null,
      continuousSeconds: 98,
    },
  ]);
});

test("a market that people halt again once it was open tells nothing of how it came back", () => {
  const log = logOf([
    [100, "fault.region"],
    [210, "matching.books-recovered", 0],
    [211, "matching.market-halted", 1],
    [300, "matching.market-continuous", 1],
    [900, "runbook.failback.halt", 0],
    [901, "matching.market-halted", 4],
  ]);
  expect(marketReopenings(log)).toEqual([
    {
      faultUs: 100_000_000,
      haltedSeconds: 111,
      cancelOnlySeconds: null,
      auctionSeconds: null,
      continuousSeconds: 200,
    },
  ]);
});
