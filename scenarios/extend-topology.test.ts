import { expect, test } from "vitest";
import type { TwinError } from "../sim/errors/twin-error.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { topologyLoading } from "./load-topology.ts";
import { withoutCallee } from "./rewire-calls.ts";
import { sampleTopologyText } from "./sample-texts.ts";

const head = "id: own\ntitle: Own\ndescription: Mine\nextends: small\n";

/** A topology among some files, each extending what it names. */
function load(text: string, others: Readonly<Record<string, string>> = {}): Topology {
  const files: Readonly<Record<string, string>> = {
    small: sampleTopologyText,
    own: text,
    ...others,
  };
  return topologyLoading("test", (name) => ({ text: files[name] ?? "", fileName: `${name}.yaml` }))(
    "own",
  );
}

function told(text: string, others: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    load(text, others);
  } catch (error) {
    return (error as TwinError).mistakes.map(
      ({ at, code, problem }) => `${at} ${code}: ${problem}`,
    );
  }
  return [];
}

const component = (topology: Topology, id: string) =>
  topology.components.find((each) => each.id === id);

test("a variant without changes is the topology that it extends, under its own name", () => {
  const base = load(head);
  expect(base).toEqual({ ...base, id: "own", title: "Own", description: "Mine" });
  expect(base.components).toEqual(load("", { own: sampleTopologyText }).components);
});

test("fields are set as a whole, parameters one by one, and what is left out is gone", () => {
  const topology = load(`${head}changes:
  - { do: set, component: api, fields: { ratePerSecond: 5, burst: 9, parameters: { addedUsP50: 1 } } }
  - { do: set, component: api, fields: { parameters: { addedUsP99: 2 } }, leaveOut: [burst] }
acceptance: journal
network: { clientRttMs: 7 }
`);
  expect(component(topology, "api")).toMatchObject({
    ratePerSecond: 5,
    parameters: { addedUsP50: 1, addedUsP99: 2 },
  });
  expect(component(topology, "api")).not.toHaveProperty("burst");
  expect(topology).toMatchObject({ acceptance: "journal", network: { clientRttMs: 7 } });
});

test("components are added and replaced, and calls led to another", () => {
  const topology = load(`${head}changes:
  - do: add
    spec: { id: door, service: waf }
  - do: replace
    spec: { id: api, service: cloudfront }
  - { do: redirect, from: api, to: door }
`);
  expect(component(topology, "api")?.service).toBe("cloudfront");
  expect(topology.components.at(-1)?.id).toBe("door");
  expect(topology.flows[0]?.call.to).toBe("door");
});

test("a variant may extend a variant", () => {
  const middle = `${head.replaceAll("own", "middle")}changes:
  - { do: set, component: api, fields: { ratePerSecond: 5 } }
`;
  const topology = load(head.replace("extends: small", "extends: middle"), { middle });
  expect(component(topology, "api")).toMatchObject({ ratePerSecond: 5 });
});

test("one that comes back to itself is a mistake, and so is one whose base has mistakes", () => {
  expect(told(head.replace("extends: small", "extends: own"))).toEqual([
    expect.stringContaining("own.yaml:4:10 topology.extends-itself"),
  ]);
  const broken = sampleTopologyText.replace("pollerCount: 4", "pollerCount: 0");
  expect(told(head, { small: broken })).toEqual([
    expect.stringMatching(/^own.yaml:4:10 topology.out-of-range: .*\(small.yaml:31:18\)/),
  ]);
});

test("all mistakes are told at once, each at the line that made it", () => {
  expect(
    told(`${head}changes:
  - { do: set, component: api, fields: { ratePerSecond: 5, brust: 9 } }
  - { do: set, component: ap, fields: { burst: 9 } }
  - { do: set, component: api, fields: { id: door } }
  - { do: set, component: api, leaveOut: [burst] }
  - { do: set, component: api, fields: { zones: [us-east-1z] } }
  - { do: replace, spec: { id: door, service: waf } }
  - { do: redirect, from: api, to: dor }
  - { do: remove, component: matchign }
`),
  ).toEqual([
    'own.yaml:6:60 topology.key-unknown: Unknown key "brust"',
    'own.yaml:7:27 topology.change-of-nothing: There is no component "ap" to change',
    'own.yaml:8:42 topology.change-of-identity: A change of "api" cannot set its id',
    'own.yaml:9:43 topology.change-of-nothing: "api" has no field "burst" to leave out',
    'own.yaml:10:50 topology.zone-unknown: The topology has no zone "us-east-1z"',
    'own.yaml:11:32 topology.change-of-nothing: There is no component "door" to change',
    'own.yaml:12:36 topology.change-of-nothing: There is no component "dor" to change',
    'own.yaml:13:30 topology.change-of-nothing: There is no component "matchign" to change',
  ]);
});

test("names are not judged while a change could not be read", () => {
  expect(
    told(`${head}changes:
  - { do: ad, spec: { id: door, service: waf } }
  - { do: set, component: api, fields: { ratePerSecond: 0 } }
`),
  ).toEqual([
    expect.stringContaining("own.yaml:6:11 topology.value-unknown"),
    expect.stringContaining("own.yaml:7:57 topology.out-of-range"),
  ]);
});

test("what a removed component leaves without a callee is told at its removal", () => {
  expect(told(`${head}changes:\n  - { do: remove, component: journal }\n`)).toEqual([
    'own.yaml:6:5 topology.component-unknown: The topology has no component "journal" (at /actorCalls/0/calls/append/to of what comes out)',
    'own.yaml:6:5 topology.component-unknown: The topology has no component "journal" (at /components/2/journal of what comes out)',
    'own.yaml:6:5 topology.service-missing: No component is of service "journal"',
  ]);
});

test("callers of a removed component make its calls, or their fallback", () => {
  const call = {
    to: "service",
    calls: [
      { to: "cache", fallback: { to: "database", followedBy: [{ to: "cache" }] } },
      { to: "proxy", calls: [{ to: "first" }, { to: "second" }] },
    ],
  };
  expect(withoutCallee(call, "cache")).toEqual([
    { to: "service", calls: [{ to: "database" }, call.calls[1]] },
  ]);
  expect(withoutCallee(call, "proxy")).toEqual([
    { to: "service", calls: [call.calls[0], { to: "first" }, { to: "second" }] },
  ]);
  expect(withoutCallee({ ...call, calls: [], fallback: call }, "proxy")).toEqual([
    {
      to: "service",
      calls: [],
      fallback: { to: "service", calls: [call.calls[0], { to: "first" }, { to: "second" }] },
    },
  ]);
});

test("a flow begins at what its removed first component called, unless that is several", () => {
  const removal = `${head}changes:\n  - { do: remove, component: api }\n`;
  expect(load(removal).flows[0]?.call).toMatchObject({ to: "order-queue", operation: "send" });
  const two = sampleTopologyText.replace(
    "calls:\n        - {",
    "calls:\n        - { to: trades }\n        - {",
  );
  expect(told(removal, { small: two })).toContain(
    'own.yaml:6:5 topology.flow-without-beginning: Without "api", clients would call several components in the flow "place-order"',
  );
});
