import { assert } from "../../kernel/assert.ts";
import { serverlessValues } from "../aurora/aurora-parameters.ts";
import { ClusterControl } from "../aurora/cluster-control.ts";
import { Commits, type DurableListener } from "../aurora/commits.ts";
import { DatabaseGroup } from "../aurora/database-group.ts";
import { ServerlessCapacity } from "../aurora/serverless-capacity.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { AuroraLimitlessParameters, ShardGroupSize } from "./aurora-limitless-parameters.ts";
import type { AuroraLimitlessSpec } from "./aurora-limitless-spec.ts";

/** A part of the users: a primary with its standbys over a volume of its own, kept as an Aurora cluster is. */
export interface Shard {
  readonly group: DatabaseGroup;
  readonly commits: Commits;
  readonly control: ClusterControl;
}

/** Zones of the nodes that follow each other: every one a zone further, so that standbys stand beside their primary's. */
export function zoneOf(zones: readonly string[], at: number): string {
  return zones[at % zones.length]!;
}

/** The shards of a database, the first in the zone after its last router's. */
export function createShards(
  fabric: Fabric,
  options: {
    readonly component: number;
    readonly spec: AuroraLimitlessSpec;
    readonly size: ShardGroupSize;
    readonly parameters: AuroraLimitlessParameters;
    readonly heard: DurableListener;
  },
): readonly Shard[] {
  const { component, spec, size, parameters } = options;
  const { zones, computeRedundancy } = spec;
  // Nobody outside finds a shard by name: the routers know who its primary is.
  const hidden = fabric.names.record(parameters.endpointTtlUs.value);
  return Array.from({ length: size.shardCount }, (_, number) => {
    const at = size.routerCount + number;
    const id = `${spec.id}.shard-${number + 1}`;
    const group = new DatabaseGroup(
      fabric,
      component,
      {
        id,
        writerZone: zoneOf(zones, at),
        readerZones: Array.from({ length: computeRedundancy }, (_each, standby) =>
          zoneOf(zones, at + standby + 1),
        ),
      },
      parameters,
      { writer: hidden, reader: hidden },
    );
    const commits = new Commits(fabric, group, id, parameters);
    commits.whenDurable(options.heard);
    const control = new ClusterControl(fabric, group, {
      component,
      id,
      parameters,
      commits,
      looked: () => {},
    });
    return { group, commits, control };
  });
}

/**
 * ACUs of a shard group: each router and each primary grows and shrinks by itself, within what the others leave of the bound that
 * they share. Standbys follow their primary, and do not count.
 */
export class ShardGroupCapacity {
  readonly #nodes: readonly ServerlessCapacity[];
  /** The shard's instances; `undefined` for a router. */
  readonly #groups: readonly (DatabaseGroup | undefined)[];

  constructor(
    fabric: Fabric,
    options: {
      readonly id: string;
      readonly acuMax: number;
      readonly size: ShardGroupSize;
      readonly parameters: AuroraLimitlessParameters;
      readonly routers: readonly number[];
      readonly shards: readonly Shard[];
    },
  ) {
    const { id, acuMax, size, parameters } = options;
    const values = serverlessValues(parameters);
    assert(values !== undefined, "a shard group's capacity goes by use");
    const spec = { acuMin: size.acuMinPerNode, acuMax: size.acuMaxPerNode };
    const leftAcu = () => acuMax - this.acu;
    this.#nodes = [
      ...options.routers.map(
        (router, at) =>
          new ServerlessCapacity(
            fabric,
            { instances: [router], writer: 0, memberCount: 1 },
            { id: `${id}.router-${at + 1}`, spec, values, leftAcu },
          ),
      ),
      ...options.shards.map(
        ({ group }, at) =>
          new ServerlessCapacity(fabric, group, {
            id: `${id}.shard-${at + 1}`,
            spec,
            values,
            leftAcu,
          }),
      ),
    ];
    this.#groups = [
      ...options.routers.map(() => undefined),
      ...options.shards.map((each) => each.group),
    ];
  }

  start(): void {
    for (const node of this.#nodes) node.start();
  }

  setFrozen(frozen: boolean): void {
    for (const node of this.#nodes) node.setFrozen(frozen);
  }

  /** ACUs of routers and primaries now. */
  get acu(): number {
    let sum = 0;
    for (let at = 0; at < this.#nodes.length; at += 1) {
      sum += this.#nodes[at]!.acu(this.#groups[at]?.writer ?? 0);
    }
    return sum;
  }

  /** ACUs of the standbys now. */
  get standbyAcu(): number {
    let sum = 0;
    for (let at = 0; at < this.#nodes.length; at += 1) {
      const group = this.#groups[at];
      if (group === undefined) continue;
      for (let member = 0; member < group.memberCount; member += 1) {
        if (member !== group.writer) sum += this.#nodes[at]!.acu(member);
      }
    }
    return sum;
  }

  /** ACU hours of all nodes since the run began, standbys included. */
  acuHours(): number {
    let sum = 0;
    for (const node of this.#nodes) sum += node.acuHours();
    return sum;
  }
}
