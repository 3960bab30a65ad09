/** Measurements drawn from known parameters, one source for each kind of fit, as the files that a user would have. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stream } from "../../sim/kernel/random/stream.ts";
import { replayCache } from "../estimators/cache/replay-cache.ts";
import type { FitReport } from "../fit-report.ts";
import { fitArrivalsFile } from "../fits/fit-arrivals-file.ts";
import { fitCacheFile } from "../fits/fit-cache-file.ts";
import { fitCapacityFile } from "../fits/fit-capacity-file.ts";
import { fitColdstartFiles } from "../fits/fit-coldstart-files.ts";
import { fitDemandFiles } from "../fits/fit-demand-files.ts";
import { fitDriftFile } from "../fits/fit-drift-file.ts";
import { fitDriverDemandFile } from "../fits/fit-driver-demand-file.ts";
import { fitFailoverFile } from "../fits/fit-failover-file.ts";
import { fitGapsFile } from "../fits/fit-gaps-file.ts";
import { fitServiceFile } from "../fits/fit-service-file.ts";
import { fitUslFile } from "../fits/fit-usl-file.ts";

export interface KnownSource {
  readonly name: string;
  /** Draws the files of one seed into the folder, fits them, and says what the fit should have found. */
  readonly fit: (
    folder: string,
    seed: string,
  ) => Promise<{ readonly report: FitReport; readonly truth: Readonly<Record<string, number>> }>;
}

const judging = { holdout: 0.3, seed: "1" };
const startMs = Date.UTC(2026, 2, 2);
const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

