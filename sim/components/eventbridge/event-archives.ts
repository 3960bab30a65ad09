import type { IntQueue } from "../../kernel/containers/int-queue.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, Kernel, KeyedStream } from "../../kernel/kernel.ts";
import { ln } from "../../kernel/math/ln.ts";
import { normalQuantile } from "../../kernel/math/normal-quantile.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { EventPattern, type EventRules } from "./event-rules.ts";
import { busCounted } from "./eventbridge-figures.ts";
import type { EventBridgeParameters } from "./eventbridge-parameters.ts";
import type { EventArchiveSpec } from "./eventbridge-spec.ts";

const minuteUs = 60_000_000;
const dayUs = 86_400_000_000;

/** How often a replay sends what is due. Assumption: fine against its minutes. */
const tickUs = 100_000;

/** Kinds of draws. */
const draw = { arrival: 0, order: 1 } as const;

const cell = {
  /** Archive that is replayed, from 1; 0 while none is. */
  archive: 0,
  fromUs: 1,
  untilUs: 2,
  /** Start of the minute that is being sent. */
  minuteUs: 3,
  beganUs: 4,
  sent: 5,
  causeSeq: 6,
} as const;

/** What people ask of a replay. */
export interface ReplayWindow {
  readonly archive: string;
  /** From so many seconds ago until now. */
  readonly lookBackSeconds: number;
  /** Rules whose targets get the events; all when undefined. */
  readonly rules: readonly string[] | undefined;
}

export interface EventArchivesOptions {
  readonly component: number;
  readonly id: string;
  readonly archives: readonly EventArchiveSpec[];
  readonly rules: EventRules;
  readonly parameters: EventBridgeParameters;
  readonly counts: Float64Array;
  readonly hasRoom: () => boolean;
  readonly deliver: (record: number, target: number, serial: number) => void;
}

/**
 * Archives of a bus, and the replay of one. An event reaches the archive some time after the bus (eventbridge.archive.delay-min), so a
 * replay that begins too soon misses the newest. A replay sends the events of its window minute by minute, in no order within one
 * (eventbridge.replay.order), at a rate apart from that of live events; they are marked, and archived no second time.
 *
 *   taken --delay--> archive --replay: minute by minute--> rules -> targets, which may have had them before
 */
export class EventArchives {
  readonly #fabric: Fabric;
  readonly #options: EventArchivesOptions;
  readonly #patterns: readonly EventPattern[];
  /** A row for every event that the bus has taken, by its serial number. */
  readonly #rows;
  /** Whether a target has had an event, by target and serial. */
  readonly #had;
  readonly #cells: Float64Array;
  /** Rules that a replay goes to. */
  readonly #toRules: Uint8Array;
  readonly #draws: KeyedStream;
  readonly #arrival: QuantileTable;
  readonly #tick: HandlerId;
  readonly #send: (record: number, target: number, serial: number) => void;
  readonly #kinds;
  /** Serials of the minute that is being sent, in the order of sending. */
  readonly #line: IntQueue;

