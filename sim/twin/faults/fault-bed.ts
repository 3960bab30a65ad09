import { status } from "../../components/fabric/instances.ts";
import { plainService, TestBed } from "../../components/fabric/test-bed.ts";
import { type FaultControls, FaultInjector } from "./fault-injector.ts";
import type { FaultSpec } from "./fault-types.ts";

/** A platform of two components over three zones, struck by faults; what reaches control planes is noted. */
export class FaultBed {
  readonly bed: TestBed;
  readonly noted: string[] = [];
  readonly #role = new Map<string, number>([["leader", 1]]);

  constructor(faults: readonly FaultSpec[], seed = "faults") {
    this.bed = new TestBed({
      seed,
      factories: [
        plainService({ id: "front", zones: ["a", "b", "c"] }),
        plainService({ id: "back", zones: ["a", "a", "b", "c"] }),
      ],
      flows: [{ name: "ask", call: { to: "back", timeoutMs: 500 } }],
    });
    const { fabric } = this.bed;
    // The third of the back's instances leads.
    fabric.instances.column.role[this.bed.instances("back")[2]!] = 1;
    const controls: FaultControls = {
      clients: {
        setLoadFactor: (factor) => this.noted.push(`load x${factor}`),
        setHotSymbol: (symbol, share) => this.noted.push(`symbol ${symbol} at ${share}`),
        setBuyShare: (symbol, share) => this.noted.push(`buys of ${symbol} at ${share}`),
        setPriceSteps: (symbol, ticks) => this.noted.push(`steps of ${symbol} at ${ticks}`),
        dropConnections: (share) => this.noted.push(`connections of ${share} dropped`),
        setRetries: (retriesMax, backoffMs) =>
          this.noted.push(`${retriesMax} retries after ${backoffMs} ms`),
      },
      usualRetries: { retriesMax: 2, backoffMs: 500 },
      instancesOf: (component, role) =>
        this.bed
          .instances(component)
          .filter((slot) => fabric.instances.column.status[slot] === status.up)
          .filter(
            (slot) =>
              role === undefined || fabric.instances.column.role[slot] === this.#role.get(role),
          ),
      // The back's instances of one zone stand on one rack, and serve the first cell.
      hostsOnRackOf: (host) => {
        const { column } = fabric.instances;
        return this.bed.instances("back").filter((slot) => column.zone[slot] === column.zone[host]);
      },
      componentsOfCell: (cell) => (cell === 1 ? ["back"] : ["front"]),
      freezeControlPlane: (frozen, cause, components) =>
        this.noted.push(
          `${components.join(" and ")} ${frozen ? "frozen" : "free"} by ${this.kindOf(cause)}`,
        ),
      disturbObservability: (lateByUs, cause) =>
        this.noted.push(`late by ${lateByUs} by ${this.kindOf(cause)}`),
    };
    new FaultInjector(fabric, faults, controls).start();
  }

  kindOf(seq: number): string {
    return this.bed.fabric.log.entry(seq).kind;
  }

  run(toSeconds: number): this {
    this.bed.runSeconds(toSeconds - this.bed.kernel.nowUs / 1_000_000);
    return this;
  }

  /** Conditions of a component's instances, in order. */
  conditions(component: string): number[] {
    return this.bed
      .instances(component)
      .map((slot) => this.bed.fabric.instances.column.status[slot]!);
  }

  /** `second kind` of every log entry. */
  get log(): string[] {
    return this.bed.events().map(({ atUs, kind }) => `${atUs / 1_000_000} ${kind}`);
  }

  linked(from: string, to: string): boolean {
    const { fabric } = this.bed;
    return fabric.zones.linked(fabric.zone(from), fabric.zone(to));
  }
}

/** A zone that is dark for a minute from the tenth second on. */
export const powerLoss = {
  id: "dark",
  kind: "zone-power-loss",
  zone: "a",
  atSeconds: 10,
  durationSeconds: 60,
} as const;
