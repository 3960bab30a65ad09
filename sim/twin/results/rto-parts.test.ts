import { expect, test } from "vitest";
import type { EventStage, LogEntry } from "../../components/fabric/event-log.ts";
import { none } from "../../kernel/none.ts";
import { breakDown, causesOf } from "./rto-parts.ts";

/** A log from `[second, stage, kind, cause, component]`; the cause is the place in the list. */
function logOf(
  rows: readonly (readonly [number, EventStage, string, number?, number?])[],
): LogEntry[] {
  return rows.map(([second, stage, kind, causeSeq, component], seq) => ({
    seq,
    atUs: second * 1_000_000,
    kind,
    stage,
    component: component ?? (stage === "fault" ? none : 0),
    instance: none,
    zone: none,
    causeSeq: causeSeq ?? none,
    value: 0,
  }));
}

const outage = { beganUs: 101_000_000, endedUs: 160_000_000 };
const ofFunction = (entry: LogEntry) => entry.component === 0;

function sum(parts: object): number {
  return Object.values(parts).reduce((total: number, part: number) => total + part, 0);
}

test("an outage is split along the chain that ended it, and what is left is draining", () => {
  const log = logOf([
    [100, "fault", "power-lost"],
    [110, "detect", "noticed", 0],
    [112, "decide", "launched", 1],
    [140, "act", "running", 2],
    [145, "recover", "healthy", 3],
  ]);
  const { parts, chain } = breakDown(outage, log, ofFunction);
  expect(parts).toEqual({ detect: 9, decide: 2, act: 28, recover: 5, drain: 15 });
  expect(chain).toEqual([0, 1, 2, 3, 4]);
  expect(sum(parts)).toBe(59);
});

test("the time before a repeated stage counts for that stage each time", () => {
  const log = logOf([
    [100, "fault", "power-lost"],
    [105, "detect", "noticed", 0],
    [106, "decide", "launched", 1],
    [130, "detect", "that one failed too", 2],
    [131, "decide", "launched again", 3],
    [150, "recover", "healthy", 4],
  ]);
  const { parts } = breakDown(outage, log, ofFunction);
  expect(parts).toEqual({ detect: 4 + 24, decide: 1 + 1, act: 0, recover: 19, drain: 10 });
});

test("a chain that got further counts before a later one that did not, and events of other functions don't count", () => {
  const log = logOf([
    [100, "fault", "power-lost"],
    [110, "detect", "noticed", 0],
    [120, "recover", "healthy", 1],
    [150, "detect", "something else noticed", 0],
    [155, "recover", "another function's", 0, 7],
  ]);
  expect(breakDown(outage, log, ofFunction).chain).toEqual([0, 1, 2]);
});

test("a recovery that was worked for counts before a later one that came by itself", () => {
  const log = logOf([
    [100, "fault", "power-lost"],
    [110, "detect", "noticed", 0],
    [111, "decide", "replaced", 1],
    [140, "recover", "books recovered", 2],
    [150, "recover", "some host is back", 0],
  ]);
  expect(breakDown(outage, log, ofFunction).chain).toEqual([0, 1, 2, 3]);
});

test("a chain that ended before the outage began does not explain it when another falls into it", () => {
  const log = logOf([
    [10, "fault", "an earlier fault"],
    [20, "recover", "healed", 0],
    [100, "fault", "power-lost"],
    [110, "detect", "noticed", 2],
  ]);
  const { parts, chain } = breakDown(outage, log, ofFunction);
  expect(chain).toEqual([2, 3]);
  expect(parts).toEqual({ detect: 9, decide: 0, act: 0, recover: 0, drain: 50 });
});

test("events without a fault behind them and events after the end explain nothing", () => {
  const log = logOf([
    [100, "fault", "power-lost"],
    [120, "recover", "periodic work", none],
    [161, "recover", "too late", 0],
  ]);
  const { parts, chain } = breakDown(outage, log, ofFunction);
  expect(chain).toEqual([]);
  expect(parts).toEqual({ detect: 0, decide: 0, act: 0, recover: 0, drain: 59 });
});

