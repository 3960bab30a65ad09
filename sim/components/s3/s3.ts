import { assumption, fromFact, type Parameters, valuesOf } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import { BucketReplication } from "./bucket-replication.ts";
import type { S3Spec } from "./s3-spec.ts";

const defaults = {
  putsPerSecond: fromFact("s3.prefix.put-rps"),
  getsPerSecond: fromFact("s3.prefix.get-rps"),
  latencyMsLow: fromFact("s3.latency-ms", 0),
  latencyMsHigh: fromFact("s3.latency-ms", 1),
  megabyteUs: assumption(
    12_500,
    "us",
    "each megabyte beyond the first, at 80 MB/s on one connection",
  ),
  splitAfterMinutes: assumption(
    10,
    "min",
    "'minutes' of overload until a prefix is re-partitioned (s3.slowdown)",
  ),
  splitsMax: assumption(10, "splits", "a prefix is not split without end"),
  replicationUsP50: assumption(
    15_000_000,
    "us",
    "until an object is in the bucket of another region; most copy in seconds (s3.rtc)",
  ),
  replicationBoundSeconds: fromFact("s3.rtc", "seconds"),
  replicationInTimePercent: fromFact("s3.rtc", "pct"),
  replicationMostShare: assumption(
    0.95,
    "share",
    "the 'most' objects that copy within 15 minutes without time control (s3.crr.no-rtc)",
  ),
  hostEvictionUs: assumption(
    5_000_000,
    "us",
    "until the service's own routing leaves out a silent zone; AWS publishes none",
  ),
} satisfies Parameters;

const operation = { put: 0, get: 1 } as const;

const counted = { puts: 0, gets: 1, megabytes: 2, slowDowns: 3, archived: 4 } as const;

/** Positions of the totals whose gains are published. */
const period = { requests: 0, errors: 1 } as const;

const minuteUs = 60_000_000;

/** Told of every object at the instant at which it is durable, whether or not the caller will hear of it. */
export type StoredListener = (data: number, megabytes: number) => void;

/**
 * S3: objects behind zonal hosts, durable in three zones before a put is answered.
 *
 * | operation | `data`                          | `itemCount`        |
 * | --------- | ------------------------------- | ------------------ |
 * | `put`     | the caller's number for the key | megabytes, 1 least |
 * | `get`     | the caller's number for the key | megabytes, 1 least |
 *
 * Each prefix takes a documented rate; above it calls end as `unavailable` (503 Slow Down) until minutes of overload
 * have made the service split the prefix, which doubles what it takes.
 */
export class S3 implements Component {
  readonly id: string;
  readonly service = "s3";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly #fabric: Fabric;
  readonly #parameters: typeof defaults;
  readonly #values;
  readonly #hosts: ZonalHosts;
  readonly #puts: readonly TokenBucket[];
  readonly #gets: readonly TokenBucket[];
  readonly #counts: Float64Array;
  /** Calls turned away in this minute, minutes of overload in a row, and splits so far, by prefix. */
  readonly #turnedAway: Int32Array;
  readonly #overloadedMinutes: Int32Array;
  readonly #splits: Int32Array;
  readonly #gains: PeriodGains;
  readonly #listeners: StoredListener[] = [];
  readonly #minute: HandlerId;
  readonly #splitKind: number;
  readonly #spec: S3Spec;
  readonly #replication: BucketReplication | undefined;
  /** Assembly only. */
  #original!: S3;

