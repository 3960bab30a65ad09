import {
  type ArrivalProcess,
  compileQuantiles,
  type Distribution,
  type FacilityOptions,
  meanRatePerSecond,
  noRequest,
  roundUs,
  type SharedFacilityOptions,
  type UseOptions,
} from "../../sim/kernel/index.ts";
import { begin, type Effort, spanUs, unitUs } from "./effort.ts";

/** Customers of one kind. */
export interface CustomerClass {
  readonly arrivals: ArrivalProcess;
  readonly service: Distribution;
  readonly use?: UseOptions;
  /** Mean of an exponential patience. */
  readonly patienceMean?: number;
}

/** One facility and those who come to it. */
export interface QueueModel {
  readonly classes: readonly CustomerClass[];
  readonly facility?: FacilityOptions;
  readonly shared?: SharedFacilityOptions;
  /** A stay longer than this is counted; a wait longer than this. */
  readonly longStay?: number;
  readonly longWait?: number;
  /** Looks now and then whether just so many are present. */
  readonly presentIs?: number;
}

/** What was seen, in mean services. */
export interface QueueResult {
  /** Mean wait, and mean of its square. */
  readonly wait: number;
  readonly waitSquare: number;
  /** By class: mean stay. */
  readonly stays: readonly number[];
  /** Mean of the square of the stay, all classes together. */
  readonly staySquare: number;
  /** By class: part of the arrivals that were served. */
  readonly servedParts: readonly number[];
  /** By class: mean of the stay less the work. */
  readonly delays: readonly number[];
  /** Part of the customers that were turned away; that gave up; that stayed longer than `longStay`. */
  readonly lostPart: number;
  readonly timedOutPart: number;
  readonly longPart: number;
  /** Part of those who were served that waited longer than `longWait`; part of the looks that saw `presentIs`. */
  readonly longWaitPart: number;
  readonly presentIsPart: number;
  /** Mean number in the system. */
  readonly present: number;
  /** Customers served, and a number that is 1 if Little's law holds. */
  readonly servedCount: number;
  readonly little: number;
}

