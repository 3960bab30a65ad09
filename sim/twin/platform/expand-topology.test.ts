import { describe, expect, test } from "vitest";
import type { CallSpec } from "../../components/fabric/call-sites.ts";
import { homeRegion, partitionOf } from "../../components/fabric/partition-law.ts";
import { TwinError } from "../../errors/twin-error.ts";
import type { ComponentSpec, Topology } from "../topology-types.ts";
import { isCopyOf } from "./copies.ts";
import { expandTopology } from "./expand-topology.ts";

const regions = [
  { id: "us-east-1", share: 3, zones: [{ id: "us-east-1a" }, { id: "us-east-1b" }] },
  { id: "eu-west-1", share: 1, zones: [{ id: "eu-west-1a" }, { id: "eu-west-1b" }] },
];

function queue(more: Partial<ComponentSpec> = {}): ComponentSpec {
  return { id: "queue", service: "sqs-fifo", zones: ["us-east-1a"], ...more } as ComponentSpec;
}

function topologyOf(
  components: readonly ComponentSpec[],
  call: CallSpec,
  more: Partial<Topology> = {},
): Topology {
  return {
    id: "test",
    title: "Test",
    description: "For tests",
    regions,
    acceptance: "queue",
    components,
    flows: [{ id: "place", requests: ["place"], function: "order-entry", call }],
    actorCalls: [],
    ...more,
  };
}

describe("Expanding a topology", () => {
  test("leaves alone what stands for itself", () => {
    const declared = topologyOf([queue()], { to: "queue", operation: "send" });

    const { components, flows } = expandTopology(declared);

    expect(components).toEqual(declared.components);
    expect(flows).toEqual([{ ...declared.flows[0], region: -1 }]);
  });

  test("makes a component of each partition, and a call choose among them by symbol", () => {
    const { components, flows } = expandTopology(
      topologyOf([queue({ partitions: { count: 3, by: "symbol" } })], {
        to: "queue",
        operation: "send",
        followedBy: [{ to: "queue", operation: "send" }],
      }),
    );

    expect(components.map(({ id }) => id)).toEqual(["queue-1", "queue-2", "queue-3"]);
    const { choose, followedBy } = flows[0]!.call;
    expect(choose).toMatchObject({ by: "symbol", regions: [{ count: 3 }] });
    expect(choose?.among.map(({ to }) => to)).toEqual(["queue-1", "queue-2", "queue-3"]);
    expect(followedBy?.[0]?.choose?.among).toHaveLength(3);
  });

  test("gives the clients of each region a path of their own, through the copies in their region", () => {
    const service = {
      id: "service",
      service: "ecs-fargate",
      zones: ["a", "b"],
      inRegions: ["us-east-1", "eu-west-1"],
      perRegion: { "eu-west-1": { taskCount: 4 } },
      taskCount: 9,
    } as unknown as ComponentSpec;

    const { components, flows } = expandTopology(topologyOf([service], { to: "service" }));

    expect(components).toMatchObject([
      { id: "service-us-east-1", zones: ["us-east-1a", "us-east-1b"], taskCount: 9 },
      { id: "service-eu-west-1", zones: ["eu-west-1a", "eu-west-1b"], taskCount: 4 },
    ]);
    expect(flows.map(({ id, region, call }) => [id, region, call.to])).toEqual([
      ["place-us-east-1", 0, "service-us-east-1"],
      ["place-eu-west-1", 1, "service-eu-west-1"],
    ]);
  });

  test("sends a request to the home of its symbol, wherever its client is", () => {
    const { flows } = expandTopology(
      topologyOf(
        [
          queue({
            zones: ["a"],
            inRegions: ["us-east-1", "eu-west-1"],
            partitions: { count: 2, by: "symbol" },
            perRegion: { "eu-west-1": { partitionCount: 1 } },
          } as Partial<ComponentSpec>),
        ],
        { to: "queue", operation: "send" },
      ),
    );

    for (const flow of flows) {
      expect(flow.call.choose).toMatchObject({
        by: "symbol",
        regions: [
          { share: 3, count: 2 },
          { share: 1, count: 1 },
        ],
      });
      expect(flow.call.choose?.among.map(({ to }) => to)).toEqual([
        "queue-us-east-1-1",
        "queue-us-east-1-2",
        "queue-eu-west-1-1",
      ]);
    }
  });

  test("lets the parts of one partition talk to each other", () => {
    const partitions = { count: 2, by: "symbol" as const };
    const matching = {
      id: "matching",
      service: "matching-service",
      queue: "queue",
      partitions,
    } as unknown as ComponentSpec;
    const { components, actorCalls } = expandTopology(
      topologyOf(
        [queue({ partitions }), matching],
        { to: "queue", operation: "send" },
        {
          actorCalls: [
            { component: "matching", calls: { receive: { to: "queue", operation: "receive" } } },
          ],
        },
      ),
    );

    expect(components[3]).toMatchObject({ id: "matching-2", queue: "queue-2" });
    expect(actorCalls).toEqual([
      { component: "matching-1", calls: { receive: { to: "queue-1", operation: "receive" } } },
      { component: "matching-2", calls: { receive: { to: "queue-2", operation: "receive" } } },
    ]);
  });

  test("lets each partition begin with another zone", () => {
    const zones = ["us-east-1a", "us-east-1b"];
    const { components } = expandTopology(
      topologyOf([queue({ zones, partitions: { count: 3, by: "symbol" } } as never)], {
        to: "queue",
        operation: "send",
      }),
    );

    expect(components.map((each) => (each as unknown as { zones: string[] }).zones[0])).toEqual([
      "us-east-1a",
      "us-east-1b",
      "us-east-1a",
    ]);
  });

  test("repeats an alarm for each copy of what it watches", () => {
    const cloudwatch = {
      id: "metrics",
      service: "cloudwatch",
      alarms: [{ id: "deep", component: "queue", metric: "Depth" }],
    } as unknown as ComponentSpec;
    const { components } = expandTopology(
      topologyOf([queue({ partitions: { count: 2, by: "symbol" } }), cloudwatch], {
        to: "queue",
        operation: "send",
      }),
    );

    expect(components[2]).toMatchObject({
      alarms: [
        { id: "deep-1", component: "queue-1" },
        { id: "deep-2", component: "queue-2" },
      ],
    });
  });

  test("gives the scaling of each region policies for the service, and alarms on the queue, of that region", () => {
    const inRegions = ["us-east-1", "eu-west-1"];
    const service = {
      id: "service",
      service: "ecs-fargate",
      zones: ["a"],
      inRegions,
      taskCount: 2,
    } as unknown as ComponentSpec;
    const scaling = {
      id: "scaling",
      service: "application-auto-scaling",
      inRegions,
      targets: ["service"],
      cloudwatch: "metrics",
      predictive: [{ target: "service", historyVcpus: [1, 2] }],
      scheduled: [{ id: "open", target: "service", atSeconds: 5 }],
      steps: [
        {
          target: "service",
          alarm: { id: "deep", component: "queue", metric: "Depth" },
          adjustments: [{ from: 0, addTasks: 1 }],
        },
      ],
    } as unknown as ComponentSpec;
    const { components } = expandTopology(
      topologyOf(
        [
          queue({ zones: ["a"], inRegions } as Partial<ComponentSpec>),
          service,
          { id: "metrics", service: "cloudwatch", inRegions, alarms: [] } as ComponentSpec,
          scaling,
        ],
        { to: "queue", operation: "send" },
      ),
    );

    for (const region of inRegions) {
      expect(components.find(({ id }) => id === `scaling-${region}`)).toMatchObject({
        targets: [`service-${region}`],
        predictive: [{ target: `service-${region}`, historyVcpus: [1, 2] }],
        scheduled: [{ id: "open", target: `service-${region}` }],
        steps: [
          {
            target: `service-${region}`,
            alarm: { id: "deep", component: `queue-${region}` },
            adjustments: [{ from: 0, addTasks: 1 }],
          },
        ],
      });
    }
  });

  test("refuses a name that could mean several copies, and says what to do", () => {
    const matching = {
      id: "matching",
      service: "matching-service",
      queue: "queue",
    } as unknown as ComponentSpec;
    const expand = () =>
      expandTopology(
        topologyOf([queue({ partitions: { count: 2, by: "symbol" } }), matching], {
          to: "queue",
          operation: "send",
        }),
      );

    expect(expand).toThrow(TwinError);
    expect(expand).toThrow(/"matching" names "queue" as its queue, of which 2 copies/);
  });
});

