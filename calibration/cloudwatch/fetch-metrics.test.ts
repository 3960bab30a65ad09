import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireValid, validateTopologyText } from "../../scenarios/validate-text.ts";
import { importSeries } from "../importers/import-series.ts";
import { fetchMetrics } from "./fetch-metrics.ts";
import { loadSdk } from "./sdk.ts";

/** CloudWatch as far as it is asked: lists in two pages, throttles the third call, gives data in two pages. */
const startMs = Date.UTC(2026, 2, 2, 14, 30);
const points = 40;
let server: Server;
let endpoint: string;
let calls: { target: string; input: Record<string, unknown> }[] = [];
let behaviour: "well" | "partial" | "forbidden" | "stranger" = "well";

const dimension = (name: string, value: string) => ({ Name: name, Value: value });
const metrics: Readonly<Record<string, readonly object[]>> = {
  Count: [
    {
      Namespace: "AWS/ApiGateway",
      MetricName: "Count",
      Dimensions: [dimension("ApiName", "api"), dimension("Stage", "prod")],
    },
    { Namespace: "AWS/ApiGateway", MetricName: "Count", Dimensions: [dimension("ApiName", "api")] },
    {
      Namespace: "AWS/ApiGateway",
      MetricName: "Count",
      Dimensions: [dimension("ApiName", "another")],
    },
  ],
  CPUUtilization: [
    {
      Namespace: "AWS/ECS",
      MetricName: "CPUUtilization",
      Dimensions: [dimension("ServiceName", "order-service")],
    },
  ],
};

function answer(target: string, input: Record<string, unknown>): { status: number; body: object } {
  if (behaviour === "forbidden")
    return { status: 403, body: { __type: "AccessDeniedException", message: "not authorized" } };
  if (calls.length === 3)
    return {
      status: 400,
      body: { __type: "com.amazonaws#ThrottlingException", message: "Rate exceeded" },
    };
  if (target === "ListMetrics") {
    const all = behaviour === "stranger" ? [] : (metrics[String(input["MetricName"])] ?? []);
    if (all.length < 2) return { status: 200, body: { Metrics: all } };
    return input["NextToken"] === undefined
      ? { status: 200, body: { Metrics: all.slice(0, 1), NextToken: "more" } }
      : { status: 200, body: { Metrics: all.slice(1) } };
  }
  const isFirst = input["NextToken"] === undefined;
  const rows = Array.from({ length: points }, (_, i) => i).filter(
    (i) => i < points / 2 === isFirst,
  );
  const results = (input["MetricDataQueries"] as { Id: string }[]).map(({ Id }) => ({
    Id,
    Label: Id,
    Timestamps: rows.map((i) => startMs / 1000 + 60 * i),
    Values: rows.map((i) => 100 + i),
    StatusCode: isFirst || behaviour === "partial" ? "PartialData" : "Complete",
  }));
  return {
    status: 200,
    body: { MetricDataResults: results, ...(isFirst ? { NextToken: "rest" } : {}) },
  };
}

beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const target = String(request.headers["x-amz-target"]).split(".").at(-1)!;
      const input = JSON.parse(Buffer.concat(pieces).toString() || "{}") as Record<string, unknown>;
      calls.push({ target, input });
      const { status, body } = answer(target, input);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const file = join(import.meta.dirname, "../../scenarios/topologies/current.yaml");
const topology = requireValid(validateTopologyText(readFileSync(file, "utf8"), file), file);

async function fetchAs(how: typeof behaviour): Promise<string> {
  calls = [];
  behaviour = how;
  return fetchMetrics(await loadSdk(), {
    topology,
    region: "eu-west-1",
    endpoint,
    fromMs: startMs,
    toMs: startMs + points * 60_000,
    periodSeconds: 60,
  });
}

async function imported(text: string) {
  const path = join(mkdtempSync(join(tmpdir(), "stormbell-live-")), "live.json");
  writeFileSync(path, text);
  return importSeries(path, [], JSON.parse(text));
}

test("pages are joined, a throttled call is made again, and of metrics alike the plainest is taken", async () => {
  const { series } = await imported(await fetchAs("well"));
  expect(series.map(({ metric, component, stat }) => `${metric} ${stat} ${component}`)).toEqual([
    "Count Sum ApiName=api",
    "CPUUtilization Average ServiceName=order-service",
  ]);
  expect([...series[0]!.values]).toEqual(Array.from({ length: points }, (_, i) => 100 + i));
  expect(series[0]).toMatchObject({ periodSec: 60, gaps: [], duplicates: [] });
  expect(calls.filter(({ target }) => target === "GetMetricData")).toHaveLength(2);
  expect(calls[2]!.input).toEqual(calls[3]!.input);
});

test("data that stays partial is fetched but not fitted", async () => {
  await expect(imported(await fetchAs("partial"))).rejects.toMatchObject({
    code: "import.incomplete",
    problem: expect.stringContaining("PartialData"),
  });
});

test("what CloudWatch refuses, and an account without such metrics, is told with a remedy", async () => {
  await expect(fetchAs("forbidden")).rejects.toMatchObject({
    code: "cloudwatch.refused",
    remedy: expect.stringContaining("cloudwatch:GetMetricData"),
  });
  await expect(fetchAs("stranger")).rejects.toMatchObject({
    code: "cloudwatch.nothing-found",
    remedy: expect.stringContaining("order-service"),
  });
});

test("without the SDK the message says what to install, and the way without it", async () => {
  const missing = () => Promise.reject(new Error("Cannot find package"));
  await expect(loadSdk(missing)).rejects.toMatchObject({
    code: "cloudwatch.sdk-missing",
    remedy: expect.stringMatching(/npm install @aws-sdk\/client-cloudwatch.*--metrics/),
  });
});
