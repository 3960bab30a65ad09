import type { CallSite } from "../../components/fabric/call-sites.ts";
import type { CostAssumptionValues } from "../../components/fabric/cost-assumptions.ts";
import type { Fabric } from "../../components/fabric/fabric.ts";
import { gigabyte, type Meter } from "../../components/fabric/meter.ts";

/** Services whose programs run in the platform's own network, so that what they send is paid for by path. */
const inNetwork: ReadonlySet<string> = new Set([
  "dms",
  "ecs-fargate",
  "ec2-capacity-provider",
  "matching-service",
]);

/** Services in that network which are called by address: bytes to another zone are paid for, each way. */
const zonal: ReadonlySet<string> = new Set([
  "aurora",
  "aurora-limitless",
  "elasticache",
  "journal",
  "msk",
]);

/** Regional services with a public endpoint: bytes to them go through a NAT gateway or an interface endpoint. */
const regional: ReadonlySet<string> = new Set(["eventbridge", "kinesis", "sqs-fifo"]);

export interface TransferSource {
  readonly fabric: Fabric;
  readonly regions: readonly { readonly id: string; readonly zoneCount: number }[];
  readonly regionOfComponent: (component: number) => string;
  readonly assume: CostAssumptionValues;
}

/** What data transfer costs, by region and path. The bytes of a call are assumptions; which way it went is not. */
export function transferMeters(source: TransferSource): readonly Meter[] {
  return source.regions.flatMap((region) => [
    ...crossingMeters(source, region.id),
    ...gatewayMeters(source, region),
  ]);
}

/** Bytes of calls from a region's programs to another zone, and to another region. */
function crossingMeters(source: TransferSource, region: string): readonly Meter[] {
  const { fabric } = source;
  const paid = callsWithin(source, region, zonal);
  const bytes = paid.map((site) => bytesOfCall(source, site));
  const crossing = (way: 0 | 1) => () => {
    let total = 0;
    for (let at = 0; at < paid.length; at += 1) {
      total += fabric.calls.siteCrossings[paid[at]!.index * 2 + way]! * bytes[at]!;
    }
    return total / gigabyte;
  };
  return [
    {
      price: "net.inter-zone",
      region,
      what: "between zones, both ways",
      follows: "load",
      // Charged to the sender and to the receiver.
      read: () => 2 * crossing(0)(),
    },
    {
      price: "net.inter-region",
      region,
      what: "to other regions",
      follows: "load",
      read: crossing(1),
    },
  ];
}

/** A NAT gateway in each zone, and the bytes to regional services that go through them. */
function gatewayMeters(
  source: TransferSource,
  { id: region, zoneCount }: { readonly id: string; readonly zoneCount: number },
): readonly Meter[] {
  const { fabric, assume } = source;
  const calls = callsWithin(source, region, regional);
  const bytes = calls.map((site) => bytesOfCall(source, site));
  const hours = () => fabric.kernel.nowUs / 3_600_000_000;
  const share = 1 / source.regions.length;
  return [
    {
      price: "net.nat-hour",
      region,
      what: "NAT gateways",
      follows: "time",
      read: () => zoneCount * hours(),
    },
    {
      price: "net.nat",
      region,
      what: "through NAT to queue, stream and logs",
      follows: "load",
      read: () => {
        let total = fabric.requests.count * assume.logBytesPerRequest * share;
        for (let at = 0; at < calls.length; at += 1) {
          total += fabric.calls.siteCalls[calls[at]!.index]! * bytes[at]!;
        }
        return total / gigabyte;
      },
    },
  ];
}

function callsWithin(
  { fabric, regionOfComponent }: TransferSource,
  region: string,
  services: ReadonlySet<string>,
): readonly CallSite[] {
  return fabric.sites.filter((site) => {
    const caller = fabric.components[site.caller];
    const callee = fabric.components[site.component]!;
    return (
      caller !== undefined &&
      inNetwork.has(caller.service) &&
      services.has(callee.service) &&
      regionOfComponent(caller.index) === region
    );
  });
}

/** Bytes of a call and its answer together. Calls of many items count as one of each, so batches are understated. */
function bytesOfCall({ fabric, assume }: TransferSource, site: CallSite): number {
  const callee = fabric.components[site.component]!;
  switch (callee.service) {
    case "elasticache":
      return assume.cacheValueBytes;
    case "aurora":
    case "aurora-limitless":
      return assume.statementBytes;
    case "journal":
      return assume.journalRecordBytes;
    case "msk":
    case "sqs-fifo":
      return assume.queueMessageBytes;
    default:
      return assume.recordBytes;
  }
}