function write(folder: string, name: string, rows: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${rows.join("\n")}\n`);
  return path;
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Marsaglia and Tsang, scale 1. */
function gamma(draw: Stream, shape: number): number {
  if (shape < 1) return gamma(draw, shape + 1) * draw.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = draw.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(draw.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function poisson(draw: Stream, mean: number): number {
  if (mean > 500) return Math.max(0, Math.round(mean + Math.sqrt(mean) * draw.normal()));
  let [count, left] = [0, mean];
  for (;;) {
    left -= draw.exponential(1);
    if (left < 0) return count;
    count += 1;
  }
}

/** Throughput by the scalability law with 3 % noise, six to nine levels on both sides of the peak. */
const usl: KnownSource = {
  name: "scalability law with a peak",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "usl");
    const [lambda, sigma, kappa] = [995, 0.05, 0.0004];
    const rows = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96].map((n) => {
      const x = (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
      return `${n},${(x * (1 + 0.03 * draw.normal())).toFixed(2)}`;
    });
    const file = write(folder, "usl.csv", ["concurrency,throughput", ...rows]);
    const report = await fitUslFile(file, { pinScale: false });
    return {
      report,
      truth: { lambda, sigma, kappa, peakLoad: Math.sqrt((1 - sigma) / kappa) },
    };
  },
};

interface Job {
  readonly kind: number;
  left: number;
  readonly at: number;
}

/** One processor shared by all requests inside, with background work of a given share: exact processor sharing. */
function sharedProcessor(
  draw: Stream,
  options: {
    readonly demands: readonly number[];
    readonly ratesAt: (second: number) => readonly number[];
    readonly background: number;
    readonly seconds: number;
  },
) {
  const { demands, ratesAt, background, seconds } = options;
  // The background is a class of its own that leaves no log: short jobs at a steady rate.
  const all = [...demands, 0.02];
  const rates = (at: number) => [...ratesAt(at), background / 0.02];
  const done: { kind: number; endS: number; responseS: number }[] = [];
  const busy = new Float64Array(seconds);
  const inside: Job[] = [];
  let now = 0;
  let next = 0;
  const draws = () => draw.exponential(1);
  let hazard = draws();
  while (now < seconds) {
    const second = Math.floor(now);
    const total = rates(second).reduce((a, b) => a + b, 0);
    next = now + hazard / total;
    const boundary = second + 1;
    const least = inside.reduce((min, job) => Math.min(min, job.left), Number.POSITIVE_INFINITY);
    const finish = inside.length === 0 ? Number.POSITIVE_INFINITY : now + least * inside.length;
    const until = Math.min(next, boundary, finish);
    const passed = until - now;
    if (inside.length > 0) {
      busy[second]! += passed;
      for (const job of inside) job.left -= passed / inside.length;
    }
    hazard -= passed * total;
    now = until;
    if (until === finish) {
      const at = inside.findIndex((job) => job.left <= 1e-9);
      const [job] = inside.splice(Math.max(0, at), 1);
      if (job!.kind < demands.length)
        done.push({ kind: job!.kind, endS: now, responseS: now - job!.at });
    } else if (until === next) {
      let pick = draw.uniform() * total;
      const kind = rates(second).findIndex((rate) => {
        pick -= rate;
        return pick < 0;
      });
      const chosen = kind < 0 ? all.length - 1 : kind;
      inside.push({ kind: chosen, left: draw.exponential(all[chosen]!), at: now });
      hazard = draws();
    }
  }
  return { done, busy };
}

function demandSource(
  name: string,
  demands: readonly number[],
  ratesAt: (second: number) => readonly number[],
): KnownSource {
  return {
    name,
    fit: async (folder, seed) => {
      const draw = new Stream(seed, name);
      const background = 0.06;
      const seconds = 3600;
      const window = 30;
      const { done, busy } = sharedProcessor(draw, { demands, ratesAt, background, seconds });
      const requests = demands.map((_, kind) => ({
        name: `class-${kind + 1}`,
        file: write(folder, `class-${kind + 1}.csv`, [
          "timestamp,response_time_ms",
          ...done
            .filter((each) => each.kind === kind)
            .map(
              (each) => `${iso(startMs + each.endS * 1000)},${(each.responseS * 1000).toFixed(3)}`,
            ),
        ]),
      }));
      const utilisation = write(folder, "cpu.csv", [
        "timestamp,cpu",
        ...range(seconds / window).map((i) => {
          const share =
            busy.subarray(i * window, (i + 1) * window).reduce((a, b) => a + b, 0) / window;
          return `${iso(startMs + (i + 1) * window * 1000)},${share.toFixed(4)}`;
        }),
      ]);
      const report = await fitDemandFiles({ requests, utilisation, cores: 1, ...judging });
      const truth = Object.fromEntries(demands.map((each, kind) => [`class-${kind + 1}`, each]));
      return { report, truth: { ...truth, background } };
    },
  };
}

const drivers: KnownSource = {
  name: "busy time by counted work",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "drivers");
    const weights = [3e-4, 6e-6, 0.03];
    let level = 1;
    const rows = range(240).map((i) => {
      level = 1 + 0.8 * (level - 1) + 0.1 * draw.normal();
      const work = [
        600 * Math.max(0.2, level) * (1 + 0.3 * draw.normal()),
        1e5 * Math.max(0.2, level) * (1 + 0.4 * draw.normal()),
        12 * Math.max(0.2, level) * (1 + 0.4 * draw.normal()),
      ].map((each) => Math.max(0, each));
      const busy = work.reduce((sum, each, k) => sum + each * weights[k]!, 0);
      const cells = [busy * (1 + 0.05 * draw.normal()), ...work].map((each) => each.toPrecision(8));
      return `${iso(startMs + i * 120_000)},${cells.join(",")}`;
    });
    const file = write(folder, "drivers.csv", ["timestamp,busy,calls,reads,commits", ...rows]);
    const report = await fitDriverDemandFile({
      file,
      busy: "busy",
      drivers: ["calls", "reads", "commits"],
      ...judging,
    });
    return { report, truth: { calls: weights[0]!, reads: weights[1]!, commits: weights[2]! } };
  },
};

/** Rates by hour of the day, a Gamma multiplier for each hour and Poisson counts of each five minutes. */
const overdispersed: KnownSource = {
  name: "counts with a daily profile and over-dispersed hours",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "counts");
    const shape = 12;
    const rateAt = (hour: number) => 20 * (1 + 0.6 * Math.sin((2 * Math.PI * (hour - 9)) / 24));
    const rows: string[] = [];
    for (let hour = 0; hour < 24 * 14; hour += 1) {
      const rate = (rateAt(hour % 24) * gamma(draw, shape)) / shape;
      for (let i = 0; i < 12; i += 1)
        rows.push(`${iso(startMs + (hour * 12 + i) * 300_000)},${poisson(draw, rate * 300)}`);
    }
    const file = write(folder, "counts.csv", ["timestamp,count", ...rows]);
    const report = await fitArrivalsFile({ file, ...judging });
    return { report, truth: { meanRate: 20, gammaShape: shape } };
  },
};

function eventsFile(folder: string, times: readonly number[]): string {
  return write(folder, "events.csv", [
    "at,size",
    ...times.map(
      (at) =>
        `${iso(startMs)
          .slice(0, 19)
          .replace("T", " ")
          .replace(/\d\d:\d\d:\d\d/, () => clock(at))},1`,
    ),
  ]);
}

function clock(second: number): string {
  const whole = Math.floor(second);
  const two = (n: number) => String(n).padStart(2, "0");
  const fraction = Math.floor((second - whole) * 1e7);
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${String(fraction).padStart(7, "0")}`;
}

