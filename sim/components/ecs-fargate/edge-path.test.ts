import { expect, test } from "vitest";
import { createApiGateway } from "../api-gateway/api-gateway.ts";
import { createApplicationAutoScaling } from "../application-auto-scaling/application-auto-scaling.ts";
import { createCloudFront } from "../cloudfront/cloudfront.ts";
import { createCloudWatch } from "../cloudwatch/cloudwatch.ts";
import { outcome } from "../fabric/outcome.ts";
import { TestBed } from "../fabric/test-bed.ts";
import { createLoadBalancer } from "../load-balancer/load-balancer.ts";
import { createRoute53 } from "../route53/route53.ts";
import { createWaf } from "../waf/waf.ts";
import { createEcsFargate } from "./ecs-fargate.ts";

const zones = ["a", "b", "c"];

/** The way in as the strategy has it: name, edge, firewall, API, balancer, tasks; watched and scaled. */
function platform(seed: string): TestBed {
  return new TestBed({
    seed,
    framesMax: 50_000,
    factories: [
      {
        id: "dns",
        create: (fabric, index) =>
          createRoute53(fabric, index, {
            id: "dns",
            service: "route53",
            records: [{ name: "api.example.com", endpoints: ["edge"] }],
          }),
      },
      {
        id: "edge",
        create: (fabric, index) =>
          createCloudFront(fabric, index, { id: "edge", service: "cloudfront" }),
      },
      {
        id: "firewall",
        create: (fabric, index) => createWaf(fabric, index, { id: "firewall", service: "waf" }),
      },
      {
        id: "api",
        create: (fabric, index) =>
          createApiGateway(fabric, index, {
            id: "api",
            service: "api-gateway",
            api: "rest",
            zones,
          }),
      },
      {
        id: "balancer",
        create: (fabric, index) =>
          createLoadBalancer(fabric, index, {
            id: "balancer",
            service: "load-balancer",
            zones,
            targets: ["orders"],
          }),
      },
      {
        id: "orders",
        create: (fabric, index) =>
          createEcsFargate(fabric, index, {
            id: "orders",
            service: "ecs-fargate",
            zones,
            taskCount: 10,
            vcpu: 2,
            memoryGb: 4,
            threadsMax: 200,
            balancer: "balancer",
            operations: [{ name: "place", cpuMs: { median: 20 } }],
            scaling: { targetCpuPercent: 70, taskCountMin: 10, taskCountMax: 40 },
          }),
      },
      {
        id: "watch",
        create: (fabric, index) =>
          createCloudWatch(fabric, index, {
            id: "watch",
            service: "cloudwatch",
            alarms: [
              {
                id: "api-4xx",
                component: "api",
                metric: "4XXError",
                comparison: ">",
                threshold: 5,
                periods: 1,
              },
              {
                id: "api-latency",
                component: "api",
                metric: "Latency",
                comparison: ">",
                threshold: 80,
                periods: 1,
              },
            ],
          }),
      },
      {
        id: "scaler",
        create: (fabric, index) =>
          createApplicationAutoScaling(fabric, index, {
            id: "scaler",
            service: "application-auto-scaling",
            targets: ["orders"],
            cloudwatch: "watch",
          }),
      },
    ],
    flows: [
      {
        name: "place",
        call: {
          to: "dns",
          operation: "resolve",
          timeoutMs: 10_000,
          calls: [
            {
              to: "edge",
              timeoutMs: 9000,
              calls: [
                { to: "firewall", timeoutMs: 1000 },
                {
                  to: "api",
                  timeoutMs: 5000,
                  calls: [
                    {
                      to: "balancer",
                      timeoutMs: 4000,
                      calls: [{ to: "orders", operation: "place", timeoutMs: 3000 }],
                    },
                  ],
                },
              ],
            },
          ],
        },
      },
    ],
  });
}

/** Sends 100 requests a second, of 5,000 users, for some seconds; ends when all have been answered. */
function drive(bed: TestBed, seconds: number): { okShare: number } {
  const before = bed.answers.length;
  for (let each = 0; each < seconds * 100; each += 1) {
    bed.send("place", bed.request({ user: each % 5000 }));
    bed.runSeconds(0.01);
  }
  bed.runSeconds(11);
  const answers = bed.answers.slice(before);
  expect(answers.length).toBe(seconds * 100);
  const good = answers.filter((answer) => answer.result === outcome.ok).length;
  return { okShare: good / answers.length };
}

test("a zone's loss costs requests for about a minute, then none, and the tasks come back in the other zones", () => {
  const bed = platform("path");
  expect(drive(bed, 60).okShare).toBe(1);
  bed.losePower("b");
  const during = drive(bed, 30).okShare;
  expect(during).toBeGreaterThan(0.2);
  expect(during).toBeLessThan(0.75);
  bed.runSeconds(80);
  expect(drive(bed, 30).okShare).toBe(1);
  bed.runSeconds(300);
  const running = bed.fabric
    .component("orders")
    .channels()
    .find((each) => each.name === "tasks-up")!;
  expect(running.read()).toBe(10);
  bed.restorePower("b");
  bed.runSeconds(60);
  expect(drive(bed, 30).okShare).toBe(1);
});

test("the requests that a zone's loss takes along raise the alarm on latency some minutes later", () => {
  const bed = platform("alarm");
  drive(bed, 300);
  bed.losePower("b");
  drive(bed, 60);
  bed.runSeconds(240);
  const [raised] = bed.events("cloudwatch.alarm-raised");
  expect(raised!.value).toBeGreaterThan(80);
});

test("equal seeds run alike to the last event, and a run goes on from its snapshot in another assembly", () => {
  const run = (seed: string, fromSnapshot: boolean) => {
    let bed = platform(seed);
    drive(bed, 10);
    bed.isolate("c", true);
    drive(bed, 20);
    if (fromSnapshot) {
      const snapshot = bed.kernel.snapshot();
      bed = platform(seed);
      bed.kernel.restore(snapshot, { random: "same" });
    }
    bed.runSeconds(60);
    bed.isolate("c", false);
    drive(bed, 20);
    bed.runSeconds(600);
    return bed.kernel.digest();
  };
  const digest = run("one", false);
  expect(run("one", false)).toBe(digest);
  expect(run("one", true)).toBe(digest);
  expect(run("two", false)).not.toBe(digest);
});

test("every component lists its numbers, each with a fact or a reason", () => {
  const bed = platform("parameters");
  for (const component of bed.fabric.components) {
    const parameters = Object.entries(component.parameters());
    expect(parameters.length, component.id).toBeGreaterThan(0);
    for (const [name, parameter] of parameters) {
      const isExplained = parameter.origin === "fact" || (parameter.why ?? "").length > 20;
      expect(isExplained, `${component.id}.${name}`).toBe(true);
    }
    expect(component.channels().length).toBeLessThanOrEqual(10);
    for (const channel of component.channels()) {
      expect(Number.isFinite(channel.read()), `${component.id} ${channel.name}`).toBe(true);
    }
  }
});
