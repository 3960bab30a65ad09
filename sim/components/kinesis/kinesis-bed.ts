import { plainService, TestBed, type TestBedOptions } from "../fabric/test-bed.ts";
import { createKinesis, type Kinesis } from "./kinesis.ts";
import type { KinesisSpec } from "./kinesis-spec.ts";

export interface KinesisBedOptions {
  /** What the stream has otherwise than a fresh one on demand in three zones. */
  readonly stream?: Partial<KinesisSpec>;
  /** Components that call the stream, and the zones of their tasks. */
  readonly callers: readonly { readonly id: string; readonly zones: readonly string[] }[];
  /** Operations of the stream: those that clients call, and those that the tasks of every caller do. */
  readonly clientCall: string;
  readonly taskCalls: readonly string[];
  /** Longest that a task's call takes, in milliseconds. */
  readonly timeoutMs: number;
}

/** A data stream, the tasks that call it, and what they were answered. */
export function kinesisBed(options: KinesisBedOptions) {
  const heard: { readonly result: number; readonly receipt: number }[] = [];
  const callTo = (operation: string) => ({
    to: "stream",
    operation,
    timeoutMs: options.timeoutMs,
  });
  const factories: TestBedOptions["factories"] = [
    {
      id: "stream",
      create: (fabric, index) =>
        createKinesis(fabric, index, {
          service: "kinesis",
          id: "stream",
          zones: ["a", "b", "c"],
          ...options.stream,
        }),
    },
    ...options.callers.map(({ id, zones }) =>
      plainService({
        id,
        zones,
        resumed: (_actor, _site, result, receipt) => heard.push({ result, receipt }),
      }),
    ),
  ];
  const bed = new TestBed({
    factories,
    flows: [{ name: options.clientCall, call: callTo(options.clientCall) }],
    actorCalls: options.callers.flatMap(({ id: component }) =>
      options.taskCalls.map((name) => ({ component, name, call: callTo(name) })),
    ),
    framesMax: 100_000,
  });
  return { bed, stream: bed.fabric.component("stream") as Kinesis, heard };
}
