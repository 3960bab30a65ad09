import type { CostAssumptionValues } from "../../components/fabric/cost-assumptions.ts";
import type { Fabric } from "../../components/fabric/fabric.ts";
import { hoursOfMonth, type Meter } from "../../components/fabric/meter.ts";
import { outside } from "../../components/fabric/zones.ts";
import { meanUnitPrice, type Price } from "../../facts/prices/price.ts";
import { priceOf } from "../../facts/prices/price-catalogue.ts";
import type { WorkloadSpec } from "../clients/workload-types.ts";
import { zonesOfComponent } from "../component-zones.ts";
import type { RequestName, Topology } from "../topology-types.ts";
import { componentMeters } from "./component-meters.ts";
import { transferMeters } from "./transfer-meters.ts";

/** Component id under which a bill lists what belongs to no component. */
export const dataTransfer = "data-transfer";

/** A meter with its price and the component that pays. */
export interface BilledMeter {
  readonly component: string;
  readonly service: string;
  readonly meter: Meter;
  readonly price: Price;
  /** US dollars a unit during a run: that of the tier which a month reaches at the load that the scenario states. */
  readonly unitUsd: number;
}

export interface MeterAssembly {
  readonly fabric: Fabric;
  /** With every copy of a component written out. */
  readonly topology: Topology;
  readonly workload: WorkloadSpec;
  readonly assume: CostAssumptionValues;
}

/** Every meter of a platform, and the components that have none. */
export function assembleMeters(assembly: MeterAssembly): {
  readonly billed: readonly BilledMeter[];
  readonly unmetered: readonly string[];
} {
  const { fabric, topology, assume } = assembly;
  const regions = topology.components.map(
    (spec, at) => fabric.regionOf(at) ?? regionOf(topology, spec),
  );
  const answerBytes = answerBytesByFlow(assembly);
  const found: { component: string; service: string; meter: Meter }[] = [];
  const unmetered: string[] = [];
  topology.components.forEach((spec, at) => {
    const meters = componentMeters({
      fabric,
      component: fabric.components[at]!,
      spec,
      region: regions[at]!,
      assume,
      answerBytes: (flow) => answerBytes[flow] ?? 0,
      meanAnswerBytes: meanAnswerBytes(assembly),
    });
    if (meters === undefined) unmetered.push(spec.id);
    for (const meter of meters ?? []) {
      found.push({ component: spec.id, service: spec.service, meter });
    }
  });
  const transfers = transferMeters({
    fabric,
    assume,
    regions: topology.regions.map(({ id, zones }) => ({ id, zoneCount: zones.length })),
    regionOfComponent: (component) => regions[component]!,
  });
  for (const meter of transfers) {
    found.push({ component: dataTransfer, service: dataTransfer, meter });
  }
  return { billed: found.map((each) => priced(each, found, assembly.workload)), unmetered };
}

function priced(
  each: Omit<BilledMeter, "price" | "unitUsd">,
  all: readonly { readonly meter: Meter }[],
  workload: WorkloadSpec,
): BilledMeter {
  const { meter } = each;
  const price = priceOf(meter.price, meter.region);
  const alike = all.filter((other) => other.meter.price === meter.price).length;
  const requests = (workload.ratePerSecond * 3600 * hoursOfMonth) / alike;
  return {
    ...each,
    price,
    unitUsd: meanUnitPrice(price, (meter.perClientRequest ?? 0) * requests),
  };
}

/** Where a component is billed; what stands in no zone is billed with the first region. */
function regionOf(topology: Topology, spec: Topology["components"][number]): string {
  const [zone] = zonesOfComponent(topology, spec);
  const home = topology.regions.find((region) => region.zones.some(({ id }) => id === zone));
  if (home === undefined && zone !== outside) throw new RangeError(`zone "${zone}" has no region`);
  return (home ?? topology.regions[0]!).id;
}

function answerBytesByFlow({ topology, workload, assume }: MeterAssembly): readonly number[] {
  return topology.flows.map(({ requests }) => meanOf(requests, workload, assume));
}

function meanAnswerBytes({ workload, assume }: MeterAssembly): number {
  return meanOf(Object.keys(workload.mix) as RequestName[], workload, assume);
}

function meanOf(
  requests: readonly RequestName[],
  { mix }: WorkloadSpec,
  assume: CostAssumptionValues,
): number {
  let bytes = 0;
  let shares = 0;
  for (const name of requests) {
    const share = mix[name] ?? 0;
    bytes += share * answerBytesOf(name, assume);
    shares += share;
  }
  return shares === 0 ? 0 : bytes / shares;
}

function answerBytesOf(name: RequestName, assume: CostAssumptionValues): number {
  switch (name) {
    case "query-book":
      return assume.bookAnswerBytes;
    case "order-status":
      return assume.statusAnswerBytes;
    case "log-in":
      return assume.logInAnswerBytes;
    default:
      return assume.commandAnswerBytes;
  }
}
