import type { Parameters } from "../../facts/parameter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import { ClientPools } from "../fabric/client-pools.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { Resize } from "../fabric/resize.ts";
import {
  type AuroraFigures,
  auroraChannels,
  auroraCounted,
  publishAuroraMetrics,
} from "./aurora-figures.ts";
import { type AuroraParameters, auroraParameters, serverlessValues } from "./aurora-parameters.ts";
import type { AuroraSpec } from "./aurora-spec.ts";
import { ClusterControl } from "./cluster-control.ts";
import { Commits, type DurableListener } from "./commits.ts";
import { DataCorruption } from "./data-corruption.ts";
import { DatabaseGroup, databaseRole } from "./database-group.ts";
import { GlobalSecondary } from "./global-secondary.ts";
import { ServerlessCapacity } from "./serverless-capacity.ts";

const operation = { read: 0, readWriter: 1, write: 2, commit: 3 } as const;

/**
 * Aurora PostgreSQL: instances with CPUs, connection limits and buffer caches over one volume that outlives them.
 *
 * | operation     | endpoint | answered when                                            |
 * | ------------- | -------- | -------------------------------------------------------- |
 * | `read`        | reader   | `itemCount` rows are read, from memory or from storage   |
 * | `read-writer` | cluster  | the same, on the writer: sees the latest commit          |
 * | `write`       | cluster  | `itemCount` rows are written and durable on the volume   |
 * | `commit`      | cluster  | rows sent before are durable: a commit and nothing else  |
 *
 * A write that is answered `ok` is durable and survives the loss of any instance and any zone. `whenDurable` tells
 * the moment itself, also of commits whose writer dies before it can answer.
 */
export class Aurora implements Component {
  readonly id: string;
  readonly service = "aurora";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly #fabric: Fabric;
  readonly #parameters: AuroraParameters;
  readonly #group: DatabaseGroup;
  readonly #commits: Commits;
  readonly #control: ClusterControl;
  readonly #writerPools: ClientPools;
  readonly #readerPools: ClientPools;
  readonly #statementNumber: Int32Array;
  readonly #counts: Float64Array;
  /** Sessions that have left a transaction open. */
  readonly #openTransactions: Int32Array;
  readonly #fetched: HandlerId;
  readonly #corruption: DataCorruption;
  readonly #secondaryOf: string | undefined;
  readonly #isBackup: boolean;
  /** Assembly only. In a global database: its side of the replication. */
  #secondary: GlobalSecondary | undefined;
  readonly #serverless: ServerlessCapacity | undefined;
  readonly #resize: Resize;

