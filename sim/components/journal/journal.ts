import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import type { Table } from "../../kernel/containers/table.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { isMarketStep, requestKind } from "../fabric/requests.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import { JournalPair, type PairedLog } from "./journal-pair.ts";
import { journalDefaults } from "./journal-parameters.ts";
import type { JournalSpec } from "./journal-spec.ts";

const operation = { open: 0, append: 1, read: 2 } as const;

const positionColumns = { position: "int32" } as const;

const recordColumns = { request: "int32", epoch: "int32" } as const;

/** Cells of the journal's state. */
const cell = {
  /** Position after the last durable record. */
  end: 0,
  /** Position of the first record that can still be read. */
  begin: 1,
  /** Records ever put on their way. */
  staged: 2,
  /** Records put on their way and written, or refused; a repeated append begins after them. */
  appended: 3,
  /** Epoch of the owner that may append. */
  fence: 4,
  /** 1 from the loss of the only copy until an owner goes on. */
  lost: 5,
} as const;

/** Fencing epoch of a log that was lost and has not been opened since. */
const nobody = -1;

/** Records that can be on their way to the log at once. */
const stagedMax = 65_536;

/** What the twin wants to hear, for the ledger; components never see it. */
export interface JournalObserver {
  /** A record has become durable at a position of the log. */
  durable(request: number, position: number): void;
  /** The log now ends at a position; what stood after it is lost. */
  truncated(position: number): void;
  /** It is the venue's history from now on, up to a position, in the place of the journal that it is a copy of. */
  promoted?(position: number): void;
}

/**
 * The matching journal: an append-only log of commands with a place, a write latency and a durable watermark.
 * Recovery sees what is durable and nothing else. An owner opens the log with its epoch; appends of an earlier
 * owner are refused from then on, so that two engines never extend one history.
 *
 *   stage (on its way)  --append-->  log [0 ........ durableCount)
 */
export class Journal implements Component {
  readonly id: string;
  readonly service = "journal";
  readonly index: number;
  readonly operations: readonly Operation[];
  /** What it is to the log of another region, where there is one. */
  readonly pair: JournalPair;
  readonly #fabric: Fabric;
  readonly #spec: JournalSpec;
  readonly #observer: JournalObserver;
  readonly #parameters: typeof journalDefaults;
  readonly #hosts: ZonalHosts;
  readonly #log: Table<typeof recordColumns>;
  readonly #staged: Int32Array;
  readonly #state: Float64Array;
  readonly #opened: number;
  readonly #refused: number;
  readonly #gone: number;
  /** Assembly only. By request: where it stood last; only where somebody looks requests up. */
  #positions: Table<typeof positionColumns> | undefined;
  /** Assembly only: what clients may read of it; nothing when undefined. */
  #resends: TokenBucket | undefined;

