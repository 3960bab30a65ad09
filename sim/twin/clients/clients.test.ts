import { expect, test } from "vitest";
import { outcome } from "../../components/fabric/outcome.ts";
import { requestKind } from "../../components/fabric/requests.ts";
import { plainService, TestBed } from "../../components/fabric/test-bed.ts";
import { OrderType, Side, TimeInForce } from "../../engine/codes.ts";
import { Clients } from "./clients.ts";
import { flowCommandKind, type OrderFlow } from "./order-flow.ts";
import type { WorkloadSpec } from "./workload-types.ts";

const workload: WorkloadSpec = {
  ratePerSecond: 1,
  mix: { place: 1 },
  userCount: 10,
  symbolCount: 3,
  symbolSkew: 0,
  selfExcitation: 0,
  excitationDecaySeconds: 1,
  client: { retriesMax: 2, backoffMs: 100 },
};

interface Attempt {
  readonly request: number;
  readonly atUs: number;
}

/** Clients in front of a platform that answers what the test says, by request and attempt. */
class ClientBed {
  readonly attempts: Attempt[] = [];
  readonly heard: string[] = [];
  readonly clients: Clients;
  readonly bed: TestBed;

  constructor(options: {
    answer?: (request: number, attempt: number) => number;
    workload?: Partial<WorkloadSpec>;
    orderFlow?: OrderFlow;
    timeoutMs?: number;
    seconds?: number;
  }) {
    const attemptsOf = new Map<number, number>();
    this.bed = new TestBed({
      factories: [
        plainService({
          id: "platform",
          operations: { serve: 20_000 },
          worked: (frame, _instance, fabric) => {
            const { calls } = fabric;
            const request = calls.dataOf(frame);
            const attempt = attemptsOf.get(request) ?? 0;
            attemptsOf.set(request, attempt + 1);
            this.attempts.push({ request, atUs: fabric.kernel.nowUs });
            return options.answer?.(request, attempt) ?? outcome.ok;
          },
        }),
      ],
      flows: [{ name: "all", call: { to: "platform", timeoutMs: options.timeoutMs ?? 1000 } }],
    });
    const { fabric } = this.bed;
    this.clients = new Clients(fabric, {
      workload: { ...workload, ...options.workload },
      regionShares: [1],
      siteByKind: new Int32Array(8).fill(fabric.flowSite("all")),
      orderFlow: options.orderFlow,
      untilUs: (options.seconds ?? 30) * 1_000_000,
      observer: {
        sent: (request) => this.heard.push(`sent ${request}`),
        told: (request, succeeded) =>
          this.heard.push(`${succeeded ? "success" : "failure"} ${request}`),
        inDoubt: (request) => this.heard.push(`in doubt ${request}`),
        confirmed: (request) => this.heard.push(`confirmed ${request}`),
        resendEnded: (session, succeeded) =>
          this.heard.push(`resend ${session} ${succeeded ? "came" : "failed"}`),
      },
      isHeld: () => false,
    });
    // The test bed only keeps answers; here they go to the clients, as the twin has it.
    const { answers } = this.bed;
    answers.push = ({ data, result }) => {
      this.clients.answered(data, result);
      return 0;
    };
    this.clients.start();
  }

  run(seconds: number): this {
    this.bed.runSeconds(seconds);
    return this;
  }

  /** What the client of a request was told in the end. */
  verdictOf(request: number): string[] {
    return this.heard
      .filter((each) => each.endsWith(` ${request}`))
      .map((each) => each.replace(` ${request}`, ""));
  }
}

test("a failed attempt is repeated as the same request, after a pause that grows, until one succeeds", () => {
  const bed = new ClientBed({
    answer: (request, attempt) => (request === 0 && attempt < 2 ? outcome.unavailable : outcome.ok),
  }).run(30);
  const own = bed.attempts.filter(({ request }) => request === 0);
  expect(own).toHaveLength(3);
  expect(bed.verdictOf(0)).toEqual(["sent", "success"]);
  const trip = 21_000;
  const [first, second] = [own[1]!.atUs - own[0]!.atUs, own[2]!.atUs - own[1]!.atUs];
  expect(first).toBeLessThanOrEqual(100_000 + trip);
  expect(second).toBeLessThanOrEqual(200_000 + trip);
});