describe("The law of partitions", () => {
  test("spreads keys over regions in proportion, and evenly within each", () => {
    const layout = [
      { share: 3, count: 2 },
      { share: 1, count: 1 },
    ];
    const counts = [0, 0, 0];
    for (let key = 0; key < 40_000; key += 1) counts[partitionOf("symbol", key, layout)]! += 1;

    // Standard deviation of each is below 100.
    expect(Math.abs(counts[0]! - 15_000)).toBeLessThan(500);
    expect(Math.abs(counts[1]! - 15_000)).toBeLessThan(500);
    expect(Math.abs(counts[2]! - 10_000)).toBeLessThan(500);
  });

  test("keeps a key's region the same for components with other numbers of copies", () => {
    for (let key = 0; key < 1_000; key += 1) {
      const home = homeRegion("user", key, [2, 1]);
      const copy = partitionOf("user", key, [
        { share: 2, count: 4 },
        { share: 1, count: 3 },
      ]);
      expect(copy < 4 ? 0 : 1).toBe(home);
    }
  });
});

test("a component's copies are known by its name, and those of its standby by the standby's", () => {
  const alike = ["m-us-1", "m-us-2", "m-us", "m-us-1-standby", "m-us-x", "m-us-standby"];
  const copies = (component: string) => alike.filter((id) => isCopyOf(id, component));
  expect(copies("m-us")).toEqual(["m-us-1", "m-us-2", "m-us"]);
  expect(copies("m-us-standby")).toEqual(["m-us-1-standby", "m-us-standby"]);
});
