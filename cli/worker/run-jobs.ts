/** Many runs on all cores: what is finished is kept, what is kept is not made again, and the order of answers is fixed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Mistake, TwinError } from "../../sim/errors/twin-error.ts";
import { plannedRequests } from "../../sim/twin/ensemble/planned-requests.ts";
import { lastCalmUs, warmUpText } from "../../sim/twin/ensemble/warm-up.ts";
import { onInterrupt } from "../interrupt.ts";
import { projectRoot } from "../project-root.ts";
import { createProgress, printNote } from "../terminal.ts";
import { createJobPool, Died, type JobPool } from "./job-pool.ts";
import type { FinishedRun, JobOutcome, RunJob, WorkerTask } from "./run-job.ts";
import { keptRun, programFingerprint, runKey } from "./run-store.ts";

export interface RunJobsOptions {
  /** Threads; all cores when left out. */
  readonly threads: number;
  /** Where finished runs are kept; undefined to keep none. */
  readonly storeFolder: string | undefined;
}

/** Runs jobs; the answer has theirs in their order. Stands behind every command that needs many runs. */
export type RunJobs = (jobs: readonly RunJob[]) => Promise<readonly FinishedRun[]>;

/** Most runs that share one warm-up in one task: more would leave other cores without work near the end. */
const sharedMax = 6;

/**
 * A function that runs jobs, with the threads and the folder that a command was asked for. Its threads stay for the next
 * jobs: a search asks for a run or two at a time, and a thread that is new to the program runs at half its speed at first.
 */
export function jobRunner(options: RunJobsOptions): RunJobs {
  let hasToldKept = false;
  let pool: JobPool | undefined;
  const openPool = () => {
    pool ??= createJobPool({ file: workerFile(), handler: "runTask", threads: options.threads });
    return pool;
  };
  return (jobs) =>
    runJobs(jobs, options, openPool, (keptCount) => {
      if (hasToldKept || keptCount === 0) return;
      hasToldKept = true;
      printNote(`${keptCount} of ${jobs.length} runs are kept in ${options.storeFolder}`);
    });
}

async function runJobs(
  jobs: readonly RunJob[],
  { threads, storeFolder }: RunJobsOptions,
  openPool: () => JobPool,
  tellKept: (keptCount: number) => void,
): Promise<readonly FinishedRun[]> {
  const program = programFingerprint();
  const keys = jobs.map((job) => runKey(job, program));
  const found = new Map<string, FinishedRun>();
  for (const [at, job] of jobs.entries()) {
    const key = keys[at] ?? "";
    const kept = storeFolder === undefined ? undefined : keptRun(storeFolder, key);
    if (kept !== undefined && !lacksRecording(job, kept)) found.set(key, kept);
  }
  const missing = jobs
    .map((job, at) => ({ job, key: keys[at] ?? "" }))
    .filter(({ key }, at) => !found.has(key) && keys.indexOf(key) === at);
  tellKept(jobs.length - missing.length);
  await makeMissing(missing, found, openPool, { threads, storeFolder });
  return jobs.map((_, at) => {
    const run = found.get(keys[at] ?? "");
    if (run === undefined) throw new Error("a job without an outcome");
    return run;
  });
}

interface KeyedJob {
  readonly job: RunJob;
  readonly key: string;
}

async function makeMissing(
  missing: readonly KeyedJob[],
  found: Map<string, FinishedRun>,
  openPool: () => JobPool,
  { threads, storeFolder }: RunJobsOptions,
): Promise<void> {
  if (missing.length === 0) return;
  const groups = groupsOf(missing, threads);
  const progress = new Int32Array(new SharedArrayBuffer(4 * groups.length));
  const tasks = groups.map(
    (group, progressAt): WorkerTask => ({
      jobs: group.map(({ job }) => job),
      keys: group.map(({ key }) => key),
      storeFolder,
      progress,
      progressAt,
    }),
  );
  const watch = watchProgress(groups, progress, storeFolder);
  try {
    const results = await openPool().run<WorkerTask, readonly JobOutcome[]>(tasks, {
      done: watch.done,
      retried: (task, reason) => {
        watch.note(`a worker died (${reason}) at ${nameOf(groups[task] ?? [])}; it is tried again`);
      },
    });
    gather(groups, results, found);
  } finally {
    watch.end();
  }
}

/**
 * Jobs that can share a warm-up come together, as long as there are enough groups for the threads. Those that take
 * longest come first: a long one that began last would leave the other threads without work at the end.
 */
function groupsOf(missing: readonly KeyedJob[], threads: number): readonly (readonly KeyedJob[])[] {
  const byWarmUp = new Map<string, KeyedJob[]>();
  for (const [at, keyed] of missing.entries()) {
    const { job } = keyed;
    const canShare = job.warmUpSeed === undefined && lastCalmUs([job]) !== undefined;
    const { orders: _, ...inputs } = job;
    const text = canShare
      ? [job.seed, job.orders?.contentHash, warmUpText(inputs)].join("\n")
      : `alone ${at}`;
    byWarmUp.set(text, [...(byWarmUp.get(text) ?? []), keyed]);
  }
  const spread = Math.max(1, Math.ceil(missing.length / threads));
  const size = Math.min(sharedMax, spread);
  return [...byWarmUp.values()]
    .flatMap((alike) =>
      Array.from({ length: Math.ceil(alike.length / size) }, (_, part) =>
        alike.slice(part * size, (part + 1) * size),
      ),
    )
    .sort((one, other) => workOf(other) - workOf(one));
}