/** Self-exciting arrivals by thinning out clusters: each brings a Poisson number more, after exponential times. */
const hawkes: KnownSource = {
  name: "self-exciting arrivals",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "hawkes");
    const [base, branching, memory, length] = [0.5, 0.6, 5, 7200];
    const times: number[] = [];
    let now = -200;
    for (;;) {
      now += draw.exponential(1 / base);
      if (now > length) break;
      const open = [now];
      while (open.length > 0) {
        const parent = open.pop()!;
        times.push(parent);
        for (let n = poisson(draw, branching); n > 0; n -= 1)
          open.push(parent + draw.exponential(memory));
      }
    }
    const kept = times.filter((at) => at >= 0 && at < length).sort((a, b) => a - b);
    const file = eventsFile(folder, kept);
    const report = await fitGapsFile({ file, timestamps: "at", ...judging });
    return {
      report,
      truth: {
        meanRate: base / (1 - branching),
        hawkesBranching: branching,
        hawkesMemory: memory,
      },
    };
  },
};

const mmpp: KnownSource = {
  name: "arrivals that switch between two rates",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "mmpp");
    const [rates, stays, length] = [[0.5, 10] as const, [60, 15] as const, 14_400];
    const times: number[] = [];
    let now = 0;
    let phase: 0 | 1 = 0;
    while (now < length) {
      const end = now + draw.exponential(stays[phase]);
      for (;;) {
        now += draw.exponential(1 / rates[phase]);
        if (now >= end) break;
        if (now < length) times.push(now);
      }
      now = end;
      phase = phase === 0 ? 1 : 0;
    }
    const file = eventsFile(folder, times);
    const report = await fitGapsFile({ file, timestamps: "at", ...judging });
    return {
      report,
      truth: {
        meanRate: (rates[0] * stays[0] + rates[1] * stays[1]) / (stays[0] + stays[1]),
        mmppRateLow: rates[0],
        mmppRateHigh: rates[1],
        mmppStayLow: stays[0],
        mmppStayHigh: stays[1],
      },
    };
  },
};

const chance: KnownSource = {
  name: "arrivals by chance",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "poisson");
    const times: number[] = [];
    for (let now = draw.exponential(0.5); now < 3600; now += draw.exponential(0.5)) times.push(now);
    const file = eventsFile(folder, times);
    const report = await fitGapsFile({ file, timestamps: "at", ...judging });
    return {
      report,
      truth: {
        meanRate: 2,
        coefficientOfVariation: 1,
        "dispersion at 1 s": 1,
        "dispersion at 10 s": 1,
        "dispersion at 60 s": 1,
      },
    };
  },
};

const service: KnownSource = {
  name: "lognormal durations in whole milliseconds",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "service");
    const [median, sigma] = [12, 0.5];
    const rows = range(600).map(
      (i) => `${iso(startMs + i * 1000)},${Math.round(median * Math.exp(sigma * draw.normal()))}`,
    );
    const file = write(folder, "service.csv", ["timestamp,duration_ms", ...rows]);
    const report = await fitServiceFile({ file, rounding: "nearest", ...judging });
    const quantile = (z: number) => median * Math.exp(sigma * z);
    return {
      report,
      truth: {
        mean: median * Math.exp(sigma ** 2 / 2),
        p50: median,
        p95: quantile(1.6449),
        p99: quantile(2.3263),
        logDeviation: sigma,
      },
    };
  },
};