test("a client that hears nothing to the end is in doubt; one that was only turned away knows that it failed", () => {
  const bed = new ClientBed({
    answer: (request) =>
      [outcome.parked, outcome.throttled, outcome.blocked, outcome.unavailable][request % 4]!,
  }).run(40);
  expect(bed.verdictOf(0)).toEqual(["sent", "in doubt"]);
  expect(bed.verdictOf(1)).toEqual(["sent", "failure"]);
  expect(bed.verdictOf(2)).toEqual(["sent", "failure"]);
  expect(bed.verdictOf(3)).toEqual(["sent", "in doubt"]);
});

test("one doubtful attempt is enough: being turned away later does not make the failure certain", () => {
  const bed = new ClientBed({
    answer: (_request, attempt) => (attempt === 0 ? outcome.unavailable : outcome.throttled),
  }).run(30);
  expect(bed.verdictOf(0)).toEqual(["sent", "in doubt"]);
});

test("a refusal is final once the client has logged in anew", () => {
  const bed = new ClientBed({ answer: () => outcome.refused }).run(30);
  expect(bed.verdictOf(0)).toEqual(["sent", "failure"]);
  expect(bed.attempts.filter(({ request }) => request === 0)).toHaveLength(2);
});

test("clients send when they mean to, however badly the platform answers", () => {
  const sentBy = (answer: number) => {
    const bed = new ClientBed({ answer: () => answer, workload: { ratePerSecond: 50 } }).run(30);
    return bed.heard.filter((each) => each.startsWith("sent")).length;
  };
  const whenWell = sentBy(outcome.ok);
  expect(sentBy(outcome.parked)).toBe(whenWell);
  expect(Math.abs(whenWell - 1500)).toBeLessThan(150);
});

test("nothing is sent after the end", () => {
  const bed = new ClientBed({ workload: { ratePerSecond: 50 }, seconds: 5 }).run(20);
  expect(Math.max(...bed.attempts.map(({ atUs }) => atUs))).toBeLessThan(5_100_000);
});

test("the mix is kept, save that a cancel with nothing to cancel becomes an order", () => {
  const mix = { place: 0.4, cancel: 0.2, "query-book": 0.3, "log-in": 0.1 };
  const bed = new ClientBed({ workload: { ratePerSecond: 200, mix }, seconds: 60 }).run(60);
  const { column, count } = bed.bed.fabric.requests;
  const share = (kind: number) =>
    column.kind.subarray(0, count).filter((each) => each === kind).length / count;
  expect(Math.abs(share(requestKind.placeOrder) - 0.4)).toBeLessThan(0.03);
  expect(Math.abs(share(requestKind.cancelOrder) - 0.2)).toBeLessThan(0.03);
  expect(Math.abs(share(requestKind.queryBook) - 0.3)).toBeLessThan(0.03);
  expect(Math.abs(share(requestKind.logIn) - 0.1)).toBeLessThan(0.03);
});

test("symbols are as popular as Zipf's law has it", () => {
  const bed = new ClientBed({
    workload: { ratePerSecond: 200, symbolSkew: 1, symbolCount: 4 },
    seconds: 60,
  }).run(60);
  const { column, count } = bed.bed.fabric.requests;
  const counts = [0, 1, 2, 3].map(
    (symbol) => column.symbol.subarray(0, count).filter((each) => each === symbol).length,
  );
  // 1 : 1/2 : 1/3 : 1/4
  const expected = [12, 6, 4, 3].map((weight) => (count * weight) / 25);
  for (const [at, each] of counts.entries()) {
    expect(Math.abs(each - expected[at]!) / count).toBeLessThan(0.02);
  }
});