  constructor(fabric: Fabric, options: EventArchivesOptions) {
    const { kernel, log } = fabric;
    const { id, parameters, rules } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#patterns = options.archives.map((archive) => new EventPattern(fabric, archive));
    const rowsMax = parameters.archivedMax.value;
    this.#rows = newRows(kernel, id, rowsMax);
    const targetNames = rules.targets.map((_, target) => [`target${target}`, "uint8"] as const);
    this.#had = kernel.table(`${id}.had`, Object.fromEntries(targetNames), {
      rowsInitial: 1024,
      rowsMax,
    });
    this.#cells = kernel.float64Array(`${id}.replay`, Object.keys(cell).length);
    this.#toRules = kernel.uint8Array(`${id}.replay-rules`, rules.ids.length);
    this.#line = kernel.queue(`${id}.replay-line`, rowsMax);
    this.#draws = kernel.keyed(`${id}.archive`);
    const { archiveDelayUsP50, archiveDelayMinutes } = parameters;
    this.#arrival = compileQuantiles({
      kind: "lognormal",
      median: archiveDelayUsP50.value,
      sigma:
        ln((archiveDelayMinutes.value * minuteUs) / archiveDelayUsP50.value) /
        normalQuantile(0.999),
    });
    this.#tick = kernel.handler(`${id}.replay-tick`, () => this.#continue());
    this.#send = options.deliver;
    this.#kinds = {
      began: log.kind("bus.replay-began", "act"),
      done: log.kind("bus.replay-done", "recover"),
    };
  }

  /** The bus has taken an event; serials are without a gap. */
  taken(record: number): void {
    let archives = 0;
    for (let at = 0; at < this.#patterns.length; at += 1) {
      if (this.#patterns[at]!.matches(record)) archives |= 1 << at;
    }
    const row = this.#rows.append();
    this.#had.append();
    const { column } = this.#rows;
    column.record[row] = record;
    column.archives[row] = archives;
    column.takenUs[row] = this.#fabric.kernel.nowUs;
    if (archives !== 0) this.#count(busCounted.archived, 1);
  }

  /** A target has taken an event, of a replay or live. */
  delivered(serial: number, target: number, isReplayed: boolean): void {
    const had = this.#had.column[`target${target}`]!;
    if (had[serial] === 1) this.#count(busCounted.deliveredAgain, 1);
    else if (isReplayed) this.#count(busCounted.recovered, 1);
    had[serial] = 1;
  }

  get isReplaying(): boolean {
    return this.#cells[cell.archive]! > 0;
  }

  /** Begins a replay; false when another is under way, or the archive or a rule is unknown. */
  replay({ archive, lookBackSeconds, rules }: ReplayWindow, causeSeq: number): boolean {
    const at = this.#options.archives.findIndex(({ id }) => id === archive);
    const { ids } = this.#options.rules;
    if (this.isReplaying || at < 0 || rules?.some((id) => !ids.includes(id)) === true) return false;
    const { kernel, log } = this.#fabric;
    this.#toRules.set(ids.map((id) => (rules === undefined || rules.includes(id) ? 1 : 0)));
    const fromUs = Math.max(0, kernel.nowUs - lookBackSeconds * 1_000_000);
    const cells = this.#cells;
    cells[cell.archive] = at + 1;
    cells[cell.fromUs] = fromUs;
    cells[cell.untilUs] = kernel.nowUs;
    cells[cell.beganUs] = kernel.nowUs;
    cells[cell.sent] = 0;
    const place = { component: this.#options.component };
    cells[cell.causeSeq] = log.append(this.#kinds.began, place, causeSeq, lookBackSeconds);
    this.#beginMinute(fromUs - (fromUs % minuteUs));
    kernel.schedule(tickUs, this.#tick);
    return true;
  }

  /** Lists what is sent of a minute, in the order of sending, by luck; what has not arrived by now is left out. */
  #beginMinute(atUs: number): void {
    const { kernel } = this.#fabric;
    this.#cells[cell.minuteUs] = atUs;
    const luck = (serial: number) => this.#draws.uniform(serial, none, draw.order);
    const serials = this.#eventsOfMinute();
    const arrived = serials
      .filter((serial) => this.#arrivedUs(serial) <= kernel.nowUs)
      .map((serial) => ({ serial, luck: luck(serial) }))
      .sort((a, b) => a.luck - b.luck || a.serial - b.serial);
    for (const { serial } of arrived) this.#line.push(serial);
    this.#count(busCounted.replayTooSoon, serials.length - arrived.length);
  }

  #continue(): void {
    const { kernel, log } = this.#fabric;
    const cells = this.#cells;
    const elapsedUs = kernel.nowUs - cells[cell.beganUs]!;
    const perSecond = this.#options.parameters.replayPerSecond.value;
    const due = Math.floor((elapsedUs * perSecond) / 1_000_000);
    while (cells[cell.sent]! < due && this.#options.hasRoom()) {
      if (this.#line.length > 0) {
        const serial = this.#line.shift();
        const record = this.#rows.column.record[serial]!;
        this.#options.rules.match(record, serial, this.#send, this.#toRules);
        cells[cell.sent] = cells[cell.sent]! + 1;
        this.#count(busCounted.replayed, 1);
        continue;
      }
      const nextUs = cells[cell.minuteUs]! + minuteUs;
      if (nextUs >= cells[cell.untilUs]!) {
        cells[cell.archive] = 0;
        const place = { component: this.#options.component };
        log.append(this.#kinds.done, place, cells[cell.causeSeq]!, cells[cell.sent]!);
        return;
      }
      this.#beginMinute(nextUs);
    }
    kernel.schedule(tickUs, this.#tick);
  }

  /** Events of the archive that belong to the present minute of the window. */
  #eventsOfMinute(): number[] {
    const cells = this.#cells;
    const at = cells[cell.archive]! - 1;
    const { retentionDays } = this.#options.archives[at]!;
    const { nowUs } = this.#fabric.kernel;
    const keptUs = retentionDays === undefined ? 0 : nowUs - retentionDays * dayUs;
    const start = Math.max(cells[cell.fromUs]!, cells[cell.minuteUs]!, keptUs);
    const end = Math.min(cells[cell.untilUs]!, cells[cell.minuteUs]! + minuteUs);
    const { takenUs, archives } = this.#rows.column;
    const found: number[] = [];
    for (let row = this.#firstSince(start); row < this.#rows.rowCount; row += 1) {
      if (takenUs[row]! >= end) break;
      if ((archives[row]! & (1 << at)) !== 0) found.push(row);
    }
    return found;
  }

  #firstSince(atUs: number): number {
    const { takenUs } = this.#rows.column;
    let low = 0;
    let high = this.#rows.rowCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (takenUs[middle]! < atUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #arrivedUs(serial: number): number {
    const delayUs = this.#draws.draw(this.#arrival, serial, none, draw.arrival);
    return this.#rows.column.takenUs[serial]! + delayUs;
  }

  #count(what: number, by: number): void {
    const { counts } = this.#options;
    counts[what] = counts[what]! + by;
  }
}

function newRows(kernel: Kernel, id: string, rowsMax: number) {
  return kernel.table(
    `${id}.archived`,
    {
      record: "int32",
      /** Archives that have it, a bit each. */
      archives: "int32",
      takenUs: "float64",
    },
    { rowsInitial: 1024, rowsMax },
  );
}