test("a fault that nobody notices and that passes by itself is all detection, then draining", () => {
  const log = logOf([
    [100, "fault", "link degraded"],
    [150, "fault", "link clear", 0],
  ]);
  const { parts, chain } = breakDown(outage, log, ofFunction);
  expect(chain).toEqual([0, 1]);
  expect(parts).toEqual({ detect: 49, decide: 0, act: 0, recover: 0, drain: 10 });
});

test("a fault of the function's own that outlasts what was mended is what the outage waited for", () => {
  const log = logOf([
    [100, "fault", "instance.failed-by-crash"],
    [105, "fault", "quota.cut", none, 0],
    [110, "detect", "noticed", 0],
    [120, "recover", "books recovered", 2],
    [150, "fault", "quota.restored", 1, 0],
  ]);
  const { parts, chain } = breakDown(outage, log, ofFunction);
  expect(chain).toEqual([1, 4]);
  expect(parts).toEqual({ detect: 49, decide: 0, act: 0, recover: 0, drain: 10 });
});

test("a chain that ended just before the function was back explains it, whatever passed in between", () => {
  const log = logOf([
    [100, "fault", "instance.failed-by-crash"],
    [105, "fault", "quota.cut", none, 0],
    [110, "detect", "noticed", 0],
    [148, "recover", "market continuous", 2],
    [150, "fault", "quota.restored", 1, 0],
  ]);
  expect(breakDown(outage, log, ofFunction).chain).toEqual([0, 2, 3]);
});

test("neither the end of blindness, nor that of another function's fault, nor a further instance lost ends an outage", () => {
  const log = logOf([
    [100, "fault", "names.not-answered", none, 0],
    [100, "fault", "observability.lost"],
    [110, "fault", "quota.cut", none, 7],
    [150, "fault", "names.answered-again", 0, 0],
    [150, "fault", "observability.back", 1],
    [151, "fault", "quota.restored", 2, 7],
    [152, "fault", "instance.failed-by-power", 1, 0],
  ]);
  expect(breakDown(outage, log, ofFunction).chain).toEqual([0, 3]);
});

test("a function that another one's fault starved was out until that fault passed", () => {
  const log = logOf([
    [100, "fault", "names.not-answered", none, 7],
    [100, "fault", "observability.lost"],
    [150, "fault", "names.answered-again", 0, 7],
    [150, "fault", "observability.back", 1],
  ]);
  expect(breakDown(outage, log, ofFunction).chain).toEqual([0, 2]);
});

test("who is out for minutes after a chain has ended was waiting for what came back later, not draining", () => {
  const long = { beganUs: 101_000_000, endedUs: 600_000_000 };
  const log = logOf([
    [100, "fault", "power-lost"],
    [110, "detect", "noticed", 0],
    [112, "decide", "launched", 1],
    [150, "recover", "healthy", 2],
    [200, "fault", "power-restored", 0],
    [590, "recover", "broker in sync", 4],
    [595, "detect", "another noticed", 0],
  ]);
  const { parts, chain } = breakDown(long, log, ofFunction);
  expect(chain).toEqual([0, 4, 5]);
  expect(parts.drain).toBe(10);
});

test("waiting for power to return counts for the stage that it makes possible", () => {
  const log = logOf([
    [100, "fault", "power-lost"],
    [150, "fault", "power-restored", 0],
    [155, "recover", "host back", 1],
  ]);
  expect(breakDown(outage, log, ofFunction).parts).toEqual({
    detect: 0,
    decide: 0,
    act: 0,
    recover: 54,
    drain: 5,
  });
});

test("causes are followed from the first to the last, whatever lies between them in the log", () => {
  const log = logOf([
    [1, "fault", "a"],
    [2, "fault", "b"],
    [3, "detect", "of a", 0],
    [4, "detect", "of b", 1],
    [5, "act", "of a", 2],
  ]);
  expect(causesOf(log[4]!, log).map(({ kind }) => kind)).toEqual(["a", "of a", "of a"]);
  expect(causesOf(log[4]!, log).map(({ seq }) => seq)).toEqual([0, 2, 4]);
});