/** Requests that a group is expected to take. */
function workOf(group: readonly KeyedJob[]): number {
  return group.reduce((sum, { job }) => sum + plannedRequests(job.scenario), 0);
}

function gather(
  groups: readonly (readonly KeyedJob[])[],
  results: readonly (readonly JobOutcome[] | Died)[],
  found: Map<string, FinishedRun>,
): void {
  const mistakes: Mistake[] = [];
  const dead: string[] = [];
  for (const [at, result] of results.entries()) {
    const group = groups[at] ?? [];
    if (result instanceof Died) {
      dead.push(`${nameOf(group)} (${result.reason})`);
      continue;
    }
    for (const [place, outcome] of result.entries()) {
      const { key } = group[place] as KeyedJob;
      if (outcome.ok) found.set(key, outcome.run);
      else mistakes.push(...outcome.mistakes);
    }
  }
  if (dead.length > 0) throw new WorkerDeath(dead);
  const [only, second] = mistakes;
  if (only === undefined) return;
  if (second === undefined) throw new TwinError(only);
  throw new TwinError(
    {
      code: "runs.several-mistakes",
      problem: `${mistakes.length} runs could not be made`,
      remedy: "Mend each of them; the runs that were finished are kept",
    },
    { mistakes },
  );
}

/** A worker that dies twice at one task is a bug, or a machine without memory; other runs are kept. */
class WorkerDeath extends Error implements Mistake {
  readonly code = "worker.died";
  readonly problem: string;
  readonly remedy = "Give it again with --jobs 1, which needs less memory; finished runs are kept";

  constructor(dead: readonly string[]) {
    const problem = `Workers died twice at ${dead.join("; ")}`;
    super(problem);
    this.problem = problem;
  }
}

function nameOf(group: readonly KeyedJob[]): string {
  return group.map(({ job }) => `${job.scenario.id} seed ${job.seed}`).join(", ");
}

/** A missed run that was kept without its recording is made again when the recording is wanted. */
function lacksRecording(job: RunJob, kept: FinishedRun): boolean {
  if (job.recordingPath === undefined) return false;
  const { baseline, objectives } = kept.summary;
  const isMet = baseline.healthy && objectives.every(({ met }) => met);
  return !isMet && !(kept.recordingPath === job.recordingPath && existsSync(job.recordingPath));
}

function workerFile(): string {
  const file = join(projectRoot(), "dist", "cli", "worker", "run-worker.js");
  if (existsSync(file)) return file;
  throw new Error(`${file} is missing: build the program with npm run build`);
}

/** A line for people while runs are made, and what to say when they are interrupted. */
function watchProgress(
  groups: readonly (readonly KeyedJob[])[],
  progress: Int32Array,
  storeFolder: string | undefined,
) {
  const line = createProgress();
  const startedMs = performance.now();
  const total = groups.reduce((sum, group) => sum + group.length, 0);
  const works = groups.map(workOf);
  const workInAll = works.reduce((sum, work) => sum + work, 0);
  const doneOf = (at: number) => ((progress[at] ?? 0) * (groups[at]?.length ?? 0)) / 1000;
  const countFinished = () => groups.reduce((sum, _, at) => sum + Math.floor(doneOf(at)), 0);
  const show = () => {
    const done = works.reduce((sum, work, at) => sum + (work * (progress[at] ?? 0)) / 1000, 0);
    const passedSeconds = (performance.now() - startedMs) / 1000;
    line.show(manyLine(countFinished(), total, done / workInAll, passedSeconds));
  };
  const timer = setInterval(show, 250);
  const forget = onInterrupt(() => {
    line.end();
    const finished = countFinished();
    printNote(
      storeFolder === undefined
        ? `${finished} of ${total} runs were finished; none is kept, as --no-cache asks`
        : `${finished} of ${total} runs were finished and are kept in ${storeFolder}: the same command goes on from there`,
    );
  });
  return {
    done(at: number) {
      Atomics.store(progress, at, 1000);
      show();
    },
    note(text: string) {
      line.end();
      printNote(text);
    },
    end() {
      clearInterval(timer);
      line.end();
      forget();
    },
  };
}

/** `12 of 200 runs [###-----] 31%, about 40 s left` */
function manyLine(
  finished: number,
  total: number,
  fractionDone: number,
  passedSeconds: number,
): string {
  const width = 24;
  const full = Math.max(0, Math.min(width, Math.round(fractionDone * width)));
  const bar = "#".repeat(full) + "-".repeat(width - full);
  const left =
    fractionDone > 0.02
      ? `, about ${Math.ceil(passedSeconds / fractionDone - passedSeconds)} s left`
      : "";
  return `${finished} of ${total} runs [${bar}] ${Math.floor(fractionDone * 100)}%${left}`;
}
