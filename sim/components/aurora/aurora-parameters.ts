import { TwinError } from "../../errors/twin-error.ts";
import {
  assumption,
  fromFact,
  type Parameters,
  usFromFact,
  valuesOf,
} from "../../facts/parameter.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { AuroraInstanceSize, AuroraSpec, ServerlessSpec } from "./aurora-spec.ts";

/** ACUs for each vCPU: the memory of an ACU against that which a vCPU of db.r6g comes with. */
const acuPerVcpu = 4;

/** What an instance of a class is capable of. */
function provisioned(size: AuroraInstanceSize) {
  return {
    vcpuCount: fromFact("aurora.db.r6g.spec", size, 0),
    connectionsMax: fromFact("aurora.max-connections.r6g", size),
  };
}

/** What an instance is capable of whose capacity goes by use, at its most ACUs. */
export function serverless({ acuMax }: Pick<ServerlessSpec, "acuMax">) {
  const memory = fromFact("asv2.acu.memory").value * acuMax * 1_073_741_824;
  return {
    vcpuCount: assumption(
      acuMax / acuPerVcpu,
      "vCPU",
      "at the most ACUs; CloudWatch shows CPU as a share of them",
    ),
    connectionsMax: assumption(
      Math.floor(Math.min(5000, memory / 9_531_392)),
      "connections",
      "LEAST(memory/9531392, 5000) at the most ACUs (aurora.max-connections.formula)",
    ),
    acuPerVcpu: assumption(
      acuPerVcpu,
      "ACU",
      "an ACU has 2 GiB (asv2.acu.memory), a vCPU of db.r6g comes with 8; AWS says no more than 'corresponding CPU'",
    ),
    acuStep: fromFact("asv2.step"),
    acuReviewUs: assumption(1_000_000, "us", "asv2.scale-time: capacity is looked at every second"),
    acuUseTarget: assumption(
      0.7,
      "share",
      "of its CPU, above which an instance grows; AWS publishes none",
    ),
    acuGrowthShare: assumption(
      0.1,
      "share of the ACUs there are, a second",
      "steps get larger with capacity and scaling takes seconds (asv2.step, asv2.scale-time); AWS publishes no rate",
    ),
    acuShrinkUse: assumption(
      0.5,
      "share",
      "of the CPU of what is left that a minute's mean may use after shrinking",
    ),
    acuShrinkShare: assumption(0.05, "share of the ACUs there are, a step", "'gradual'"),
    acuShrinkEveryUs: assumption(10_000_000, "us", "'gradual', with no fixed cooldown"),
  };
}

/** What instances of any class, and the volume, are capable of. */
function dataPlane() {
  return {
    connectionsPerClient: assumption(10, "connections", "pool of one client process"),
    readCpuUs: assumption(350, "us (median)", "an indexed query with protocol and parsing"),
    writeCpuUs: assumption(600, "us (median)", "a short transaction of one row with its indexes"),
    commitCpuUs: assumption(
      80,
      "us (median)",
      "ending a transaction whose rows are already written",
    ),
    cpuSigma: assumption(0.5, "sigma of the logarithm", "statements differ"),
    rowCpuUs: assumption(60, "us", "each further row of a statement with many"),
    writeQuorum: fromFact("aurora.storage.write-quorum", 0),
    readQuorum: fromFact("aurora.storage.read-quorum", 0),
    segmentCount: fromFact("aurora.storage.copies", 0),
    logFlushUs: assumption(
      300,
      "us (most)",
      "redo of a commit waits this long at most for company",
    ),
    segmentWriteUs: assumption(
      1_700,
      "us (median)",
      "one storage node; with links of 1 ms the fourth of six is then at 2 to 5 ms (aurora.commit-latency)",
    ),
    segmentWriteSigma: assumption(0.45, "sigma of the logarithm", "as above"),
    segmentReadUs: assumption(1_000, "us (median)", "one page from a storage node"),
    stallRetryUs: assumption(100_000, "us", "how often a commit without quorum is tried again"),
    workingSetPages: assumption(
      40_000,
      "pages",
      "orders, risk and indexes in daily use: 320 MB of 8 KB pages",
    ),
    pagesPerRow: assumption(4, "pages", "three levels of an index and the row"),
    hitShareWarm: assumption(0.995, "share", "buffer cache of a database whose working set fits"),
    hitShareCold: assumption(
      0.2,
      "share",
      "a promoted instance starts nearly cold (aurora.failover.cold-cache); the roots of indexes are there",
    ),
    replicaLagMsLow: assumption(10, "ms", "typical lag, see aurora.replica.lag-typical"),
    replicaLagMsHigh: assumption(30, "ms", "typical lag, see aurora.replica.lag-typical"),
  };
}

