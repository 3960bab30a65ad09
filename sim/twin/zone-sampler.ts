import type { AssembledFabric } from "../components/fabric/assemble.ts";
import { cellChannel } from "../components/fabric/channel.ts";
import { status } from "../components/fabric/instances.ts";
import type { RecordedChannel } from "./recorder.ts";

/** What is recorded of a component in a zone, as the names of its channels begin: `up@us-east-1a`. */
const zoneChannel = {
  /** Instances that serve. */
  up: "up",
  /** Instances that exist, the failed and the starting ones included. */
  instances: "instances",
  /** Requests inside them. */
  inside: "inside",
  /** Calls that have reached them so far. */
  arrived: "arrived",
} as const;

/**
 * Adds up instances by component and zone before each frame, so that a zone that goes dark can be seen in the
 * recording. Calls that arrive at an instance that ends before the next frame are left out of its zone's count.
 */
export class ZoneSampler {
  readonly #fabric: AssembledFabric;
  readonly #zoneCount: number;
  readonly #up: Float64Array;
  readonly #instances: Float64Array;
  readonly #inside: Float64Array;
  /** Registered, so that a restored run counts on from where it stood. */
  readonly #arrived: Float64Array;
  readonly #arrivedBefore: Float64Array;
  readonly #epochBefore: Int32Array;

  constructor(fabric: AssembledFabric) {
    const { kernel, zones, components, instances } = fabric;
    this.#fabric = fabric;
    this.#zoneCount = zones.zoneCount;
    const cells = components.length * this.#zoneCount;
    this.#up = new Float64Array(cells);
    this.#instances = new Float64Array(cells);
    this.#inside = new Float64Array(cells);
    this.#arrived = kernel.float64Array("zone-sampler.arrived", cells);
    this.#arrivedBefore = kernel.float64Array("zone-sampler.arrived-before", instances.slotsMax);
    this.#epochBefore = kernel.int32Array("zone-sampler.epoch-before", instances.slotsMax);
  }

  /** Takes the figures of this instant; the channels read them. */
  sample(): void {
    const { column, epoch, slotsTouched } = this.#fabric.instances;
    this.#up.fill(0);
    this.#instances.fill(0);
    this.#inside.fill(0);
    for (let slot = 0; slot < slotsTouched; slot += 1) {
      const state = column.status[slot]!;
      if (state === status.gone) continue;
      const cell = column.component[slot]! * this.#zoneCount + column.zone[slot]!;
      this.#instances[cell] = this.#instances[cell]! + 1;
      if (state === status.up || state === status.draining) this.#up[cell] = this.#up[cell]! + 1;
      this.#inside[cell] = this.#inside[cell]! + column.insideCount[slot]!;
      const before = this.#epochBefore[slot] === epoch[slot]! ? this.#arrivedBefore[slot]! : 0;
      this.#arrived[cell] = this.#arrived[cell]! + column.arrivedCount[slot]! - before;
      this.#arrivedBefore[slot] = column.arrivedCount[slot]!;
      this.#epochBefore[slot] = epoch[slot]!;
    }
  }

  /** Four channels for every component and every zone in which it may stand. */
  channels(mayStand: (component: number, zone: number) => boolean): readonly RecordedChannel[] {
    const { components, zones } = this.#fabric;
    return components.flatMap((component, at) =>
      zones.zones.flatMap((zone, zoneAt) => {
        if (!mayStand(at, zoneAt)) return [];
        const cell = at * this.#zoneCount + zoneAt;
        const level = (name: string, unit: string, from: Float64Array): RecordedChannel => ({
          component: component.id,
          channel: cellChannel(`${name}@${zone.id}`, unit, "level", { values: from, at: cell }),
        });
        return [
          level(zoneChannel.up, "instances", this.#up),
          level(zoneChannel.instances, "instances", this.#instances),
          level(zoneChannel.inside, "requests", this.#inside),
          {
            component: component.id,
            channel: cellChannel(`${zoneChannel.arrived}@${zone.id}`, "calls", "count", {
              values: this.#arrived,
              at: cell,
            }),
          },
        ];
      }),
    );
  }
}
