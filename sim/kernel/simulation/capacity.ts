import type { Distribution } from "../distributions/distribution.ts";
import { compileQuantiles } from "../distributions/quantile-table.ts";
import type { Kernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { roundUs } from "../units.ts";

/** From this instant of the schedule on, so many servers. */
export interface CapacityStep {
  readonly atUs: number;
  readonly servers: number;
}

/** How many servers are open when. */
export interface CapacitySchedule {
  /** Ascending instants; before the first, the facility's own number of servers. */
  readonly steps: readonly CapacityStep[];
  /** Repeats the steps with this period, such as a day; default: they happen once. */
  readonly periodUs?: number;
}

/** Each server runs and breaks down in turn, whether it is busy or not. */
export interface Breakdowns {
  /** Microseconds that a server runs. */
  readonly upUs: Distribution;
  /** Microseconds that its repair takes. */
  readonly downUs: Distribution;
}

/** What decides how many servers a facility has. */
export interface CapacityOptions {
  /** Equal servers. Default 1. */
  readonly servers?: number;
  readonly schedule?: CapacitySchedule;
  readonly breakdowns?: Breakdowns;
}

/** The number of servers that can work now: those that the schedule opens, less those that are broken. */
export class Capacity {
  private readonly kernel: Kernel;
  /** Open; broken. */
  private readonly counts: Int32Array;
  private readonly changed: (brokeDown: boolean) => void;

  constructor(
    kernel: Kernel,
    name: string,
    options: CapacityOptions,
    changed: (brokeDown: boolean) => void,
  ) {
    this.kernel = kernel;
    this.changed = changed;
    this.counts = kernel.int32Array(`${name} servers`, 2);
    const servers = options.servers ?? 1;
    requireServers(name, servers);
    this.counts[0] = servers;
    if (options.schedule !== undefined) this.follow(name, options.schedule);
    if (options.breakdowns !== undefined) this.breakDown(name, options.breakdowns, servers);
  }

  get servers(): number {
    return Math.max(0, this.counts[0]! - this.counts[1]!);
  }

  open(servers: number): void {
    this.counts[0] = servers;
    this.changed(false);
  }

  private follow(name: string, schedule: CapacitySchedule): void {
    const { steps, periodUs } = schedule;
    for (const step of steps) requireServers(name, step.servers);
    const lastUs = steps[steps.length - 1]?.atUs ?? 0;
    if (periodUs !== undefined && !(periodUs > lastUs)) {
      throw new KernelError({
        code: "kernel.schedule-period",
        problem: `The schedule repeats every ${periodUs} us and has a step at ${lastUs} us`,
        remedy: "Make the period longer than the schedule",
        at: name,
      });
    }
    const shift = this.kernel.handler(`${name} changes shift`, (index) => {
      if (periodUs !== undefined) this.kernel.schedule(periodUs, shift, index);
      this.open(steps[index]!.servers);
    });
    for (const [index, step] of steps.entries()) this.kernel.scheduleAt(step.atUs, shift, index);
  }

  private breakDown(name: string, breakdowns: Breakdowns, servers: number): void {
    const stream = this.kernel.stream(`${name} breakdowns`);
    const up = compileQuantiles(breakdowns.upUs);
    const down = compileQuantiles(breakdowns.downUs);
    const breaks = this.kernel.handler(`${name} breaks down`, (server) => {
      this.counts[1]! += 1;
      this.kernel.schedule(roundUs(stream.draw(down)), mended, server);
      this.changed(true);
    });
    const mended = this.kernel.handler(`${name} is mended`, (server) => {
      this.counts[1]! -= 1;
      this.kernel.schedule(roundUs(stream.draw(up)), breaks, server);
      this.changed(false);
    });
    for (let server = 0; server < servers; server += 1) {
      this.kernel.schedule(roundUs(stream.draw(up)), breaks, server);
    }
  }
}

/** Refuses a number of servers that is not whole, or negative. */
export function requireServers(name: string, servers: number): void {
  if (Number.isInteger(servers) && servers >= 0) return;
  throw new KernelError({
    code: "kernel.servers",
    problem: `It was given ${servers} servers`,
    remedy: "Use a whole number, 0 or more",
    at: name,
  });
}
