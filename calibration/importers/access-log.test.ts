import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Finding } from "../fit-report.ts";
import { fitServiceFile } from "../fits/fit-service-file.ts";
import { readAccessLogCounts } from "./access-log.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-access-log-"));
const startMs = Date.UTC(2026, 2, 2, 14, 30);

function line(
  atMs: number,
  targetSeconds: string,
  tail = ' "forward" "-" "-" "10.0.3.17:8080" "201" "-" "-" TID_1 more fields',
): string {
  const stamp = (ms: number) => new Date(ms).toISOString().replace("Z", "000Z");
  return `https ${stamp(atMs + 200)} app/orders/1 203.0.113.7:51022 10.0.3.17:8080 0.001 ${targetSeconds} 0.000 201 201 812 344 "POST https://orders.example:443/v1/order?q=a\\x22b HTTP/2.0" "desk 4.2" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:x "Root=1-1" "orders.example" "session-reused" 0 ${stamp(atMs)}${tail}`;
}

test("requests are counted by the second in which they came, in any order, and damaged lines are told", async () => {
  const path = join(folder, "log.gz");
  const lines = [
    line(startMs + 2500, "0.010"),
    line(startMs, "0.020"),
    "https 2026-03-02T14:30",
    line(startMs + 2100, "-1", ""),
  ];
  writeFileSync(path, gzipSync(lines.join("\n")));
  const findings: Finding[] = [];
  const counts = await readAccessLogCounts(path, 1, findings);
  expect([...counts.values]).toEqual([1, 0, 2]);
  expect(counts.startMs).toBe(startMs);
  expect(findings).toEqual([
    { severity: "rejected", what: "1 lines are no requests of an access log", at: `${path}:3` },
  ]);
});

test("a request that no target served has no service time", async () => {
  const path = join(folder, "served.log");
  const lines = Array.from({ length: 60 }, (_, i) =>
    line(startMs + i * 1000, i % 6 === 0 ? "-1" : (0.01 + (i % 7) / 1000).toFixed(3)),
  );
  writeFileSync(path, lines.join("\n"));
  const { details, findings } = await fitServiceFile({
    file: path,
    holdout: 0.3,
    seed: "1",
    rounding: "nearest",
  });
  expect(details).toMatchObject({ n: 50, unit: "s", rounding: 0.001 });
  expect(findings[0]).toMatchObject({
    severity: "rejected",
    what: expect.stringContaining("10 requests that no target served"),
  });
});