/** How long the service takes to notice and to act. The sum is under 60 s as a rule and under 120 s nearly always. */
function controlPlane() {
  return {
    probePeriodUs: assumption(3_000_000, "us", "the service asks every instance"),
    probeMissesMax: assumption(
      3,
      "probes",
      "one lost probe is no failure; detection takes 6 to 9 s",
    ),
    decideUsP50: assumption(2_000_000, "us", "confirming and choosing a reader"),
    decideUsP95: assumption(5_000_000, "us", "confirming and choosing a reader"),
    promoteUsP50: assumption(
      5_000_000,
      "us",
      "five measured failovers took 10 to 16 s with DNS (data/metrics/failover)",
    ),
    promoteUsP95: assumption(20_000_000, "us", "leaves the documented sum under 60 s as a rule"),
    publishUsP50: assumption(6_000_000, "us", "as promoteUsP50"),
    publishUsP95: usFromFact("aurora.failover.dns-update-s"),
    endpointTtlUs: assumption(5_000_000, "us", "time to live of cluster endpoints"),
    readerBlipUsLow: assumption(
      1_000_000,
      "us",
      "readers are cycled during a failover (aurora.failover.all-nodes-blip); 0 for versions that keep them up",
    ),
    readerBlipUsHigh: assumption(4_000_000, "us", "as above"),
    engineRestartUsLow: assumption(5_000_000, "us", "'seconds' (aurora.crash-recovery), low"),
    engineRestartUsHigh: assumption(15_000_000, "us", "'seconds' (aurora.crash-recovery), high"),
    hostBootUsLow: assumption(60_000_000, "us", "a host and its database after power is back, low"),
    hostBootUsHigh: assumption(
      180_000_000,
      "us",
      "a host and its database after power is back, high",
    ),
  };
}

/** What becomes of a volume as a whole: restored, copied, followed from another region. */
function volumePlane() {
  return {
    latestRestorableUs: usFromFact("aurora.pitr.latest-restorable-s"),
    restoreUsP50: assumption(
      900_000_000,
      "us",
      "10 to 20 minutes besides the volume's size (aurora.restore.duration), with the new instances",
    ),
    restoreUsP95: assumption(1_200_000_000, "us", "as above"),
    volumeGb: assumption(100, "GB", "orders and trades of some months at the strategy's rate"),
    restoreGbPerMinute: assumption(
      20,
      "GB/min",
      "AWS publishes no rate; a volume of a terabyte then takes most of an hour, as reports have it",
    ),
    backupEveryUs: assumption(
      3_600_000_000,
      "us",
      "the most frequent schedule of AWS Backup (backup.rpo-scheduled-h)",
    ),
    largerReaderUs: usFromFact("aurora.replica-autoscaling.provision-min", 1),
    globalLagUs: usFromFact("agd.lag-typical-s"),
    globalPromoteUsP50: assumption(
      40_000_000,
      "us",
      "the promotion step stays below agd.promote-s, which is taken as its 95th percentile",
    ),
    globalPromoteUsP95: usFromFact("agd.promote-s"),
  };
}

/** Numbers of any group of instances over one volume: a cluster, or a shard of a Limitless database. */
export function groupParameters() {
  return { ...dataPlane(), ...controlPlane() };
}

/** What an instance is capable of, and the numbers of its group. */
export type GroupParameters = ReturnType<typeof groupParameters> &
  Pick<ReturnType<typeof provisioned>, "vcpuCount" | "connectionsMax">;

/** Numbers that a cluster works with. */
export function auroraParameters(spec: AuroraSpec) {
  return resolveParameters(
    spec.id,
    { ...instancePlane(spec), ...groupParameters(), ...volumePlane() },
    spec.parameters,
  );
}

/** Throws `aurora.serverless-bounds` when class and bounds do not fit together. */
function instancePlane(spec: AuroraSpec) {
  const { instanceClass, serverless: bounds } = spec;
  if (instanceClass !== "db.serverless" && bounds === undefined) {
    return provisioned(instanceClass.slice("db.r6g.".length) as AuroraInstanceSize);
  }
  const { acuMin = 0, acuMax = -1, acuAtStart = acuMin } = bounds ?? {};
  const most = fromFact("asv2.acu.range", 1).value;
  const isSound =
    instanceClass === "db.serverless" &&
    acuMin <= acuAtStart &&
    acuAtStart <= acuMax &&
    acuMax <= most &&
    [acuMin, acuMax, acuAtStart].every((acu) => acu > 0 && Number.isInteger(2 * acu));
  if (isSound) return serverless({ acuMax });
  throw new TwinError({
    code: "aurora.serverless-bounds",
    problem: `"${spec.id}" is of class ${instanceClass} ${bounds === undefined ? "and has no bounds" : `with ${acuMin} to ${acuMax} ACUs`}`,
    remedy: `Give db.serverless, and only it, serverless: { acuMin, acuMax } in halves, 0.5 to ${most}, the least first and acuAtStart between them`,
    at: `/components/${spec.id}/serverless`,
  });
}

/** Numbers of a serverless cluster. */
export interface ServerlessValues {
  readonly acuPerVcpu: number;
  readonly acuStep: number;
  readonly acuReviewUs: number;
  readonly acuUseTarget: number;
  readonly acuGrowthShare: number;
  readonly acuShrinkUse: number;
  readonly acuShrinkShare: number;
  readonly acuShrinkEveryUs: number;
}

/** What the capacity of a serverless cluster goes by. */
export function serverlessValues(parameters: Parameters): ServerlessValues | undefined {
  if (!("acuStep" in parameters)) return undefined;
  return valuesOf(parameters) as unknown as ServerlessValues;
}

export type AuroraParameters = ReturnType<typeof auroraParameters>;
