/** One law of detection under the names and units of several exports, and failovers as RDS tells of them. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fitFailoverFile } from "./fit-failover-file.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-failover-"));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Grace, interval, count and delay in ms, and what they make with a constant of 500 ms. */
const rows = [30_000, 15_000, 6000].flatMap((grace) =>
  [1000, 5000].flatMap((interval) =>
    [3, 5].flatMap((count) =>
      [5000, 10_000].map((delay, i) => ({
        grace,
        interval,
        count,
        delay,
        detection: Math.max(grace - delay, 0) + interval * count + 500 + (i === 0 ? 3 : -3),
      })),
    ),
  ),
);

function table(header: string, cells: (row: (typeof rows)[number]) => readonly number[]): string {
  return `${header}\n${rows.map((row) => cells(row).join(",")).join("\n")}\n`;
}

test.each([
  [
    "milliseconds.csv",
    table("grace_ms,interval_ms,count,delay_ms,detection_ms", (each) => Object.values(each)),
  ],
  ["unsaid.csv", table("grace,interval,count,delay,detection", (each) => Object.values(each))],
  [
    "seconds.csv",
    table("grace_s,interval_s,count,delay_s,detection_s", (each) =>
      [each.grace, each.interval, each.count * 1000, each.delay, each.detection].map(
        (value) => value / 1000,
      ),
    ),
  ],
  [
    "mixed.csv",
    table("grace_ms,interval_s,count,delay_s,detection_time_ms", (each) => [
      each.grace,
      each.interval / 1000,
      each.count,
      each.delay / 1000,
      each.detection,
    ]),
  ],
])("the constant of the law is found in %s, over settings of two rows each", async (name, text) => {
  const { estimates, verdict } = await fitFailoverFile(file(name, text));
  expect(Object.keys(estimates)).toEqual([
    "constant (count 3, several settings)",
    "constant (count 5, several settings)",
  ]);
  for (const estimate of Object.values(estimates)) {
    expect(estimate.state).toBe("identified");
    expect(estimate.value).toBeCloseTo(500, 6);
  }
  expect(verdict.usableFor).toHaveLength(2);
});

test("settings without what was measured are no durations", async () => {
  const text = table("grace_s,interval_s,delay_s", ({ grace, interval, delay }) =>
    [grace, interval, delay].map((value) => value / 1000),
  );
  await expect(fitFailoverFile(file("settings.csv", text))).rejects.toMatchObject({
    code: "fit.failover-no-times",
  });
});

function event(second: number, Message: string, SourceIdentifier = "ledger") {
  return { SourceIdentifier, Message, Date: new Date(1.77e12 + second * 1000).toISOString() };
}

test("failovers are read off the events of RDS, each cluster by itself and in any order", async () => {
  const Events = [
    event(20, "Completed failover to DB instance: books-2", "books"),
    event(0, "Started cross AZ failover to DB instance: ledger-2"),
    event(13, "Completed failover to DB instance: ledger-2"),
    event(5, "Started same AZ failover to DB instance: books-2", "books"),
    event(7, "DB instance restarted"),
    event(90, "Started cross AZ failover to DB instance: ledger-1"),
  ];
  const { details, findings } = await fitFailoverFile(
    file("events.json", JSON.stringify({ Events })),
  );
  expect(details["durationsSeconds"]).toEqual([13, 15]);
  expect(findings[0]?.what).toContain("1 failovers of which only the start or the end is told");
});

test("events without a failover are refused", async () => {
  const Events = [event(7, "DB instance restarted")];
  await expect(
    fitFailoverFile(file("restarts.json", JSON.stringify({ Events }))),
  ).rejects.toMatchObject({ code: "fit.failover-no-events" });
});
