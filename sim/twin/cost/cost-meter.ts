import { cellChannel, countChannel, levelChannel } from "../../components/fabric/channel.ts";
import {
  type CostAssumptionValues,
  resolveCostAssumptions,
} from "../../components/fabric/cost-assumptions.ts";
import type { Fabric } from "../../components/fabric/fabric.ts";
import type { Parameters } from "../../facts/parameter.ts";
import { valuesOf } from "../../facts/parameter.ts";
import type { WorkloadSpec } from "../clients/workload-types.ts";
import type { RecordedChannel } from "../recorder.ts";
import type { Topology } from "../topology-types.ts";
import { assembleMeters, type BilledMeter, dataTransfer } from "./assemble-meters.ts";

/** Seconds over which the cost of an hour is taken. */
const trailingSeconds = 60;

/** Seconds of the bill that are remembered; a power of two above the trailing span. */
const remembered = 64;

export interface CostMeterOptions {
  /** With every copy of a component written out. */
  readonly topology: Topology;
  readonly workload: WorkloadSpec;
  readonly warmUpSeconds: number;
  /** Numbers to use instead of the cost assumptions, by name. */
  readonly assume: Readonly<Record<string, number>>;
}

/**
 * What the run has cost so far, component by component, and what an hour costs at the present pace. It looks at the
 * meters once a second, before a frame of the recording, so it adds no event and nothing to the order path.
 */
export class CostMeter {
  readonly billed: readonly BilledMeter[];
  readonly unmetered: readonly string[];
  readonly assumptions: Parameters;
  readonly warmUpSeconds: number;
  readonly #fabric: Fabric;
  /** Quantities when the warm-up was over, by meter. */
  readonly #atWarmUp: Float64Array;
  /** Instant at which they were taken, requests until then, the last second in the ring, and its instant. */
  readonly #cells: Float64Array;
  readonly #ring: Float64Array;
  readonly #payers: readonly string[];
  readonly #payerOf: Int32Array;
  /** What reads each meter, and its price, taken apart so that adding up the bill looks nothing up. */
  readonly #reads: readonly (() => number)[];
  readonly #unitUsd: Float64Array;
  /** The bill as it stood at `billedUs`, by payer. Registered, so that a restored run shows it until its next second. */
  readonly #bill: Float64Array;

  constructor(fabric: Fabric, options: CostMeterOptions) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.warmUpSeconds = options.warmUpSeconds;
    this.assumptions = resolveCostAssumptions(options.assume);
    const { billed, unmetered } = assembleMeters({
      fabric,
      topology: options.topology,
      workload: options.workload,
      assume: valuesOf(this.assumptions) as CostAssumptionValues,
    });
    this.billed = billed;
    this.unmetered = unmetered;
    this.#payers = [...options.topology.components.map(({ id }) => id), dataTransfer];
    this.#payerOf = Int32Array.from(billed, ({ component }) => this.#payers.indexOf(component));
    this.#reads = billed.map(({ meter }) => meter.read);
    this.#unitUsd = Float64Array.from(billed, ({ unitUsd }) => unitUsd);
    this.#bill = kernel.float64Array("cost.bill", this.#payers.length);
    this.#atWarmUp = kernel.float64Array("cost.at-warm-up", billed.length);
    this.#cells = kernel.float64Array("cost.cells", Object.keys(cell).length);
    this.#cells[cell.warmUpUs] = -1;
    this.#cells[cell.lastSecond] = -1;
    this.#ring = kernel.float64Array("cost.bill-by-second", remembered);
  }

  /** Takes the figures of this instant, once a second; the channels read them. */
  sample(): void {
    const nowUs = this.#fabric.kernel.nowUs;
    const second = Math.floor(nowUs / 1_000_000);
    if (second === this.#cells[cell.lastSecond]) return;
    this.#addUp();
    this.#cells[cell.billedUs] = nowUs;
    if (this.#cells[cell.warmUpUs]! < 0 && nowUs >= this.warmUpSeconds * 1_000_000) {
      this.#cells[cell.warmUpUs] = nowUs;
      this.#cells[cell.warmUpRequests] = this.#fabric.requests.count;
      this.billed.forEach(({ meter }, at) => {
        this.#atWarmUp[at] = meter.read();
      });
    }
    const total = this.#total();
    for (let each = this.#cells[cell.lastSecond]! + 1; each <= second; each += 1) {
      this.#ring[each % remembered] = total;
    }
    this.#cells[cell.lastSecond] = second;
  }

  channels(): readonly RecordedChannel[] {
    return [
      {
        component: "",
        channel: countChannel("bill so far", "USD", () => this.#total()),
      },
      {
        component: "",
        channel: levelChannel("cost per hour", "USD/h", () => this.#usdPerHour()),
      },
      ...this.#payers.map((component, payer) => ({
        component: component === dataTransfer ? "" : component,
        channel: cellChannel(
          component === dataTransfer ? "bill of data transfer" : "bill",
          "USD",
          "count",
          { values: this.#bill, at: payer },
        ),
      })),
    ];
  }

  /** What the run has cost until now: all of it, or the components of some services. */
  usdOf(services: readonly string[] | undefined): number {
    let usd = 0;
    for (const { service, meter, unitUsd } of this.billed) {
      if (services === undefined || services.includes(service)) usd += meter.read() * unitUsd;
    }
    return usd;
  }

  /** Quantity of a meter in the judged part of the run: from the end of the warm-up to now. */
  judgedQuantity(at: number): number {
    return this.billed[at]!.meter.read() - (this.#hasWarmedUp ? this.#atWarmUp[at]! : 0);
  }

  /** Seconds of the judged part; of the whole run when it ended within the warm-up. */
  get judgedSeconds(): number {
    const fromUs = this.#hasWarmedUp ? this.#cells[cell.warmUpUs]! : 0;
    return (this.#fabric.kernel.nowUs - fromUs) / 1_000_000;
  }

  /** Requests that clients meant to send in the judged part. */
  get judgedRequests(): number {
    return (
      this.#fabric.requests.count - (this.#hasWarmedUp ? this.#cells[cell.warmUpRequests]! : 0)
    );
  }

  get #hasWarmedUp(): boolean {
    const warmUpUs = this.#cells[cell.warmUpUs]!;
    return warmUpUs >= 0 && warmUpUs < this.#fabric.kernel.nowUs;
  }

  #addUp(): void {
    this.#bill.fill(0);
    for (let at = 0; at < this.#reads.length; at += 1) {
      const payer = this.#payerOf[at]!;
      this.#bill[payer] = this.#bill[payer]! + this.#reads[at]!() * this.#unitUsd[at]!;
    }
  }

  #total(): number {
    let total = 0;
    for (let payer = 0; payer < this.#bill.length; payer += 1) total += this.#bill[payer]!;
    return total;
  }

  /** By the bill of the last minute; of all that has passed while there is no minute yet. */
  #usdPerHour(): number {
    const nowSeconds = this.#cells[cell.billedUs]! / 1_000_000;
    const since = Math.max(0, Math.floor(nowSeconds) - trailingSeconds);
    if (nowSeconds <= since) return 0;
    return ((this.#total() - this.#ring[since % remembered]!) / (nowSeconds - since)) * 3600;
  }
}

const cell = { warmUpUs: 0, warmUpRequests: 1, lastSecond: 2, billedUs: 3 } as const;
