import type { Distribution } from "../distributions/distribution.ts";
import { mean } from "../distributions/moments.ts";
import { compileQuantiles } from "../distributions/quantile-table.ts";
import type { Kernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { roundUs } from "../units.ts";

/** From this instant of the schedule on, so many servers. */
export interface CapacityStep {
  /** Whole microseconds from the start, or from the start of a period. */
  readonly atUs: number;
  /** A whole number, 0 or more. */
  readonly servers: number;
}

/** How many servers are open when. */
export interface CapacitySchedule {
  /** Ascending instants; before the first, the facility's own number of servers. */
  readonly steps: readonly CapacityStep[];
  /** Repeats the steps with this period in whole microseconds, such as a day; default: they happen once. */
  readonly periodUs?: number;
}

/**
 * Each server runs and breaks down in turn, whether it is busy, idle or off shift. A server that `setServers` opened
 * beyond `servers` and the schedule never breaks down.
 */
export interface Breakdowns {
  /** Microseconds that a server runs, drawn anew each time. */
  readonly upUs: Distribution;
  /** Microseconds that its repair takes, drawn anew each time. */
  readonly downUs: Distribution;
}

/** What decides how many servers a facility has. */
export interface CapacityOptions {
  /** Equal servers, a whole number, 0 or more; where nobody ever waits, as many as requests can be open. Default 1. */
  readonly servers?: number;
  /** Servers that open and close by the clock. Default: always all. */
  readonly schedule?: CapacitySchedule;
  /** Servers that break down. Default: they never do. */
  readonly breakdowns?: Breakdowns;
}

/** The number of servers that can work now: those that the schedule opens, less those that are broken. */
export class Capacity {
  private readonly kernel: Kernel;
  /** Open; of those, broken; the rest, which can work. */
  private readonly counts: Int32Array;
  /** 1 for each server that is broken; servers are closed from the last on. */
  private readonly broken: Uint8Array | undefined;
  private readonly changed: (brokeDown: boolean) => void;

  constructor(
    kernel: Kernel,
    name: string,
    options: CapacityOptions,
    changed: (brokeDown: boolean) => void,
  ) {
    this.kernel = kernel;
    this.changed = changed;
    this.counts = kernel.int32Array(`${name} servers`, 3);
    const servers = options.servers ?? 1;
    requireServers(name, servers);
    this.counts[0] = servers;
    this.counts[2] = servers;
    if (options.schedule !== undefined) this.follow(name, options.schedule);
    if (options.breakdowns !== undefined) {
      const steps = options.schedule?.steps ?? [];
      const most = steps.reduce((max, step) => Math.max(max, step.servers), servers);
      this.broken = kernel.uint8Array(`${name} broken`, most);
      this.breakDown(name, options.breakdowns, this.broken);
    }
  }

  get servers(): number {
    return this.counts[2]!;
  }

  open(servers: number): void {
    this.counts[0] = servers;
    if (this.broken !== undefined) {
      this.counts[1] = this.broken.subarray(0, servers).reduce((sum, each) => sum + each, 0);
    }
    this.recount(false);
  }

  private recount(brokeDown: boolean): void {
    this.counts[2] = this.counts[0]! - this.counts[1]!;
    this.changed(brokeDown);
  }

  private follow(name: string, schedule: CapacitySchedule): void {
    const { steps, periodUs } = schedule;
    for (const step of steps) requireServers(name, step.servers);
    requireAscending(name, steps);
    const lastUs = steps[steps.length - 1]?.atUs ?? 0;
    if (periodUs !== undefined && !(Number.isInteger(periodUs) && periodUs > lastUs)) {
      throw new KernelError({
        code: "kernel.schedule-period",
        problem: `The schedule repeats every ${periodUs} us and has a step at ${lastUs} us`,
        remedy: "Make the period whole, and longer than the schedule",
        at: name,
      });
    }
    const shift = this.kernel.handler(`${name} changes shift`, (index) => {
      if (periodUs !== undefined) this.kernel.schedule(periodUs, shift, index);
      this.open(steps[index]!.servers);
    });
    for (const [index, step] of steps.entries()) this.kernel.scheduleAt(step.atUs, shift, index);
  }

  private breakDown(name: string, breakdowns: Breakdowns, broken: Uint8Array): void {
    const stream = this.kernel.stream(`${name} breakdowns`);
    const up = compileQuantiles(breakdowns.upUs, { at: `${name} breakdowns.upUs` });
    const down = compileQuantiles(breakdowns.downUs, { at: `${name} breakdowns.downUs` });
    requireTime(name, up.distribution, down.distribution);
    const breaks = this.kernel.handler(`${name} breaks down`, (server) => {
      broken[server] = 1;
      this.kernel.schedule(roundUs(stream.draw(down)), mended, server);
      if (server >= this.counts[0]!) return;
      this.counts[1]! += 1;
      this.recount(true);
    });
    const mended = this.kernel.handler(`${name} is mended`, (server) => {
      broken[server] = 0;
      this.kernel.schedule(roundUs(stream.draw(up)), breaks, server);
      if (server >= this.counts[0]!) return;
      this.counts[1]! -= 1;
      this.recount(false);
    });
    for (let server = 0; server < broken.length; server += 1) {
      this.kernel.schedule(roundUs(stream.draw(up)), breaks, server);
    }
  }
}

/** Steps at one instant would have no order that means anything. */
function requireAscending(name: string, steps: readonly CapacityStep[]): void {
  for (const [i, { atUs }] of steps.entries()) {
    const beforeUs = steps[i - 1]?.atUs ?? -1;
    if (Number.isInteger(atUs) && atUs > beforeUs) continue;
    throw new KernelError({
      code: "kernel.schedule-steps",
      problem: `Step ${i} of the schedule is at ${atUs} us${i > 0 ? `, after ${beforeUs} us` : ""}`,
      remedy: "Give whole microseconds, 0 or more, each later than the one before",
      at: name,
    });
  }
}

/** Breakdowns and repairs that take no time at all would follow each other for ever at one instant. */
function requireTime(name: string, up: Distribution, down: Distribution): void {
  if (mean(up) + mean(down) >= 1) return;
  throw new KernelError({
    code: "kernel.breakdowns",
    problem: "Its servers break down and are mended within less than a microsecond",
    remedy: "Give upUs and downUs in microseconds",
    at: name,
  });
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