  constructor(fabric: Fabric, index: number, spec: AuroraSpec) {
    const { kernel, instances } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#parameters = auroraParameters(spec);
    this.operations = operationsOf(this.#parameters);
    this.#group = new DatabaseGroup(fabric, index, spec, this.#parameters);
    this.#commits = new Commits(fabric, this.#group, spec.id, this.#parameters);
    this.#control = new ClusterControl(fabric, this.#group, {
      component: index,
      id: spec.id,
      parameters: this.#parameters,
      commits: this.#commits,
      looked: () => this.#corruption.look(),
    });
    this.#corruption = new DataCorruption(
      fabric,
      { id: spec.id, component: index, parameters: this.#parameters },
      () => ({ durableCount: this.#commits.durableCount, switched: () => this.#breakSessions() }),
    );
    this.#writerPools = new ClientPools(kernel, instances, `${spec.id}.writer`);
    this.#readerPools = new ClientPools(kernel, instances, `${spec.id}.reader`);
    this.#statementNumber = kernel.int32Array(`${spec.id}.statement-number`, 1);
    this.#counts = kernel.float64Array(`${spec.id}.counts`, Object.keys(auroraCounted).length);
    this.#openTransactions = kernel.int32Array(`${spec.id}.open-transactions`, 1);
    this.#fetched = kernel.handler(`${spec.id}.pages-fetched`, (frame, generation) =>
      this.#pagesFetched(frame, generation),
    );
    this.#resize = new Resize(kernel, fabric.log, {
      id: spec.id,
      component: index,
      durationUs: this.#parameters.largerReaderUs.value,
      done: (factor, causeSeq) => this.#takeSize(factor, causeSeq),
    });
    publishAuroraMetrics(fabric, this.#figures());
    const { serverless } = spec;
    const acuValues = serverlessValues(this.#parameters);
    if (serverless !== undefined && acuValues !== undefined) {
      this.#serverless = new ServerlessCapacity(fabric, this.#group, {
        id: spec.id,
        component: index,
        spec: serverless,
        values: acuValues,
      });
    }
    const secondaryOf = spec.secondaryOf ?? spec.backupOf;
    this.#isBackup = spec.backupOf !== undefined;
    this.#secondaryOf = secondaryOf;
    if (secondaryOf !== undefined) {
      this.#secondary = this.#newSecondary(false, () => fabric.component(secondaryOf) as Aurora);
    }
  }

  #newSecondary(isPrimary: boolean, other: () => Aurora): GlobalSecondary {
    return new GlobalSecondary(
      this.#fabric,
      {
        id: this.id,
        component: this.index,
        zones: this.#group.zones,
        parameters: this.#parameters,
        isPrimary,
        isBackup: this.#isBackup,
        // One that had been handed everything goes on as a secondary; one that was lost has to be copied anew by people.
        tookOver: (causeSeq) => {
          if (isPrimary) other().#secondary?.rejoin(true, causeSeq);
        },
      },
      other,
    );
  }

  start(): void {
    this.#control.start();
    this.#secondary?.start();
    this.#serverless?.start();
    if (this.#secondaryOf === undefined) return;
    const primary = this.#fabric.component(this.#secondaryOf) as Aurora;
    primary.#secondary = primary.#newSecondary(true, () => this);
  }

  route(callerInstance: number, _callerZone: number, frame: number): number {
    const { names } = this.#fabric;
    const isReader = this.#operationOf(frame) === operation.read;
    const record = isReader ? this.#group.readerRecord : this.#group.writerRecord;
    if (callerInstance === none) return names.published(record)[0] ?? none;
    if (!isReader && this.#isProxy(callerInstance)) return this.writerInstance;
    const instance = names.resolve(record, callerInstance);
    const pools = isReader ? this.#readerPools : this.#writerPools;
    pools.connect(callerInstance, instance);
    return instance;
  }

  /** A proxy learns of the cluster itself who its writer is, as soon as one is promoted. */
  #isProxy(callerInstance: number): boolean {
    const { components, instances } = this.#fabric;
    return components[instances.column.component[callerInstance]!]?.service === "rds-proxy";
  }

  /** A reader refuses writes. A former writer that is cut off does not know better, and takes them. */
  admit(frame: number, instance: number): number {
    const asked = this.#operationOf(frame);
    const isWrite = asked === operation.write || asked === operation.commit;
    const role = this.#fabric.instances.column.role[instance]!;
    if (this.#secondary?.isThere === false) return outcome.unavailable;
    if (isWrite && this.#secondary?.isPromoted === false) return outcome.unavailable;
    return isWrite && role !== databaseRole.writer ? outcome.unavailable : outcome.ok;
  }

  worked(frame: number, instance: number): number {
    const { calls, kernel } = this.#fabric;
    const member = this.#group.memberOf(instance);
    const asked = this.#operationOf(frame);
    const fetchUs = asked === operation.commit ? 0 : this.#fetchUs(frame, member);
    if (asked === operation.read || asked === operation.readWriter) {
      if (this.#corruption.isMet(this.#statementNumber[0]!)) return outcome.unavailable;
      if (fetchUs === 0) return outcome.ok;
      kernel.schedule(fetchUs, this.#fetched, frame, calls.generationOf(frame));
      return outcome.parked;
    }
    if (asked === operation.write) this.#count(auroraCounted.rowsWritten, calls.itemCountOf(frame));
    return this.#commits.start(frame, member, fetchUs) ? outcome.parked : outcome.unavailable;
  }

  callFailed(callerInstance: number, site: number, result: number): void {
    if (result === outcome.refused) return;
    const { names, sites } = this.#fabric;
    const isReader = sites[site]!.operation === operation.read;
    names.drop(isReader ? this.#group.readerRecord : this.#group.writerRecord, callerInstance);
    (isReader ? this.#readerPools : this.#writerPools).disconnect(callerInstance);
  }

  instanceFailed(instance: number, _manner: FailureManner, _causeSeq: number): void {
    this.#commits.instanceFailed(this.#group.memberOf(instance));
  }

  /** The host runs again, without its database: the service will boot and start it once it has noticed. */
  powerRestored(instance: number, causeSeq: number): void {
    const { column } = this.#fabric.instances;
    column.status[instance] = status.crashed;
    column.causeSeq[instance] = causeSeq;
    this.#control.hostIsBack(this.#group.memberOf(instance));
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.#control.setFrozen(frozen);
    this.#serverless?.setFrozen(frozen);
  }

  /** Registers, at assembly, who is told of every commit at the instant at which it is durable. */
  whenDurable(listener: DurableListener): void {
    this.#commits.whenDurable(listener);
  }

  /** An operator asks for a failover; false when one is under way or there is no reader to take over. */
  failOver(causeSeq: number): boolean {
    return this.#control.failOver(causeSeq);
  }

  /**
   * Larger readers are created beside the others and the writer moves to one of them; false while that is under way, and
   * for a serverless cluster, which has no size to order.
   */
  scaleUp(factor: number, causeSeq: number): boolean {
    return this.#serverless === undefined && this.#resize.order(factor, causeSeq);
  }

  get isScalingUp(): boolean {
    return this.#resize.isUnderWay || this.isFailingOver;
  }

  #takeSize(factor: number, causeSeq: number): void {
    const { column } = this.#fabric.instances;
    const vcpus = Math.round(this.#parameters.vcpuCount.value * factor);
    for (const instance of this.#group.instances) column.serverCount[instance] = vcpus;
    this.failOver(causeSeq);
  }

  /** A bad writer has begun; a share of the reads, 0..1, meets its rows until a restore to a point before. */
  corrupt(share: number, causeSeq: number): void {
    this.#corruption.begin(share, causeSeq);
  }

  /** Restores the volume to so many seconds before the first bad row, or from the newest copy of a backup; false while a restore is under way. */
  restore(marginSeconds: number, causeSeq: number): boolean {
    if (this.#isBackup) return this.promoteSecondary(causeSeq);
    return this.#corruption.restore(marginSeconds * 1_000_000, causeSeq);
  }

  get isRestoring(): boolean {
    return this.#isBackup ? this.#secondary?.isPromoting === true : this.#corruption.isRestoring;
  }

  /** Point to which it was restored last, microseconds; `none` before. */
  get restoredToUs(): number {
    return this.#corruption.restoredToUs;
  }

  /** A session leaves a transaction open, or ends it at last. */
  setTransactionOpen(open: boolean): void {
    this.#openTransactions[0] = this.#openTransactions[0]! + (open ? 1 : -1);
  }

  /** Whether there is a transaction that does not end; who reads changes in the order of commits waits for it. */
  get hasOpenTransaction(): boolean {
    return this.#openTransactions[0]! > 0;
  }

  /** Everyone connects anew, to the restored volume. */
  #breakSessions(): void {
    for (const instance of this.#group.instances) this.#fabric.calls.evict(instance, true);
  }

  /** Zones of its instances. */
  get zones(): readonly number[] {
    return this.#group.zones;
  }

  /** Makes a secondary cluster take writes; false for one that is none, or was asked before. */
  promoteSecondary(causeSeq: number): boolean {
    return this.#secondary?.promote(causeSeq) ?? false;
  }

  /** Makes a former primary a secondary of the cluster that took its place; false when it can't be one. */
  becomeStandby(causeSeq: number): boolean {
    return this.#secondary?.rejoin(false, causeSeq) ?? false;
  }

  /** Whether it is a secondary whose volume is complete. */
  get isStandby(): boolean {
    const secondary = this.#secondary;
    return secondary !== undefined && !secondary.isPromoted && !secondary.isCopying;
  }

  /** Whether it takes writes: any cluster but a secondary that has not been promoted. */
  get takesWrites(): boolean {
    return this.#secondary?.isPromoted ?? true;
  }

  /** Whether a failover is under way: a reader is being promoted, or the cluster endpoint has not followed yet. */
  get isFailingOver(): boolean {
    return this.#control.isFailingOver;
  }

  /** Instance that the volume takes writes from. */
  get writerInstance(): number {
    return this.#group.writerInstance;
  }

  /** ACUs of the writer; `NaN` for a cluster that is not serverless. */
  get writerAcu(): number {
    return this.#serverless?.acu(this.#group.writer) ?? Number.NaN;
  }

  /** Commits that are durable. */
  get durableCount(): number {
    return this.#commits.durableCount;
  }

  /** Commits that are durable although their writer died before it could say so. */
  get unheardCount(): number {
    return this.#commits.unheardCount;
  }

  /** Share of page reads of the writer that memory answers. */
  get writerHitShare(): number {
    return this.#group.cache.hitShare(this.#group.writer);
  }

  channels(): readonly Channel[] {
    return auroraChannels(this.#fabric, this.#figures());
  }

  #figures(): AuroraFigures {
    return {
      id: this.id,
      index: this.index,
      group: this.#group,
      commits: this.#commits,
      parameters: this.#parameters,
      counts: this.#counts,
      clientCount: (instance) =>
        this.#writerPools.clientCount(instance) + this.#readerPools.clientCount(instance),
      sizeFactor: () => this.#resize.factor,
      serverlessChannels: this.#serverless?.channels() ?? [],
      notArrivedCount:
        this.#secondaryOf === undefined ? undefined : () => this.#secondary?.lackingCount ?? 0,
    };
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  /** Microseconds to bring the pages that a statement misses from storage; 0 when memory has them. */
  #fetchUs(frame: number, member: number): number {
    const number = (this.#statementNumber[0]! + 1) | 0;
    this.#statementNumber[0] = number;
    const rows = this.#fabric.calls.itemCountOf(frame);
    const pages = this.#group.cache.misses(member, rows, number);
    if (pages === 0) return 0;
    this.#count(auroraCounted.pagesFetched, pages);
    return Math.max(
      1,
      Math.round(this.#group.volume.readUs(this.#group.zones[member]!, pages, number)),
    );
  }

  #count(what: number, by: number): void {
    this.#counts[what] = this.#counts[what]! + by;
  }

  #pagesFetched(frame: number, generation: number): void {
    const { calls, kernel } = this.#fabric;
    if (calls.generationOf(frame) !== generation) return;
    const member = this.#group.memberOf(calls.instanceOf(frame));
    if (this.#group.volume.canRead(this.#group.zones[member]!)) {
      calls.complete(frame, generation, outcome.ok);
    } else {
      kernel.schedule(this.#parameters.stallRetryUs.value, this.#fetched, frame, generation);
    }
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }
}

function operationsOf(parameters: AuroraParameters): readonly Operation[] {
  const cpu = (medianUs: number) =>
    compileQuantiles({ kind: "lognormal", median: medianUs, sigma: parameters.cpuSigma.value });
  const perItemUs = parameters.rowCpuUs.value;
  const read = { serviceUs: cpu(parameters.readCpuUs.value), perItemUs, decides: true };
  return [
    { name: "read", ...read },
    { name: "read-writer", ...read },
    { name: "write", serviceUs: cpu(parameters.writeCpuUs.value), perItemUs, decides: true },
    { name: "commit", serviceUs: cpu(parameters.commitCpuUs.value), decides: true },
  ];
}

/** An Aurora PostgreSQL cluster. */
export function createAurora(fabric: Fabric, index: number, spec: AuroraSpec): Aurora {
  return new Aurora(fabric, index, spec);
}
