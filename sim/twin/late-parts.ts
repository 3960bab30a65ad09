/**
 * Parts of the simulation that not every run needs, or none before its end: they are fetched when they are. In the page's
 * worker this module stands in the place of each of theirs (tools/worker-parts.ts); to everyone else it makes no difference.
 */
import type { createEc2CapacityProvider as Ec2CapacityProvider } from "../components/ec2-capacity-provider/ec2-capacity-provider.ts";
import type { createEventBridge as EventBridge } from "../components/eventbridge/eventbridge.ts";
import type { createMsk as Msk } from "../components/msk/msk.ts";
import type { createRdsProxy as RdsProxy } from "../components/rds-proxy/rds-proxy.ts";
import type { runResults as RunResults } from "./results/run-results.ts";
import type { Topology } from "./topology-types.ts";

interface LateParts {
  createEc2CapacityProvider?: typeof Ec2CapacityProvider;
  createEventBridge?: typeof EventBridge;
  createMsk?: typeof Msk;
  createRdsProxy?: typeof RdsProxy;
  runResults?: typeof RunResults;
}

const parts: LateParts = {};

/** Fetches what runs of a topology need before they begin. */
export async function fetchServices({ components }: Topology): Promise<void> {
  const services = new Set(components.map(({ service }) => service));
  const wanted: Promise<LateParts>[] = [];
  if (services.has("ec2-capacity-provider")) {
    wanted.push(
      import("../components/ec2-capacity-provider/ec2-capacity-provider.ts").then(
        ({ createEc2CapacityProvider }) => ({ createEc2CapacityProvider }),
      ),
    );
  }
  if (services.has("eventbridge")) {
    wanted.push(
      import("../components/eventbridge/eventbridge.ts").then(({ createEventBridge }) => ({
        createEventBridge,
      })),
    );
  }
  if (services.has("msk")) {
    wanted.push(import("../components/msk/msk.ts").then(({ createMsk }) => ({ createMsk })));
  }
  if (services.has("rds-proxy")) {
    wanted.push(
      import("../components/rds-proxy/rds-proxy.ts").then(({ createRdsProxy }) => ({
        createRdsProxy,
      })),
    );
  }
  for (const fetched of await Promise.all(wanted)) Object.assign(parts, fetched);
}

/** Fetches what judges a run that has ended. */
export async function fetchJudgement(): Promise<void> {
  parts.runResults = (await import("./results/run-results.ts")).runResults;
}

export const createEc2CapacityProvider: typeof Ec2CapacityProvider = (...given) =>
  fetched("createEc2CapacityProvider")(...given);

export const createEventBridge: typeof EventBridge = (...given) =>
  fetched("createEventBridge")(...given);

export const createMsk: typeof Msk = (...given) => fetched("createMsk")(...given);

export const createRdsProxy: typeof RdsProxy = (...given) => fetched("createRdsProxy")(...given);

export const runResults: typeof RunResults = (...given) => fetched("runResults")(...given);

function fetched<Name extends keyof LateParts>(name: Name): NonNullable<LateParts[Name]> {
  const part = parts[name];
  if (part === undefined) throw new Error(`${name} is used before it was fetched`);
  return part;
}
