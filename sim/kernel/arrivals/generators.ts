import { assertNever } from "../assert.ts";
import { compileQuantiles } from "../distributions/quantile-table.ts";
import { exp } from "../math/exp.ts";
import { ln } from "../math/ln.ts";
import type { Stream } from "../random/stream.ts";
import type { ArrivalProcess, RateStep } from "./arrival-process.ts";

type Of<K extends ArrivalProcess["kind"]> = Extract<ArrivalProcess, { kind: K }>;

/** The next arrival in fractional microseconds; Infinity when there is none. What it remembers is all in its state. */
type Generate = () => number;

const never = Number.POSITIVE_INFINITY;

/** Numbers that a process has to remember. */
export function stateLength(process: ArrivalProcess): number {
  switch (process.kind) {
    case "renewal":
    case "trace":
    case "poisson":
      return 1;
    case "stepped":
    case "periodic":
      return 2;
    case "mmpp":
    case "hawkes":
      return 4;
    case "batch":
      return 2 + stateLength(process.of);
    case "merged":
      return process.parts.reduce((sum, part) => sum + 2 + stateLength(part), 0);
    default:
      return assertNever(process, "arrival process");
  }
}

/** What draws the arrivals of a process, one a call, from a zeroed state. */
export function createGenerator(
  process: ArrivalProcess,
  stream: Stream,
  state: Float64Array,
): Generate {
  switch (process.kind) {
    case "poisson":
      return steady(process.ratePerSecond * 1e-6, stream, state);
    case "stepped":
      return stepped(process.steps, never, stream, state);
    case "periodic":
      return stepped(process.steps, process.periodUs, stream, state);
    case "mmpp":
      return switching(process, stream, state);
    case "hawkes":
      return exciting(process, stream, state);
    case "renewal":
      return renewing(process, stream, state);
    case "batch":
      return batching(process, stream, state);
    case "trace":
      return replaying(process, state);
    case "merged":
      return merging(process, stream, state);
    default:
      return assertNever(process, "arrival process");
  }
}

/** One rate for ever. State: time reached. It draws what `stepped` with this one rate would. */
function steady(ratePerUs: number, stream: Stream, state: Float64Array): Generate {
  if (ratePerUs === 0) return () => never;
  return () => {
    const atUs = state[0]! + stream.exponential(1) / ratePerUs;
    state[0] = atUs;
    return atUs;
  };
}

/**
 * A unit exponential is spent at the rate in force, step after step, until nothing of it is left: exact, whatever the
 * steps. State: time reached; index of the step, counted on through the periods.
 */
function stepped(
  steps: readonly RateStep[],
  periodUs: number,
  stream: Stream,
  state: Float64Array,
): Generate {
  const count = steps.length;
  const startsUs = Float64Array.from(steps, (step) => step.atUs);
  const ratesPerUs = Float64Array.from(steps, (step) => step.ratePerSecond * 1e-6);
  return () => {
    let left = stream.exponential(1);
    for (;;) {
      const period = Math.floor(state[1]! / count);
      const step = state[1]! - period * count;
      const baseUs = period === 0 ? 0 : period * periodUs;
      const atUs = Math.max(state[0]!, baseUs + startsUs[step]!);
      const endUs = baseUs + (step + 1 < count ? startsUs[step + 1]! : periodUs);
      const rate = ratesPerUs[step]!;
      const spent = rate > 0 ? rate * (endUs - atUs) : 0;
      if (left < spent) {
        state[0] = atUs + left / rate;
        return state[0]!;
      }
      if (endUs === never) return never;
      left -= spent;
      state[0] = endUs;
      state[1]! += 1;
    }
  };
}

/** State: time reached; phase; when the phase ends; 1 once begun. The first phase is drawn as after a long time. */
function switching({ ratesPerSecond, staysUs }: Of<"mmpp">, stream: Stream, state: Float64Array) {
  return (): number => {
    if (state[3] === 0) {
      state[3] = 1;
      state[1] = stream.uniform() * (staysUs[0] + staysUs[1]) < staysUs[0] ? 0 : 1;
      state[2] = stream.exponential(staysUs[state[1] === 0 ? 0 : 1]);
    }
    for (;;) {
      const phase = state[1] === 0 ? 0 : 1;
      const rate = ratesPerSecond[phase] * 1e-6;
      const atUs = rate > 0 ? state[0]! + stream.exponential(1 / rate) : never;
      if (atUs < state[2]!) {
        state[0] = atUs;
        return atUs;
      }
      // The exponential has no memory, so the draw that came too late may be thrown away.
      state[0] = state[2]!;
      state[1] = 1 - phase;
      state[2]! += stream.exponential(staysUs[phase === 0 ? 1 : 0]);
    }
  };
}

/**
 * Exact simulation (Dassios and Zhao, 2013): the next arrival is the earlier of one by the base rate and one by the
 * excitement, which decays and so may never bring one. State: time of the last arrival; excitement (rate per
 * microsecond) just after it; 1 once begun. It begins at its long-run mean.
 */
function exciting(process: Of<"hawkes">, stream: Stream, state: Float64Array) {
  const base = process.basePerSecond * 1e-6;
  const decay = 1 / process.memoryUs;
  const jump = process.branching * decay;
  return (): number => {
    if (state[2] === 0) {
      state[2] = 1;
      state[1] = (base * process.branching) / (1 - process.branching);
    }
    const excitement = state[1]!;
    const byBase = stream.exponential(1 / base);
    const reach = 1 - stream.exponential(1) * (decay / excitement);
    const byExcitement = reach > 0 ? -ln(reach) / decay : never;
    const gapUs = Math.min(byBase, byExcitement);
    state[0]! += gapUs;
    state[1] = excitement * exp(-gapUs * decay) + jump;
    return state[0]!;
  };
}

function renewing(process: Of<"renewal">, stream: Stream, state: Float64Array): Generate {
  const gaps = compileQuantiles(process.gapUs);
  return () => {
    state[0]! += stream.draw(gaps);
    return state[0]!;
  };
}

/** State: instant of the batch; how many of it are still to come; then that of the process of batches. */
function batching(process: Of<"batch">, stream: Stream, state: Float64Array): Generate {
  const sizes = compileQuantiles(process.size);
  const next = createGenerator(process.of, stream, state.subarray(2));
  return () => {
    if (state[1] === 0) {
      state[0] = next();
      state[1] = Math.max(1, Math.floor(stream.draw(sizes) + 0.5));
    }
    state[1]! -= 1;
    return state[0]!;
  };
}

function replaying({ atUs }: Of<"trace">, state: Float64Array): Generate {
  return () => {
    const index = state[0]!;
    if (index >= atUs.length) return never;
    state[0] = index + 1;
    return atUs[index]!;
  };
}

/** State: for each part 1 once it has begun, its next arrival, and its own. The earliest comes first. */
function merging(process: Of<"merged">, stream: Stream, state: Float64Array): Generate {
  let offset = 0;
  const parts = process.parts.map((part) => {
    const length = 2 + stateLength(part);
    const own = state.subarray(offset, offset + length);
    offset += length;
    return { own, next: createGenerator(part, stream, own.subarray(2)) };
  });
  return () => {
    let first = parts[0];
    for (const part of parts) {
      if (part.own[0] === 0) {
        part.own[0] = 1;
        part.own[1] = part.next();
      }
      if (first === undefined || part.own[1]! < first.own[1]!) first = part;
    }
    if (first === undefined) return never;
    const atUs = first.own[1]!;
    if (atUs !== never) first.own[1] = first.next();
    return atUs;
  };
}
