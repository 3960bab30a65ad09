import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { TaskFleetOptions } from "./task-fleet-options.ts";
import type { TaskNotes } from "./task-notes.ts";
import { release, type TaskRows } from "./task-rows.ts";

/** What becomes of a running container by itself: it checks its own health, and the program of a bad release crashes. */
export class ContainerChecks {
  readonly #fabric: Fabric;
  readonly #options: TaskFleetOptions;
  readonly #rows: TaskRows;
  readonly #notes: TaskNotes;
  readonly #containerCheck: HandlerId;
  readonly #containerVerdict: HandlerId;
  readonly #crash: HandlerId;

  constructor(fabric: Fabric, options: TaskFleetOptions, rows: TaskRows, notes: TaskNotes) {
    const { kernel } = fabric;
    const { id } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#rows = rows;
    this.#notes = notes;
    this.#containerCheck = kernel.handler(`${id}.container-check`, (at, tenancy) => {
      if (rows.tenancy[at] === tenancy) this.#checkContainer(at);
    });
    this.#containerVerdict = kernel.handler(`${id}.container-verdict`, (at, tenancy) => {
      if (rows.tenancy[at] === tenancy) this.#judgeContainer(at);
    });
    this.#crash = kernel.handler(`${id}.task-crashes`, (at, tenancy) => {
      if (rows.tenancy[at] === tenancy) this.#crashByItself(at);
    });
  }

  /** The program of a task runs: if its release is bad, it ends of itself after a while. */
  expectCrash(at: number): void {
    const crashesAfterUs = this.#rows.crashesAfterUs[at]!;
    if (crashesAfterUs < 0) return;
    this.#fabric.kernel.schedule(crashesAfterUs, this.#crash, at, this.#rows.tenancy[at]!);
  }

  /** The first check of a container comes after `afterUs`. */
  begin(at: number, afterUs: number): void {
    this.#fabric.kernel.schedule(afterUs, this.#containerCheck, at, this.#rows.tenancy[at]!);
  }

  /** The program of a bad release ends of itself, whatever it is doing. */
  #crashByItself(at: number): void {
    const { instances, calls } = this.#fabric;
    const instance = this.#rows.instance[at]!;
    const now = instances.column.status[instance];
    if (now === status.dark || now === status.crashed) return;
    const seq = this.#notes.add(
      this.#notes.crashed,
      instance,
      this.#rows.release[release.causeSeq]!,
    );
    instances.column.causeSeq[instance] = seq;
    calls.failInstance(instance, "crash");
  }

  /** The container runs its check command; a hung program lets it run into its timeout. */
  #checkContainer(at: number): void {
    const { instances, kernel } = this.#fabric;
    const { containerCheckIntervalS, containerCheckTimeoutS } = this.#options.values;
    const tenancy = this.#rows.tenancy[at]!;
    kernel.schedule(containerCheckIntervalS * 1_000_000, this.#containerCheck, at, tenancy);
    const now = instances.column.status[this.#rows.instance[at]!]!;
    if (now === status.hung) {
      kernel.schedule(containerCheckTimeoutS * 1_000_000, this.#containerVerdict, at, tenancy);
    } else this.#rows.failedChecks[at] = 0;
  }

  #judgeContainer(at: number): void {
    const { instances } = this.#fabric;
    const instance = this.#rows.instance[at]!;
    if (instances.column.status[instance] !== status.hung) return;
    this.#rows.failedChecks[at] = this.#rows.failedChecks[at]! + 1;
    if (this.#rows.failedChecks[at]! < this.#options.values.containerCheckRetries) return;
    if (this.#rows.unhealthySeq[at] !== none) return;
    const cause = instances.column.causeSeq[instance]!;
    this.#rows.unhealthySeq[at] = this.#notes.add(this.#notes.unhealthy, instance, cause);
  }
}
