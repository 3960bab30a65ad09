import { KernelError } from "../kernel-error.ts";
import type { CapacityOptions } from "./capacity.ts";
import type { Patience, StepId } from "./requests.ts";

/**
 * Who is served next: the first or the last to come; the smallest `priority`, and of equal ones the first to come; any,
 * by chance; the shortest work; the shortest work that remains, which interrupts longer work.
 */
export type Discipline = "fcfs" | "lcfs" | "priority" | "random" | "sjf" | "srpt";

const disciplines: readonly Discipline[] = ["fcfs", "lcfs", "priority", "random", "sjf", "srpt"];

/** How a facility serves. Options that cannot be are refused with `kernel.facility-option`. */
export interface FacilityOptions extends CapacityOptions {
  /** Default "fcfs". */
  readonly discipline?: Discipline;
  /** Under "lcfs" and "priority": whether a newcomer interrupts whoever comes after it in the order. Default false. */
  readonly preemptive?: boolean;
  /**
   * Interrupted work goes on where it stopped; or begins again, with as much work as at first; or is given up, and its
   * entity leaves by its step `interrupted`. Default "resume".
   */
  readonly interrupted?: "resume" | "restart" | "leave";
  /** When servers go off shift: they finish what they do, or leave it at once. A breakdown always interrupts. Default "finish". */
  readonly closing?: "finish" | "interrupt";
  /**
   * Most requests in the line, those in service not among them. Work that a closing or a breakdown interrupts goes back
   * into the line even if it is full. Default: as many as come.
   */
  readonly lineMax?: number;
  /**
   * Whoever finds the line full is turned away, be it a newcomer or someone whom a newcomer interrupts; or waits
   * outside, first come first in, however urgent. Default "lose".
   */
  readonly whenFull?: "lose" | "block";
}

/** What becomes of a request, and how long it waits. */
export interface UseOptions extends Patience {
  /** The step after the service; of `seize`, the step that has the server. Default: none. */
  readonly done?: StepId;
  /** A step as soon as the service first begins. Default: none. */
  readonly begun?: StepId;
  /** A step as soon as the request is inside, where `whenFull` is "block". Default: none. */
  readonly entered?: StepId;
  /** A step whenever a service, or the holding of a server, is interrupted. Default: none. */
  readonly interrupted?: StepId;
  /** The timeout ends with the beginning of the service, or with its end. Default "begun". */
  readonly timeoutUntil?: "begun" | "done";
  /** Under "priority": smaller goes first. Default 0. */
  readonly priority?: number;
}

/** What becomes of a request to hold a server. */
export interface SeizeOptions extends UseOptions {
  /** Whole microseconds of holding that the entity expects: needed under "sjf" and "srpt", which choose by it. */
  readonly expectedUs?: number;
}

/** Refuses options that contradict each other or are of no known kind: assembled from JavaScript, anything may come. */
export function requireFacilityOptions(name: string, options: FacilityOptions): void {
  const discipline = options.discipline ?? "fcfs";
  requireOneOf(name, "discipline", discipline, disciplines);
  requireOneOf(name, "interrupted", options.interrupted, ["resume", "restart", "leave"]);
  requireOneOf(name, "closing", options.closing, ["finish", "interrupt"]);
  requireOneOf(name, "whenFull", options.whenFull, ["lose", "block"]);
  requireBound(name, "lineMax", options.lineMax);
  if (options.preemptive === true && !["lcfs", "priority", "srpt"].includes(discipline)) {
    throw new KernelError({
      code: "kernel.preemptive",
      problem: `Under "${discipline}" no newcomer goes before those in service`,
      remedy: 'Leave preemptive out, or use "lcfs", "priority" or "srpt"',
      at: name,
    });
  }
}

/** Refuses a bound that is neither whole and 0 or more, nor Infinity. */
export function requireBound(name: string, option: string, bound: number | undefined): void {
  if (bound === undefined || bound === Number.POSITIVE_INFINITY) return;
  if (Number.isInteger(bound) && bound >= 0) return;
  refuseOption(name, option, String(bound), "a whole number, 0 or more");
}

function requireOneOf(
  name: string,
  option: string,
  value: string | undefined,
  allowed: readonly string[],
): void {
  if (value === undefined || allowed.includes(value)) return;
  refuseOption(name, option, `"${value}"`, allowed.map((each) => `"${each}"`).join(", "));
}

function refuseOption(name: string, option: string, given: string, wanted: string): never {
  throw new KernelError({
    code: "kernel.facility-option",
    problem: `Its ${option} is ${given}`,
    remedy: `Use ${wanted}, or leave it out`,
    at: name,
  });
}