const hitRatio: KnownSource = {
  name: "hits and misses that vary by interval",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "hits");
    const [ratio, rho] = [0.83, 0.004];
    const size = (1 - rho) / rho;
    const rows = range(60).map((i) => {
      const [a, b] = [gamma(draw, ratio * size), gamma(draw, (1 - ratio) * size)];
      const n = 500 + draw.int(500);
      const hits = range(n).filter(() => draw.uniform() < a / (a + b)).length;
      return `${iso(startMs + i * 60_000)},${hits},${n - hits}`;
    });
    const file = write(folder, "hits.csv", ["timestamp,CacheHits,CacheMisses", ...rows]);
    const report = await fitCacheFile({ file, sizes: [], policy: "lru", seed: "1" });
    return { report, truth: { hitRatio: ratio, driftOverPeriod: 0 } };
  },
};

/** Zipf keys; the truth is the replay of a stretch forty times as long, without its cold start. */
function cacheSource(policy: "lru" | "fifo" | "clock"): KnownSource {
  const keyCount = 2000;
  const cumulative = new Float64Array(keyCount);
  let total = 0;
  for (let k = 0; k < keyCount; k += 1) {
    total += 1 / (k + 1) ** 0.9;
    cumulative[k] = total;
  }
  const keyOf = (u: number) => {
    let [low, high] = [0, keyCount - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < u * total) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const long = new Stream("long", "cache");
  const longKeys = Int32Array.from({ length: 800_000 }, () => keyOf(long.uniform()));
  const steady = replayCache(
    { keys: longKeys, sizes: new Float64Array(longKeys.length).fill(1), keyCount },
    200,
    policy,
  );
  const missRatio = steady.missed.subarray(20_000).reduce((a, b) => a + b, 0) / 780_000;
  return {
    name: `Zipf keys in a cache, ${policy}`,
    fit: async (folder, seed) => {
      const draw = new Stream(seed, "cache");
      const rows = range(20_000).map((i) => `${startMs / 1000 + i},k${keyOf(draw.uniform())}`);
      const file = write(folder, "trace.csv", ["time,key", ...rows]);
      const report = await fitCacheFile({
        file,
        sizes: [{ text: "200objects", amount: 200, isBytes: false }],
        policy,
        seed: "1",
      });
      return { report, truth: { "missRatio 200objects": missRatio } };
    },
  };
}

const coldstart: KnownSource = {
  name: "cold and warm invocations at three memory sizes",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "coldstart");
    const rows: string[] = [];
    const sizes = [512, 1024, 2048];
    const exponent = 0.7;
    const initAt = (mb: number) => 400 * (512 / mb) ** exponent;
    for (const mb of sizes) {
      let at = startMs;
      for (let i = 0; i < 160; i += 1) {
        const idle = 10 * Math.exp(6 * draw.uniform());
        at += idle * 1000;
        const isCold = idle > 420;
        const init = isCold ? (initAt(mb) * Math.exp(0.15 * draw.normal())).toFixed(2) : "";
        const duration = (12 * Math.exp(0.4 * draw.normal())).toFixed(2);
        rows.push(`orders,${mb},${duration},${init},${Math.round(at)}`);
      }
    }
    const file = write(folder, "calls.csv", [
      "functionName,memorySize,duration,initDuration,timestamp",
      ...rows,
    ]);
    const report = await fitColdstartFiles({ files: [file], ...judging });
    return {
      report,
      truth: {
        ...Object.fromEntries(sizes.map((mb) => [`orders, init, ${mb} MB`, initAt(mb)])),
        "memory exponent of init (orders)": exponent,
        "memory exponent of warm duration (orders)": 0,
        "keep-alive": 420,
      },
    };
  },
};

