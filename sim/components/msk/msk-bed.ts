import type { ActorCallDeclaration } from "../fabric/assemble.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createMsk, type Msk } from "./msk.ts";
import type { MskSpec } from "./msk-spec.ts";

const zoneNames = ["a", "b", "c"];

/** A cluster with a producer and readers beside it, for its tests. */
export class MskBed {
  readonly bed: TestBed;
  readonly msk: Msk;
  /** What each reader's calls ended with: the call's name, its result and the receipt. */
  readonly heard: { call: "receive" | "delete"; result: number; receipt: number }[] = [];
  /** Where the readers' calls come from. Assembly only. */
  #actors: number[] = [];
  /** Calls made by a test so far. Not run state: no bed is restored from a snapshot. */
  #key = 0;

  constructor(
    spec: Partial<MskSpec> = {},
    options: { readers?: number; sendTimeoutMs?: number; framesMax?: number } = {},
  ) {
    const readers = Array.from({ length: options.readers ?? 1 }, (_, at) => `reader-${at}`);
    const actorCalls: ActorCallDeclaration[] = readers.flatMap((component) =>
      (["receive", "delete"] as const).map((name) => ({
        component,
        name,
        call: { to: "kafka", operation: name, timeoutMs: 2000 },
      })),
    );
    this.bed = new TestBed({
      zones: zoneNames,
      factories: [
        {
          id: "kafka",
          create: (fabric, index) =>
            createMsk(fabric, index, {
              id: "kafka",
              service: "msk",
              zones: zoneNames,
              brokersPerZone: 1,
              brokerClass: "m7g.large",
              storageGb: 100,
              topicPartitions: 6,
              ...spec,
            }),
        },
        ...readers.map((id) =>
          plainService({
            id,
            zones: ["a", "b"],
            resumed: (_actor, site, result, receipt) => {
              const call = this.bed.fabric.sites[site]!.operation === 1 ? "receive" : "delete";
              this.heard.push({ call, result, receipt });
            },
          }),
        ),
      ],
      flows: [
        {
          name: "send",
          call: { to: "kafka", operation: "send", timeoutMs: options.sendTimeoutMs ?? 60_000 },
        },
      ],
      actorCalls,
      framesMax: options.framesMax ?? 200_000,
    });
    this.msk = this.bed.fabric.component("kafka") as Msk;
  }

  /** Sends an order of a symbol; returns its number. */
  send(symbol: number): number {
    const request = this.bed.request({ symbol });
    this.bed.send("send", request);
    return request;
  }

  /** Sends one order of each of so many symbols, and lets a second pass. */
  sendMany(count: number): number[] {
    const sent = Array.from({ length: count }, (_, symbol) => this.send(symbol));
    this.bed.runSeconds(1);
    return sent;
  }

  /** Results of the sends that have been answered, by request. */
  get results(): ReadonlyMap<number, number> {
    return new Map(this.bed.answers.map(({ data, result }) => [data, result]));
  }

  /** Instance of a task of a reader: the first stands in zone a, the second in zone b. */
  readerInstance(reader = 0, task = 0): number {
    return this.bed.instances(`reader-${reader}`)[task]!;
  }

  /** A task of a reader fetches, and the requests that it got are returned after so many seconds. */
  fetch(reader = 0, task = 0, seconds = 1): number[] {
    const receipt = this.fetchReceipt(reader, task, seconds);
    const count = this.msk.readBatch(receipt);
    return [...this.msk.batch.subarray(0, count)];
  }

  fetchReceipt(reader = 0, task = 0, seconds = 1): number {
    this.#call(reader, task, "receive", -1);
    this.bed.runSeconds(seconds);
    const last = this.heard.at(-1);
    return last?.call === "receive" ? last.receipt : -1;
  }

  /** A task of a reader commits what it read up to a receipt; returns the result. */
  commit(receipt: number, reader = 0, task = 0): number {
    this.#call(reader, task, "delete", receipt);
    this.bed.runSeconds(1);
    return this.heard.at(-1)!.result;
  }

  #call(reader: number, task: number, name: "receive" | "delete", data: number): void {
    const { fabric } = this.bed;
    const actor = fabric.calls.startActor(this.readerInstance(reader, task), 0);
    this.#actors.push(actor);
    this.#key += 1;
    const site = fabric.actorSite(`reader-${reader}`, name);
    fabric.calls.callAsActor(actor, site, this.#key, data, 1);
  }

  /** Broker that leads the partition of a symbol. */
  leaderOf(symbol: number): number {
    return this.msk.replicas.leader[this.msk.orders.partitionOf(symbol)]!;
  }

  /** Zone of a broker. */
  zoneOf(broker: number): string {
    return zoneNames[broker % zoneNames.length]!;
  }

  /** A symbol that a broker leads. */
  symbolLedBy(broker: number): number {
    for (let symbol = 0; symbol < 1000; symbol += 1) {
      if (this.leaderOf(symbol) === broker) return symbol;
    }
    throw new RangeError(`broker ${broker} leads nothing`);
  }
}