export function simulateQueue(model: QueueModel, effort: Effort): QueueResult {
  const simulation = begin(effort);
  const columns = { arrivedUs: "float64", workUs: "float64", kind: "uint8" } as const;
  const customers = simulation.entities("customers", columns, { entitiesMax: 1 << 14 });
  const { column } = customers;
  const facility =
    model.shared === undefined ? simulation.facility("desk", model.facility) : undefined;
  const shared =
    model.shared === undefined ? undefined : simulation.sharedFacility("desk", model.shared);
  const stays = model.classes.map((_, kind) => simulation.kernel.tally(`stays ${kind}`));
  const delays = model.classes.map((_, kind) => simulation.kernel.tally(`delays ${kind}`));
  const long = simulation.kernel.tally("long stays");
  const lost = simulation.kernel.tally("lost");
  const timeouts = simulation.kernel.tally("timed out");
  const looks = simulation.kernel.tally("looks");
  const longWaits = simulation.kernel.tally("long waits");
  const squares = simulation.kernel.tally("squares");
  const comings = model.classes.map((_, kind) => simulation.kernel.counter(`comings ${kind}`));
  const longWaitUs = (model.longWait ?? Number.POSITIVE_INFINITY) * unitUs;
  const longStayUs = (model.longStay ?? Number.POSITIVE_INFINITY) * unitUs;

  const done = simulation.step("done", (customer) => {
    const stayUs = simulation.nowUs - (column.arrivedUs[customer] ?? 0);
    const kind = column.kind[customer] ?? 0;
    stays[kind]?.record(stayUs);
    squares.record((stayUs / unitUs) * (stayUs / unitUs));
    delays[kind]?.record(stayUs - (column.workUs[customer] ?? 0));
    long.record(stayUs > longStayUs ? 1 : 0);
    timeouts.record(0);
    customers.remove(customer);
  });
  const begun = simulation.step("begins", (customer) => {
    longWaits.record(simulation.nowUs - (column.arrivedUs[customer] ?? 0) > longWaitUs ? 1 : 0);
  });
  const look = simulation.step("looks", () => {
    const number = facility ? facility.line.value + facility.busy.value : shared?.users.value;
    looks.record(number === model.presentIs ? 1 : 0);
    simulation.after(Math.floor(unitUs / 3), look);
  });
  if (model.presentIs !== undefined && !effort.toTheEnd) simulation.after(0, look);
  const timedOut = simulation.step("timed out", (customer) => {
    timeouts.record(1);
    customers.remove(customer);
  });
  const refused = simulation.step("refused", (customer) => customers.remove(customer));

  let rate = 0;
  for (const [kind, { arrivals, service, use, patienceMean }] of model.classes.entries()) {
    const works = simulation.stream(`works ${kind}`);
    const patience = simulation.stream(`patience ${kind}`);
    const table = compileQuantiles(service);
    const exponential = service.kind === "exponential" ? service.mean : undefined;
    const waiting = model.longWait === undefined ? {} : { begun };
    const leaving = model.facility?.interrupted === "leave" ? { interrupted: refused } : {};
    const options = { ...use, ...waiting, ...leaving, done, timedOut, refused };
    const come = simulation.step(`come ${kind}`, () => {
      const customer = customers.create();
      const drawnUs =
        exponential === undefined ? works.draw(table) : works.exponential(exponential);
      const workUs = roundUs(drawnUs);
      column.arrivedUs[customer] = simulation.nowUs;
      column.workUs[customer] = workUs;
      column.kind[customer] = kind;
      comings[kind]?.add(1);
      if (facility !== undefined) {
        const timeout =
          patienceMean === undefined
            ? options
            : {
                ...options,
                timeoutUs: roundUs(patience.exponential(patienceMean * unitUs)),
              };
        lost.record(facility.use(customer, workUs, timeout) === noRequest ? 1 : 0);
      } else lost.record(shared?.use(customer, workUs, options) === noRequest ? 1 : 0);
    });
    const part = effort.customers / model.classes.length;
    simulation.arrivals(`class ${kind}`, arrivals, come, effort.toTheEnd ? { countMax: part } : {});
    rate += meanRatePerSecond(arrivals);
  }

  const warmUp = () => {
    for (const tally of [...stays, ...delays, long, lost, timeouts]) tally.reset();
    for (const tally of [looks, longWaits, squares]) tally.reset();
    for (const counter of comings) counter.add(-counter.value);
    facility?.waitsUs.reset();
    facility?.line.reset();
    facility?.busy.reset();
    shared?.users.reset();
  };
  if (effort.toTheEnd) simulation.run();
  else {
    const untilUs = spanUs(effort, rate);
    simulation.run({ untilUs: Math.floor(untilUs / 20) });
    warmUp();
    simulation.run({ untilUs });
  }
  const waits = facility?.waitsUs;
  const waitMean = (waits?.mean() ?? Number.NaN) / unitUs;
  const servedCount = stays.reduce((sum, tally) => sum + tally.count, 0);
  const staySum = stays.reduce(
    (sum, tally) => sum + (tally.count && tally.mean() * tally.count),
    0,
  );
  const present =
    facility === undefined
      ? (shared?.users.mean() ?? 0)
      : facility.line.mean() + facility.busy.mean();
  return {
    wait: waitMean,
    waitSquare: (waits?.variance() ?? Number.NaN) / unitUs / unitUs + waitMean * waitMean,
    stays: stays.map((tally) => tally.mean() / unitUs),
    delays: delays.map((tally) => tally.mean() / unitUs),
    lostPart: lost.mean(),
    timedOutPart: timeouts.mean(),
    longPart: long.mean(),
    longWaitPart: longWaits.mean(),
    presentIsPart: looks.mean(),
    staySquare: squares.mean(),
    servedParts: stays.map((tally, kind) => tally.count / (comings[kind]?.value ?? 0)),
    present,
    servedCount,
    little: (present * simulation.nowUs) / staySum,
  };
}