const detection: KnownSource = {
  name: "failure detection with grace, interval and count",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "detection");
    const constant = 400;
    const rows = [2, 5, 10, 15, 20, 25, 30, 40].flatMap((delay) => [
      `20,2,4,${delay},${Math.round(1000 * (Math.max(20 - delay, 0) + 8) + constant + 6 * draw.normal())}`,
    ]);
    const file = write(folder, "detection.csv", [
      "grace_s,interval_s,count,outage_delay_s,detection_time_ms",
      ...rows,
    ]);
    const report = await fitFailoverFile(file);
    return { report, truth: { "constant (grace 20000 ms, interval 2000 ms, count 4)": constant } };
  },
};

const promotion: KnownSource = {
  name: "durations of eight failovers",
  fit: async (folder, seed) => {
    const draw = new Stream(seed, "promotion");
    const [mean, shape] = [20, 16];
    const rows = range(8).map(
      (i) => `${i + 1},${((mean * gamma(draw, shape)) / shape).toFixed(2)}`,
    );
    const file = write(folder, "promotion.csv", ["run,duration_s", ...rows]);
    const report = await fitFailoverFile(file);
    return {
      report,
      truth: { promotionMean: mean, nextPromotion: (mean * gamma(draw, shape)) / shape },
    };
  },
};

function capacitySource(hosts: number): KnownSource {
  return {
    name: `one benchmark on ${hosts} hosts`,
    fit: async (folder, seed) => {
      const draw = new Stream(seed, `capacity ${hosts}`);
      const [mean, between, within] = [1000, 60, 30];
      const rows: string[] = [];
      for (let h = 0; h < hosts; h += 1) {
        const level = mean + between * draw.normal();
        let slow = 0;
        for (let i = 0; i < 200; i += 1) {
          // Neighbouring runs resemble one another: half of the variance is slow.
          slow = 0.8 * slow + Math.sqrt(1 - 0.64) * draw.normal();
          const value = level + within * (Math.SQRT1_2 * slow + Math.SQRT1_2 * draw.normal());
          rows.push(`${value.toFixed(3)},${iso(startMs - (200 - i) * 86_400_000)},vm-${h}`);
        }
      }
      const file = write(folder, "capacity.csv", ["value,starttime,VM_id", ...rows]);
      const report = await fitCapacityFile({ file, ...judging });
      return {
        report,
        truth: {
          mean,
          withinHostDeviation: within,
          betweenHostDeviation: between,
          nextHost: mean + between * draw.normal(),
        },
      };
    },
  };
}

/** A level with slow noise, and after two thirds of the time a shift (0 for none). */
export function driftSource(shift: number): KnownSource {
  return {
    name: shift === 0 ? "a series that does not drift" : `a series that moves by ${100 * shift} %`,
    fit: async (folder, seed) => {
      const draw = new Stream(seed, "drift");
      let slow = 0;
      const rows = range(300).map((i) => {
        slow = 0.6 * slow + 0.8 * draw.normal();
        const level = 200 * (i >= 200 ? 1 + shift : 1);
        return `${iso(startMs - (300 - i) * 86_400_000)},${(level * (1 + 0.04 * slow)).toFixed(2)}`;
      });
      const file = write(folder, "drift.csv", ["day,latency_ms", ...rows]);
      const report = await fitDriftFile({ file });
      return { report, truth: { latency_ms: 200 * (1 + shift) } };
    },
  };
}

const steadyRates = (rates: readonly number[]) => () => rates;
const movingRates = (rates: readonly number[]) => (second: number) =>
  rates.map((rate, k) => rate * (1 + 0.6 * Math.sin(second / (200 + 130 * k) + k)));

export const knownSources: readonly KnownSource[] = [
  usl,
  demandSource("demands of two classes, steady", [0.02, 0.08], steadyRates([8, 3])),
  demandSource("demands of three classes, moving", [0.015, 0.05, 0.12], movingRates([8, 3, 1.2])),
  demandSource(
    "demands of four classes, moving",
    [0.01, 0.03, 0.06, 0.1],
    movingRates([8, 4, 2, 1]),
  ),
  drivers,
  overdispersed,
  hawkes,
  mmpp,
  chance,
  service,
  hitRatio,
  cacheSource("lru"),
  cacheSource("fifo"),
  cacheSource("clock"),
  coldstart,
  detection,
  promotion,
  capacitySource(3),
  capacitySource(8),
  driftSource(0),
  driftSource(-0.2),
];