  constructor(fabric: Fabric, index: number, spec: JournalSpec, observer: JournalObserver) {
    const { kernel, log } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#observer = observer;
    this.#parameters = resolveParameters(spec.id, journalDefaults, spec.parameters);
    const values = valuesOf(this.#parameters);
    const write = compileQuantiles(
      lognormalFromQuantiles({ p50: values.writeMsP50 * 1000, p95: values.writeMsP95 * 1000 }),
    );
    this.operations = [
      {
        name: "open",
        serviceUs: compileQuantiles({ kind: "deterministic", value: values.openMs * 1000 }),
        decides: true,
      },
      { name: "append", serviceUs: write, perItemUs: values.perRecordUs, decides: true },
      {
        name: "read",
        serviceUs: write,
        perItemUs: 1_000_000 / values.readRecordsPerSecond,
        decides: true,
      },
    ];
    this.#hosts = new ZonalHosts(fabric, {
      component: index,
      id: spec.id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      insideMax: 10_000,
      evictAfterUs: values.hostEvictionUs,
      needsMajority: spec.zones.length > 1,
    });
    this.#log = kernel.table(`${spec.id}.log`, recordColumns, {
      rowsInitial: 4096,
      rowsMax: 100_000_000,
    });
    this.#staged = kernel.int32Array(`${spec.id}.staged`, stagedMax);
    this.#state = kernel.float64Array(`${spec.id}.state`, Object.keys(cell).length);
    this.#opened = log.kind("journal.opened", "recover");
    this.#refused = log.kind("journal.append-refused", "detect");
    this.#gone = log.kind("journal.copy-lost", "info");
    this.pair = new JournalPair(fabric, this.#pairedLog(), spec.replicaOf !== undefined);
  }

  #pairedLog(): PairedLog {
    const self = this;
    return {
      id: this.id,
      component: this.index,
      zones: this.zones,
      values: valuesOf(this.#parameters),
      get begin() {
        return self.begin;
      },
      get end() {
        return self.end;
      },
      requestAt: (position) => this.requestAt(position),
      close: () => {
        this.#state[cell.fence] = Number.POSITIVE_INFINITY;
      },
      takeHistory: (of, position) => this.#takeHistory(of, position),
      stepBackTo: (position) => {
        this.#state[cell.end] = position;
        this.#state[cell.appended] = this.stagedCount;
      },
      promoted: (position) => this.#observer.promoted?.(position),
    };
  }

  #takeHistory(of: Pick<PairedLog, "begin" | "requestAt">, position: number): void {
    while (this.#log.rowCount < position) this.#log.append();
    for (let at = of.begin; at < position; at += 1) {
      const request = of.requestAt(at);
      this.#log.column.request[at] = request;
      this.#notePosition(request, at);
    }
    this.#state[cell.begin] = of.begin;
    this.#state[cell.end] = position;
    this.#state[cell.fence] = nobody;
  }

  /** Zones that hold a copy. */
  get zones(): readonly number[] {
    return this.#spec.zones.map((zone) => this.#fabric.zone(zone));
  }

  /** Keeps, at assembly, where each request stands, so that it can be looked up. */
  keepPositions(): void {
    this.#positions = this.#fabric.kernel.table(`${this.id}.positions`, positionColumns, {
      rowsInitial: 4096,
      rowsMax: 100_000_000,
    });
  }

  /** Whether a request stands in the log; for logs that keep positions. */
  holds(request: number): boolean {
    const positions = this.#positions;
    if (positions === undefined || request >= positions.rowCount) return false;
    const position = positions.column.position[request]!;
    const isThere = position >= this.begin && position < this.end;
    return isThere && this.requestAt(position) === request;
  }

  #notePosition(request: number, position: number): void {
    const positions = this.#positions;
    if (positions === undefined || isMarketStep(request)) return;
    while (positions.rowCount <= request) positions.append();
    positions.column.position[request] = position;
  }

  start(): void {
    const { replicaOf } = this.#spec;
    if (replicaOf !== undefined) {
      this.pair.startFollowing((this.#fabric.component(replicaOf) as Journal).pair);
    }
    this.#hosts.start();
  }

  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts.route(frame);
  }

  admit(frame: number, host: number): number {
    if (this.#resends !== undefined && this.#isForClient(frame) && !this.#resends.take(1)) {
      return outcome.throttled;
    }
    return this.#hosts.canServe(host) ? outcome.ok : outcome.parked;
  }

  /** Whether a read is for a client whose session lacks reports, and not for an owner that recovers. */
  #isForClient(frame: number): boolean {
    const { calls, sites, requests } = this.#fabric;
    if (sites[calls.siteOf(frame)]!.operation !== operation.read) return false;
    const request = calls.dataOf(frame);
    return request >= 0 && requests.column.kind[request] === requestKind.resendReports;
  }

  /** Lets clients read what their sessions lack, at a bounded rate. While the platform is assembled only. */
  admitResends(): void {
    const { resendsPerSecond } = valuesOf(this.#parameters);
    this.#resends = new TokenBucket(this.#fabric.kernel, `${this.id}.resends`, {
      ratePerSecond: resendsPerSecond,
      burst: resendsPerSecond,
    });
  }

  worked(frame: number, host: number): number {
    const { calls } = this.#fabric;
    const site = this.#fabric.sites[calls.siteOf(frame)]!;
    if (!this.#hosts.canServe(host)) return outcome.unavailable;
    const data = calls.dataOf(frame);
    if (site.operation === operation.read) return outcome.ok;
    // `data` of an open is the new owner's epoch, of an append the staged number of its first record.
    if (site.operation === operation.open) return this.#open(data, host);
    return this.#append(data, calls.itemCountOf(frame), host);
  }

  instanceFailed(instance: number, manner: FailureManner, causeSeq: number): void {
    const onlyCopy = this.#spec.zones.length === 1;
    if (!onlyCopy || this.#spec.survivesPowerLoss || manner === "hang") return;
    const place = {
      component: this.index,
      instance,
      zone: this.#fabric.instances.column.zone[instance]!,
    };
    this.#fabric.log.append(
      this.#gone,
      place,
      causeSeq,
      this.#state[cell.end]! - this.#state[cell.begin]!,
    );
    this.#state[cell.end] = 0;
    this.#state[cell.begin] = 0;
    // The log that comes back knows no owner: whoever goes on from memory is refused and must recover first.
    this.#state[cell.fence] = nobody;
    this.#state[cell.lost] = 1;
  }

  powerRestored(host: number, causeSeq: number): void {
    this.#hosts.powerRestored(host, causeSeq);
  }

  /** Puts a record on its way, to be written by a following append; returns its number. */
  stage(request: number, epoch: number): number {
    const number = this.#state[cell.staged]!;
    this.#staged[(number * 2) % stagedMax] = request;
    this.#staged[(number * 2 + 1) % stagedMax] = epoch;
    this.#state[cell.staged] = number + 1;
    return number;
  }

  /** Records ever put on their way. */
  get stagedCount(): number {
    return this.#state[cell.staged]!;
  }

  /** Records put on their way that are written or refused by now. */
  get appendedCount(): number {
    return this.#state[cell.appended]!;
  }

  /** Position after the last record that a recovery can read. */
  get end(): number {
    return this.#state[cell.end]!;
  }

  /** Position of the first record that a recovery can read. */
  get begin(): number {
    return this.#state[cell.begin]!;
  }

  /** Request of a durable record. */
  requestAt(position: number): number {
    return this.#log.column.request[position]!;
  }

  /** Request of a record on its way, as long as it is among the last ones staged. */
  stagedRequest(number: number): number {
    return this.#staged[(number * 2) % stagedMax]!;
  }

  /** After the log's only copy was lost: it goes on at a position that a snapshot covers, empty before it. */
  restartAt(position: number): void {
    this.#state[cell.begin] = position;
    this.#state[cell.end] = position;
    this.#state[cell.lost] = 0;
    this.#observer.truncated(position);
    while (this.#log.rowCount < position) this.#log.append();
  }

  /** Whether its only copy was lost, and no owner has gone on with it since. */
  get wasLost(): boolean {
    return this.#state[cell.lost] === 1;
  }

  /** Whether the log can be reached at all: false while its only copy is dark. */
  get isReachable(): boolean {
    return this.#hosts.hosts.some((host) => this.#hosts.canServe(host));
  }

  /** Writes a record at once, as part of the platform's opening state. */
  preload(request: number): void {
    this.#write(request, 0);
  }

  channels(): readonly Channel[] {
    return [
      levelChannel("durable", "records", () => this.end),
      levelChannel("on the way", "records", () => this.stagedCount - this.#state[cell.appended]!),
      levelChannel("hosts in service", "hosts", () => this.#hosts.inServiceCount),
      ...(this.#spec.replicaOf === undefined
        ? []
        : [levelChannel("records not yet arrived", "records", () => this.pair.lackingCount)]),
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #open(epoch: number, host: number): number {
    if (epoch < this.#state[cell.fence]!) return outcome.refused;
    const { log, instances } = this.#fabric;
    // What an earlier owner still has on its way can't be written any more.
    this.#state[cell.fence] = epoch;
    this.#state[cell.appended] = this.stagedCount;
    const place = { component: this.index, instance: host, zone: instances.column.zone[host]! };
    log.append(this.#opened, place, none, this.end);
    return outcome.ok;
  }

  #append(first: number, count: number, host: number): number {
    const { log, instances } = this.#fabric;
    const epoch = this.#staged[(first * 2 + 1) % stagedMax]!;
    if (epoch !== this.#state[cell.fence]) {
      const place = { component: this.index, instance: host, zone: instances.column.zone[host]! };
      log.append(this.#refused, place, instances.column.causeSeq[host]!, count);
      return outcome.refused;
    }
    const from = Math.max(first, this.#state[cell.appended]!);
    for (let number = from; number < first + count; number += 1) {
      this.#write(this.#staged[(number * 2) % stagedMax]!, epoch);
      this.#state[cell.appended] = number + 1;
    }
    return outcome.ok;
  }

  #write(request: number, epoch: number): void {
    const position = this.end;
    if (position >= this.#log.rowCount) this.#log.append();
    this.#log.column.request[position] = request;
    this.#log.column.epoch[position] = epoch;
    this.#state[cell.end] = position + 1;
    this.#notePosition(request, position);
    this.#observer.durable(request, position);
  }
}

/** The durable command log of a matching service. */
export function createJournal(
  fabric: Fabric,
  index: number,
  spec: JournalSpec,
  observer: JournalObserver,
): Journal {
  return new Journal(fabric, index, spec, observer);
}
