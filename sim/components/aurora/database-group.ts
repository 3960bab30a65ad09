import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { GroupParameters } from "./aurora-parameters.ts";
import type { AuroraSpec } from "./aurora-spec.ts";
import { BufferCache } from "./buffer-cache.ts";
import { StorageVolume } from "./storage-volume.ts";

/** What an instance takes itself for; a writer that is cut off still takes itself for one. */
export const databaseRole = { reader: 0, writer: 1 } as const;

/** What the service is doing with an instance. */
export const databaseState = { serving: 0, failed: 1, restarting: 2 } as const;

const storageZoneCount = 3;

/** Where a group's instances and its volume stand. */
export type GroupPlaces = Pick<AuroraSpec, "id" | "writerZone" | "readerZones" | "storageZones">;

/** Names under which a group's instances are found. */
export interface GroupRecords {
  readonly writer: number;
  readonly reader: number;
}

/** The instances of a cluster over their common volume. Members are numbered: the first writer 0, readers by tier. */
export class DatabaseGroup {
  readonly instances: readonly number[];
  readonly zones: readonly number[];
  readonly volume: StorageVolume;
  readonly cache: BufferCache;
  /** Names of the cluster endpoint and of the reader endpoint. */
  readonly writerRecord: number;
  readonly readerRecord: number;
  /** What the service is doing with each member (`databaseState`). */
  readonly state: Uint8Array;
  readonly #fabric: Fabric;
  readonly #writer: Int32Array;

  /** `records` is for groups that nobody outside finds by name: they share what their component has declared. */
  constructor(
    fabric: Fabric,
    index: number,
    spec: GroupPlaces,
    parameters: GroupParameters,
    records?: GroupRecords,
  ) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.zones = [spec.writerZone, ...spec.readerZones].map((zone) => fabric.zone(zone));
    this.instances = this.zones.map((zone) =>
      fabric.instances.create({
        component: index,
        zone,
        status: status.up,
        serverCount: Math.ceil(parameters.vcpuCount.value),
        insideMax: parameters.connectionsMax.value,
        causeSeq: none,
      }),
    );
    fabric.instances.column.role[this.instances[0]!] = databaseRole.writer;
    const storageZones =
      spec.storageZones?.map((zone) => fabric.zone(zone)) ??
      fabric.zones.regionOf(this.zones[0]!).slice(0, storageZoneCount);
    this.volume = new StorageVolume(fabric, { id: spec.id, zones: storageZones, parameters });
    this.cache = new BufferCache(kernel, {
      id: spec.id,
      instanceCount: this.instances.length,
      parameters,
    });
    this.state = kernel.uint8Array(`${spec.id}.member-state`, this.instances.length);
    this.#writer = kernel.int32Array(`${spec.id}.writer`, 1);
    const ttlUs = parameters.endpointTtlUs.value;
    this.writerRecord = records?.writer ?? fabric.names.record(ttlUs);
    this.readerRecord = records?.reader ?? fabric.names.record(ttlUs);
    fabric.names.publish(this.writerRecord, [this.instances[0]!]);
    fabric.names.publish(this.readerRecord, this.readerInstances());
  }

  get memberCount(): number {
    return this.instances.length;
  }

  /** Member from which the volume takes redo; all others are fenced off. */
  get writer(): number {
    return this.#writer[0]!;
  }

  /** Instance from which the volume takes writes. */
  get writerInstance(): number {
    return this.instances[this.writer]!;
  }

  setWriter(member: number): void {
    this.#writer[0] = member;
    this.setRole(member, databaseRole.writer);
  }

  role(member: number): number {
    return this.#fabric.instances.column.role[this.instances[member]!]!;
  }

  setRole(member: number, role: number): void {
    this.#fabric.instances.column.role[this.instances[member]!] = role;
  }

  /** Member that lives in an instance slot, or `none`. */
  memberOf(instance: number): number {
    for (let member = 0; member < this.instances.length; member += 1) {
      if (this.instances[member] === instance) return member;
    }
    return none;
  }

  /** Whether the service's control plane gets an answer from the member. */
  answers(member: number): boolean {
    const { instances, zones } = this.#fabric;
    return (
      instances.column.status[this.instances[member]!] === status.up &&
      zones.inMajority(this.zones[member]!)
    );
  }

  /** What the reader endpoint should answer: the serving readers, or the writer when there is none. */
  readerInstances(): readonly number[] {
    const readers = this.instances.filter(
      (_, member) => member !== this.writer && this.state[member] === databaseState.serving,
    );
    return readers.length > 0 ? readers : [this.writerInstance];
  }
}
