import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Stream } from "../../sim/kernel/random/stream.ts";
import { fitMixFile } from "./fit-mix-file.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-mix-"));

/** An access log of an hour with these requests, each with its share. */
function log(name: string, shares: readonly (readonly [string, number])[]): string {
  const draw = new Stream(name, "mix");
  const lines = Array.from({ length: 6000 }, (_, i) => {
    let left = draw.uniform();
    const [request] = shares.find(([, share]) => {
      left -= share;
      return left < 0;
    })!;
    const at = new Date(Date.UTC(2026, 2, 2, 14) + i * 600).toISOString();
    return `https ${at} app/orders/0123 203.0.113.7:51022 10.0.3.17:8080 0.001 0.018 0.000 200 200 812 344 "${request.replace(" ", " https://orders.example:443").replace("#", String(1000 + i))} HTTP/2.0" "desk/4.2" - - arn "Root=1" "orders.example" "-" 0 ${at} "forward"`;
  });
  const file = join(folder, `${name}.log`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

test("paths and methods tell the kinds, and the intervals hold their shares", async () => {
  const file = log("plain", [
    ["POST /v1/orders", 0.5],
    ["DELETE /v1/orders/#", 0.1],
    ["GET /v1/orders/#?full=1", 0.15],
    ["GET /v1/book/EURUSD", 0.2],
    ["POST /v1/sessions", 0.05],
  ]);
  const { estimates, findings } = await fitMixFile({ file, seed: "1", named: [] });
  for (const [kind, share] of Object.entries({
    place: 0.5,
    cancel: 0.1,
    "order-status": 0.15,
    "query-book": 0.2,
    "log-in": 0.05,
  })) {
    expect(estimates[kind]?.state, kind).toBe("identified");
    expect(Math.abs(estimates[kind]!.value! - share)).toBeLessThan(0.02);
  }
  expect(findings).toEqual([]);
});

test("paths of no known kind leave the mix open until the mapping says what they are", async () => {
  const file = log("tickets", [
    ["POST /v2/tickets", 0.6],
    ["GET /v1/book/EURUSD", 0.4],
  ]);
  const open = await fitMixFile({ file, seed: "1", named: [] });
  expect(open.estimates["query-book"]?.state).toBe("not-identified");
  expect(open.findings[0]).toMatchObject({ severity: "warning", at: file });
  expect(open.findings[0]?.what).toContain('path: "POST /v2/tickets"');
  const named = [{ path: "POST /v2/tickets", request: "place" as const }];
  const told = await fitMixFile({ file, seed: "1", named });
  expect(told.estimates["place"]?.state).toBe("identified");
  expect(told.estimates["place"]!.value).toBeCloseTo(0.6, 1);
});