/** A replayed file: an order, its cancel 5 ms later, and another order. */
const replayed: OrderFlow = {
  name: "test",
  contentHash: "0",
  commandCount: 3,
  atUs: Float64Array.from([1_000_000, 1_005_000, 1_006_000]),
  kind: Uint8Array.from([flowCommandKind.place, flowCommandKind.cancel, flowCommandKind.place]),
  orderId: Int32Array.from([1, 1, 2]),
  side: new Uint8Array(3).fill(Side.buy),
  orderType: new Uint8Array(3).fill(OrderType.limit),
  timeInForce: new Uint8Array(3).fill(TimeInForce.gtc),
  priceTicks: Int32Array.from([100, 100, 99]),
  quantity: Int32Array.from([10, 10, 5]),
  seedCount: 1,
  seedSide: Uint8Array.from([Side.sell]),
  seedOrderId: Int32Array.from([0]),
  seedPriceTicks: Int32Array.from([110]),
  seedQuantity: Int32Array.from([7]),
  orderIdCount: 3,
};

/** Attempts for the replayed symbol as `order id @ milliseconds`. */
function replayOf(bed: ClientBed): string[] {
  const { column } = bed.bed.fabric.requests;
  return bed.attempts
    .filter(({ request }) => column.symbol[request] === 0)
    .map(
      ({ request, atUs }) =>
        `${column.kind[request] === requestKind.cancelOrder ? "cancel" : "place"} ${column.orderId[request]} @ ${Math.round(atUs / 1000)}`,
    );
}

test("a replayed cancel waits until its client knows what became of the order, other orders don't", () => {
  const bed = new ClientBed({ orderFlow: replayed }).run(10);
  // An attempt is seen after its 20 ms of work, and the cancel leaves when the first has been answered.
  expect(replayOf(bed)).toEqual(["place 1 @ 1020", "place 2 @ 1026", "cancel 1 @ 1040"]);
});

test("a cancel that was held back counts its latency from when it could be sent", () => {
  const bed = new ClientBed({ orderFlow: replayed }).run(10);
  const { column, count } = bed.bed.fabric.requests;
  const cancel = Array.from({ length: count }, (_, at) => at).find(
    (request) => column.kind[request] === requestKind.cancelOrder,
  )!;
  expect(column.intendedUs[cancel]).toBeGreaterThan(1_005_000);
});

test("cancels of an order in doubt are sent in the end, in the file's order", () => {
  const three = {
    ...replayed,
    kind: Uint8Array.from([0, 2, 1]),
    orderId: Int32Array.from([1, 1, 1]),
  };
  const bed = new ClientBed({
    orderFlow: three,
    answer: (request) => (request === 0 ? outcome.unavailable : outcome.ok),
    workload: { ratePerSecond: 0.001, client: { retriesMax: 1, backoffMs: 100 } },
  }).run(30);
  expect(bed.verdictOf(0)).toEqual(["sent", "in doubt"]);
  const order = bed.heard.filter((each) => /^sent [012]$/.test(each));
  expect(order).toEqual(["sent 0", "sent 1", "sent 2"]);
});

test("background orders leave the replayed symbol alone and use ids that the file does not", () => {
  const bed = new ClientBed({ orderFlow: replayed, workload: { ratePerSecond: 50 } }).run(20);
  const { column, count } = bed.bed.fabric.requests;
  for (let request = 0; request < count; request += 1) {
    if (column.symbol[request] !== 0) expect(column.orderId[request]).toBeGreaterThanOrEqual(3);
  }
  expect(replayOf(bed)).toHaveLength(3);
});

test("an order that rests before the run begins is described as in the file", () => {
  const bed = new ClientBed({ orderFlow: replayed });
  const request = bed.clients.createSeed(0);
  const { column } = bed.bed.fabric.requests;
  expect([column.orderId[request], column.side[request], column.quantity[request]]).toEqual([
    0,
    Side.sell,
    7,
  ]);
});

test("a client whose session has ended logs in and asks again, once", () => {
  const loggedIn: number[] = [];
  const bed: ClientBed = new ClientBed({
    workload: { ratePerSecond: 2 },
    seconds: 3,
    answer: (request) => {
      const isLogIn = bed.bed.fabric.requests.column.kind[request] === requestKind.logIn;
      if (isLogIn) loggedIn.push(request);
      return isLogIn || loggedIn.length > 0 ? outcome.ok : outcome.refused;
    },
  });
  bed.run(10);
  const [first] = bed.attempts;
  expect(loggedIn.length).toBeGreaterThan(0);
  expect(bed.attempts.filter((each) => each.request === first!.request).length).toBe(2);
  expect(bed.verdictOf(first!.request)).toEqual(["sent", "success"]);
});
