import { expect, test } from "vitest";
import { parseTable } from "../tables/read-table.ts";
import { durationsOf } from "./failover-durations.ts";

test.each([
  ["a column with its unit", "run,duration_s\n1,13\n2,11\n3,16"],
  ["milliseconds", "Failover,Time to recover (ms)\n1,13000\n2,11000\n3,16000"],
  ["numbers of runs under a likely name", "Failover no,Recovery time s\n1,13\n2,11\n3,16"],
  ["no unit", "failover,downtime\n1,13\n2,11\n3,16"],
  ["a name in another language, with a unit", "lauf;dauer_s\n1;13\n2;11\n3;16"],
  [
    "times of day over midnight",
    "run,start,end\n1,2:20:40,2:20:53\n2,23:59:55,0:00:06\n3,1:00:00,1:00:16",
  ],
  [
    "dates",
    "n,failed_at,recovered_at\n1,2026-03-02T02:20:40Z,2026-03-02T02:20:53Z\n2,2026-03-02T23:59:55Z,2026-03-03T00:00:06Z\n3,2026-03-04T01:00:00Z,2026-03-04T01:00:16Z",
  ],
  [
    "Unix stamps",
    "n,down_at,up_at\n1,1772418040,1772418053\n2,1772418160,1772418171\n3,1772419000,1772419016",
  ],
  [
    "Unix stamps under likely names",
    "n,failover_start,failover_end\n1,1772418040000,1772418053000\n2,1772418160000,1772418171000\n3,1772419000000,1772419016000",
  ],
])("durations of failovers are found in %s", (_, text) => {
  expect(durationsOf(parseTable(`${text}\n`, "failovers.csv"))).toEqual([13, 11, 16]);
});

test("a file without durations is refused with the columns it has", () => {
  expect(() => durationsOf(parseTable("run,colour\n1,red\n2,blue\n", "failovers.csv"))).toThrow(
    expect.objectContaining({
      code: "fit.failover-no-times",
      problem: expect.stringContaining("run, colour"),
    }),
  );
});
