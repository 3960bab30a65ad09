import type { Meter, MeterSource } from "../fabric/meter.ts";
import type { RdsProxySpec } from "./rds-proxy-spec.ts";

const hourUs = 3_600_000_000;

/** vCPUs of the cluster behind it, for as long as its instances are paid for; a serverless cluster's, at its most ACUs. */
export function rdsProxyMeters(source: MeterSource<RdsProxySpec>): readonly Meter[] {
  const { fabric, region, spec } = source;
  const target = fabric.components.find(({ id }) => id === spec.target);
  if (target === undefined) return [];
  const vcpus = target.parameters()["vcpuCount"]?.value ?? 0;
  return [
    {
      price: "rds-proxy.vcpu-hour",
      region,
      what: "vCPU of the cluster behind",
      follows: "time",
      read: () => (vcpus * fabric.instances.billedUs(target.index)) / hourUs,
    },
  ];
}
