/** What the page hears of a run in its worker, and when. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeRecording } from "../../../sim/twin/recording/recording-file.ts";
import { runLive } from "./live-runs.ts";

test("a run is answered only when its listener has heard that it ended", async () => {
  const demonstration = gunzipSync(readFileSync("ui/public/demonstration.stormrec"));
  const { scenario: shipped, topology } = decodeRecording(demonstration).head;
  const { ratePerSecond: _, ...workload } = shipped.workload;
  const scenario = {
    ...shipped,
    workload: { ...workload, ratePerSecond: 10 },
    warmUpSeconds: 1,
    durationSeconds: 12,
    faults: [],
    objectives: [],
  };
  const heard: string[] = [];
  const isDone = await runLive(
    { kind: "shipped", id: scenario.id, scenario, topology, seed: "1" },
    {
      began: () => heard.push("began"),
      explained: () => {},
      advanced: () => {},
      ended: async ({ digest }) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        heard.push(digest);
      },
    },
  );
  heard.push(isDone ? "answered" : "not finished");
  expect(heard).toEqual(["began", expect.stringMatching(/^[0-9a-f]{16}$/), "answered"]);
});