  constructor(fabric: Fabric, index: number, spec: S3Spec) {
    const { kernel, log } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    const values = valuesOf(this.#parameters);
    this.#values = values;
    const serviceUs = compileQuantiles(
      lognormalFromQuantiles({
        p50: Math.sqrt(values.latencyMsLow * values.latencyMsHigh) * 1000,
        p95: values.latencyMsHigh * 1000,
      }),
    );
    this.operations = ["put", "get"].map((name) => ({
      name,
      serviceUs,
      perItemUs: values.megabyteUs,
      decides: true,
    }));
    this.#hosts = new ZonalHosts(fabric, {
      component: index,
      id: spec.id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      insideMax: 1_000_000,
      evictAfterUs: values.hostEvictionUs,
      needsMajority: true,
    });
    const prefixCount = spec.prefixCount ?? 1;
    const buckets = (name: string, ratePerSecond: number) =>
      Array.from(
        { length: prefixCount },
        (_, prefix) =>
          new TokenBucket(kernel, `${spec.id}.prefix-${prefix}-${name}`, {
            ratePerSecond,
            burst: ratePerSecond,
          }),
      );
    this.#puts = buckets("puts", values.putsPerSecond);
    this.#gets = buckets("gets", values.getsPerSecond);
    this.#counts = kernel.float64Array(`${spec.id}.counts`, Object.keys(counted).length);
    this.#turnedAway = kernel.int32Array(`${spec.id}.turned-away`, prefixCount);
    this.#overloadedMinutes = kernel.int32Array(`${spec.id}.overloaded-minutes`, prefixCount);
    this.#splits = kernel.int32Array(`${spec.id}.splits`, prefixCount);
    this.#gains = new PeriodGains(kernel, `${spec.id}.metric-totals`, Object.keys(period).length);
    this.#minute = kernel.handler(`${spec.id}.minute`, () => this.#endMinute());
    this.#splitKind = log.kind("s3.prefix-split", "act");
    this.#spec = spec;
    this.#replication = this.#newReplication();
    this.#publishMetrics();
  }

  start(): void {
    this.#hosts.start();
    this.#fabric.kernel.schedule(minuteUs, this.#minute);
    const { replicaOf } = this.#spec;
    if (replicaOf === undefined) return;
    this.#original = this.#fabric.component(replicaOf) as S3;
    this.#original.whenStored((_data, megabytes) => this.#replication?.stored(megabytes));
  }

  /** Zones of its hosts. */
  get zones(): readonly number[] {
    return this.#spec.zones.map((zone) => this.#fabric.zone(zone));
  }

  #newReplication(): BucketReplication | undefined {
    const { id, replicaOf, replicationTimeControl } = this.#spec;
    if (replicaOf === undefined) return undefined;
    const { replicationUsP50, replicationBoundSeconds } = this.#values;
    const { replicationInTimePercent, replicationMostShare } = this.#values;
    return new BucketReplication(this.#fabric, {
      id,
      zones: this.zones,
      from: () => this.#original.zones,
      times: {
        p50Us: replicationUsP50,
        later: {
          share:
            replicationTimeControl === true ? replicationInTimePercent / 100 : replicationMostShare,
          us: replicationBoundSeconds * 1_000_000,
        },
      },
    });
  }

  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts.route(frame);
  }

  admit(frame: number, _host: number): number {
    const isPut = this.#operationOf(frame) === operation.put;
    const prefix = (this.#fabric.calls.dataOf(frame) >>> 0) % this.#turnedAway.length;
    if ((isPut ? this.#puts : this.#gets)[prefix]!.take(1)) return outcome.ok;
    this.#turnedAway[prefix] = this.#turnedAway[prefix]! + 1;
    this.#count(counted.slowDowns, 1);
    return outcome.unavailable;
  }

  worked(frame: number, host: number): number {
    if (!this.#hosts.canServe(host)) return outcome.unavailable;
    const { calls } = this.#fabric;
    const megabytes = calls.itemCountOf(frame);
    if (this.#operationOf(frame) === operation.get) {
      this.#count(counted.gets, 1);
      return outcome.ok;
    }
    this.#count(counted.puts, 1);
    this.#count(counted.megabytes, megabytes);
    if (this.#isFromFunctions(frame)) this.#count(counted.archived, megabytes);
    for (const listener of this.#listeners) listener(calls.dataOf(frame), megabytes);
    return outcome.ok;
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The hosts' own watch notices; what was in flight has gone with the host's frames.
  }

  powerRestored(host: number, causeSeq: number): void {
    this.#hosts.powerRestored(host, causeSeq);
  }

  /** Registers, at assembly, who is told of every object at the instant at which it is durable. */
  whenStored(listener: StoredListener): void {
    this.#listeners.push(listener);
  }

  get objectCount(): number {
    return this.#counts[counted.puts]!;
  }

  get slowDownCount(): number {
    return this.#counts[counted.slowDowns]!;
  }

  channels(): readonly Channel[] {
    const count = (name: string, unit: string, what: number): Channel =>
      countChannel(name, unit, () => this.#counts[what]!);
    return [
      count("objects stored", "objects", counted.puts),
      count("objects read", "objects", counted.gets),
      count("stored", "MB", counted.megabytes),
      count("archived", "MB", counted.archived),
      count("slow downs", "calls", counted.slowDowns),
      levelChannel("hosts in service", "hosts", () => this.#hosts.inServiceCount),
      ...(this.#replication?.channels() ?? []),
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #endMinute(): void {
    const { kernel, log } = this.#fabric;
    const values = this.#values;
    for (let prefix = 0; prefix < this.#turnedAway.length; prefix += 1) {
      const wasOverloaded = this.#turnedAway[prefix]! > 0;
      this.#turnedAway[prefix] = 0;
      this.#overloadedMinutes[prefix] = wasOverloaded ? this.#overloadedMinutes[prefix]! + 1 : 0;
      if (this.#overloadedMinutes[prefix]! < values.splitAfterMinutes) continue;
      if (this.#splits[prefix]! >= values.splitsMax) continue;
      this.#overloadedMinutes[prefix] = 0;
      this.#splits[prefix] = this.#splits[prefix]! + 1;
      const factor = 1 << this.#splits[prefix]!;
      setRate(this.#puts[prefix]!, values.putsPerSecond * factor);
      setRate(this.#gets[prefix]!, values.getsPerSecond * factor);
      log.append(this.#splitKind, { component: this.index }, none, prefix);
    }
    kernel.schedule(minuteUs, this.#minute);
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }

  /** Functions archive the records of streams; everything else that is put is a snapshot. */
  #isFromFunctions(frame: number): boolean {
    const { sites, components, calls } = this.#fabric;
    return components[sites[calls.siteOf(frame)]!.caller]?.service === "lambda";
  }

  #count(what: number, by: number): void {
    this.#counts[what] = this.#counts[what]! + by;
  }

  #publishMetrics(): void {
    const { metrics } = this.#fabric;
    const source = { namespace: "AWS/S3", component: this.index, unit: "Count" } as const;
    const requests = () =>
      this.#counts[counted.puts]! + this.#counts[counted.gets]! + this.#counts[counted.slowDowns]!;
    metrics.add({
      ...source,
      name: "AllRequests",
      sample: () => this.#gains.gain(period.requests, requests()),
    });
    metrics.add({
      ...source,
      name: "5xxErrors",
      sample: () => this.#gains.gain(period.errors, this.#counts[counted.slowDowns]!),
    });
  }
}

function setRate(bucket: TokenBucket, ratePerSecond: number): void {
  bucket.setQuota({ ratePerSecond, burst: ratePerSecond });
}

/** An S3 bucket. */
export function createS3(fabric: Fabric, index: number, spec: S3Spec): S3 {
  return new S3(fabric, index, spec);
}
