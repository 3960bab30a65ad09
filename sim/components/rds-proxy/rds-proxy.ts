import { TwinError } from "../../errors/twin-error.ts";
import { assumption, type Parameters, valuesOf } from "../../facts/parameter.ts";
import type { Counter } from "../../kernel/containers/counter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import type { RdsProxySpec } from "./rds-proxy-spec.ts";

const defaults = {
  addedUs: assumption(
    400,
    "us",
    "a hop that parses the protocol; AWS speaks of single milliseconds at most",
  ),
  borrowersMax: assumption(
    5000,
    "statements",
    "that one host has taken and not answered, waiting for a connection or for the cluster; more are refused",
  ),
  hostEvictionUs: assumption(
    5_000_000,
    "us",
    "until the service's own routing leaves out a silent zone; AWS publishes none",
  ),
} satisfies Parameters;

/**
 * RDS Proxy: hosts in several zones that keep connections to a cluster and lend them for a statement at a time. A caller's
 * connection is to the proxy and outlives the writer. The proxy asks the cluster itself who the writer is, so that after a
 * promotion it waits neither for the cluster endpoint to be re-pointed nor for a cached name to expire; statements that come meanwhile
 * wait in it as long as its own call beneath is tried again (its time-out and retries are the topology's).
 */
export class RdsProxy implements Component {
  readonly id: string;
  readonly service = "rds-proxy";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly #fabric: Fabric;
  readonly #spec: RdsProxySpec;
  readonly #parameters: typeof defaults;
  readonly #hosts: ZonalHosts;
  readonly #failed: Counter;
  readonly #gains: PeriodGains;

  constructor(fabric: Fabric, index: number, spec: RdsProxySpec) {
    const { kernel } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    const { addedUs, borrowersMax, hostEvictionUs } = valuesOf(this.#parameters);
    const serviceUs = compileQuantiles({ kind: "deterministic", value: addedUs });
    this.operations = ["read", "read-writer", "write", "commit"].map((name) => ({
      name,
      serviceUs,
    }));
    this.#hosts = new ZonalHosts(fabric, {
      component: index,
      id: spec.id,
      zones: this.zones,
      insideMax: borrowersMax,
      evictAfterUs: hostEvictionUs,
      needsMajority: false,
    });
    this.#failed = kernel.counter(`${spec.id}.failed`);
    this.#gains = new PeriodGains(kernel, `${spec.id}.metric-totals`, 1);
    fabric.metrics.add({
      namespace: "AWS/RDS",
      component: index,
      name: "QueryRequests",
      unit: "Count",
      sample: () => this.#gains.gain(0, this.#sum("arrivedCount")),
    });
    fabric.metrics.add({
      namespace: "AWS/RDS",
      component: index,
      name: "DatabaseConnectionsCurrentlyBorrowed",
      unit: "Count",
      isLevel: true,
      sample: () => this.#sum("insideCount"),
    });
  }

  start(): void {
    const { target } = this.#spec;
    const found = this.#fabric.components.find(({ id }) => id === target);
    if (found?.service !== "aurora") {
      throw new TwinError({
        code: "rds-proxy.target-unfit",
        problem: `"${target}", before which "${this.id}" stands, is no aurora cluster`,
        remedy: "Name the topology's aurora component",
        at: `/components/${this.id}/target`,
      });
    }
    this.#hosts.start();
  }

  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts.route(frame);
  }

  answering(_frame: number, _instance: number, result: number): void {
    if (result !== outcome.ok) this.#failed.add(1);
  }

  instanceFailed(): void {
    // The hosts' own watch notices; what was inside has gone with the host's frames.
  }

  powerRestored(host: number, causeSeq: number): void {
    this.#hosts.powerRestored(host, causeSeq);
  }

  /** Zones of its hosts. */
  get zones(): readonly number[] {
    return this.#spec.zones.map((zone) => this.#fabric.zone(zone));
  }

  channels(): readonly Channel[] {
    return [
      levelChannel("hosts in service", "hosts", () => this.#hosts.inServiceCount),
      levelChannel("statements inside", "statements", () => this.#sum("insideCount")),
      countChannel("statements failed", "statements", () => this.#failed.value),
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #sum(column: "arrivedCount" | "insideCount"): number {
    let total = 0;
    for (const host of this.#hosts.hosts) total += this.#fabric.instances.column[column][host]!;
    return total;
  }
}

/** RDS Proxy in front of an Aurora cluster. */
export function createRdsProxy(fabric: Fabric, index: number, spec: RdsProxySpec): RdsProxy {
  return new RdsProxy(fabric, index, spec);
}
