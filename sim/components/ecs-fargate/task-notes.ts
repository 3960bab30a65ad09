import type { Fabric } from "../fabric/fabric.ts";

/** What the event log tells of a fleet's tasks. */
export class TaskNotes {
  readonly deployed: number;
  readonly crashed: number;
  readonly lost: number;
  readonly exited: number;
  readonly unhealthy: number;
  readonly placementFailed: number;
  readonly waitsForHost: number;
  readonly launched: number;
  readonly running: number;
  readonly draining: number;
  readonly stopped: number;
  readonly desiredChanged: number;
  readonly #fabric: Fabric;
  readonly #component: number;

  constructor(fabric: Fabric, component: number) {
    const { log } = fabric;
    this.#fabric = fabric;
    this.#component = component;
    this.deployed = log.kind("ecs.deployment-began", "act");
    this.crashed = log.kind("instance.failed-by-crash", "fault");
    this.lost = log.kind("ecs.task-lost", "detect");
    this.exited = log.kind("ecs.task-exited", "detect");
    this.unhealthy = log.kind("ecs.container-unhealthy", "detect");
    this.placementFailed = log.kind("ecs.placement-failed", "decide");
    this.waitsForHost = log.kind("ecs.waits-for-host", "decide");
    this.launched = log.kind("ecs.task-launched", "decide");
    this.running = log.kind("ecs.task-running", "act");
    this.draining = log.kind("ecs.task-draining", "act");
    this.stopped = log.kind("ecs.task-stopped", "info");
    this.desiredChanged = log.kind("ecs.desired-count-changed", "act");
  }

  /** Notes something about a task, and returns its number. */
  add(kind: number, instance: number, causeSeq: number): number {
    const zone = this.#fabric.instances.column.zone[instance]!;
    return this.#fabric.log.append(kind, { component: this.#component, instance, zone }, causeSeq);
  }

  /** Notes something about the fleet as a whole. */
  addOfFleet(kind: number, causeSeq: number, value?: number): number {
    return this.#fabric.log.append(kind, { component: this.#component }, causeSeq, value);
  }
}
