/** Threads that work off tasks, and outlive the death of one of them. */
import { Piscina } from "piscina";

export interface JobPoolOptions {
  /** Compiled module, and the function of it that takes a task. */
  readonly file: string;
  readonly handler: string;
  readonly threads: number;
}

/** What is told of tasks, by their places among those that were given together. */
export interface TaskWatch {
  readonly done: (task: number) => void;
  /** It is tried again because its thread died. */
  readonly retried: (task: number, reason: string) => void;
}

/** What became of a task whose thread died twice. */
export class Died {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface JobPool {
  /** Results in the order of the tasks, whichever finished first. May be called again before it is done. */
  run<Task, Result>(tasks: readonly Task[], watch: TaskWatch): Promise<readonly (Result | Died)[]>;
  close(): Promise<void>;
}

export function createJobPool(options: JobPoolOptions): JobPool {
  const pool = new Piscina({
    filename: options.file,
    name: options.handler,
    minThreads: 1,
    maxThreads: options.threads,
    // A thread that waits keeps its last warm-up and its compiled code; it goes with the pool, and holds up no exit.
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: "disabled",
  });
  // The death of an idle thread harms nobody; that of a busy one rejects its task.
  pool.on("error", () => {});

  async function runOnce(task: unknown): Promise<{ result: unknown } | Died> {
    try {
      return { result: await pool.run(task) };
    } catch (error) {
      return new Died(error instanceof Error ? error.message : String(error));
    }
  }

  async function runTwice(task: unknown, retried: (reason: string) => void): Promise<unknown> {
    const first = await runOnce(task);
    if (!(first instanceof Died)) return first.result;
    retried(first.reason);
    const second = await runOnce(task);
    return second instanceof Died ? second : second.result;
  }

  return {
    async run<Task, Result>(tasks: readonly Task[], watch: TaskWatch) {
      return Promise.all(
        tasks.map(async (task, at) => {
          const result = await runTwice(task, (reason) => watch.retried(at, reason));
          watch.done(at);
          return result as Result | Died;
        }),
      );
    },
    close: () => pool.destroy(),
  };
}
