/** The second growth phase: three regions, a log in place of queues, shards, an engine of its own. */
import { hoursOfMonth } from "../../../components/fabric/meter.ts";
import { allFacts, factNumber, factNumberAt, factOf } from "../../../facts/facts.ts";
import { type Claim, type ClaimRule, type Judgement, numberOf } from "../claim-types.ts";
import {
  exactFigure,
  figureOf,
  figureText,
  firstOf,
  grownOver,
  lastSecond,
  levelAt,
  levelOver,
  numberText,
  parameterOf,
  percentText,
  regionalCopies,
} from "../figures.ts";
import type { ObservedRun } from "../watched-run.ts";
import { undecided } from "./untested.ts";

/** All of phase 2 at its load, for a few seconds: a second of it is dear. */
const full = "claim-phase-2";

/** Seconds in which the platform has settled. */
function settled({ summary }: ObservedRun): readonly [number, number] {
  return [summary.durationSeconds / 2, summary.durationSeconds - 1];
}

/** Of a count, what each copy of a component gained a second. */
function ratesOf(run: ObservedRun, component: string, name: string): readonly number[] {
  const span = settled(run);
  return regionalCopies(run, component).map(
    (id) => grownOver(run, id, name, span) / (span[1] - span[0]),
  );
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function heldWords(runs: readonly ObservedRun[]): string {
  const held = runs.filter(({ summary }) => summary.baseline.healthy).length;
  return `${held} of ${runs.length} runs held every objective`;
}

const regions: ClaimRule = (claim, desk) => {
  const split = numbersOf(claim, "split");
  const rps = numberOf(claim, "rps");
  const runs = desk.runs(full);
  const shares = ratesOf(firstOf(runs), "api", "arrived");
  const measured = shares.map((rate) => (100 * rate) / total(shares));
  const offered = figureOf(
    runs.map((run) => total(ratesOf(run, "api", "arrived"))),
    "requests/s",
  );
  const isSplit = split.every((share, at) => Math.abs(share - (measured[at] ?? 0)) < 2);
  const carries = runs.every(({ summary }) => summary.baseline.healthy);
  const left = Math.max(...split.map((share) => 100 / (100 - share)));
  return {
    verdict: isSplit && carries && offered.low > 0.95 * rps ? "holds" : "does-not-hold",
    strategy: `${split.join("/")} % of ${numberText(rps)} requests/s`,
    ours: `${measured.map(numberText).join("/")} % of ${figureText(offered)}`,
    figure: offered,
    why: `${figureText(offered)} reached the gateways of three regions by ${measured.map(numberText).join("/")} %, and ${heldWords(runs)}; without the largest region the others would have ${numberText(left)} times their load, for which the strategy plans no head-room, and a symbol or user whose home it is has no other`,
  };
};

/** Light in glass: no platform answers sooner than the way there and back. */
const latency: ClaimRule = (claim, desk) => {
  const bound = numberOf(claim, "p99Ms");
  const runs = desk.runs(full);
  const p99 = (name: string) =>
    figureOf(
      runs.map(
        ({ summary }) =>
          summary.functions.find((each) => each.function === name)?.latencyMsP99 ?? 0,
      ),
      "ms",
    );
  const [orders, reads] = [p99("order-entry"), p99("market-data")];
  const trips = {
    "us-east-1 to eu-west-1": factNumber("net.rtt.us-east-1.eu-west-1"),
    "us-east-1 to ap-southeast-1": factNumber("net.rtt.us-east-1.ap-southeast-1"),
    "eu-west-1 to ap-southeast-1": factNumber("net.rtt.eu-west-1.ap-southeast-1"),
  };
  const [nearest, ms] = Object.entries(trips).sort((one, other) => one[1] - other[1])[0] ?? ["", 0];
  const measured = factNumberAt("net.rtt.measured-2017", "us-east-1/eu-west-1");
  return {
    verdict: orders.high < bound && reads.high < bound ? "holds" : "does-not-hold",
    strategy: `p99 below ${bound} ms for users everywhere`,
    ours: `orders ${figureText(orders)}, reads of market data ${figureText(reads)}`,
    figure: orders,
    why: `at the full load 99 % of orders were answered within ${figureText(orders)} and of reads within ${figureText(reads)}; a symbol is matched in one region, and the shortest round trip between two of the three, ${nearest}, takes ${ms} ms (${measured} ms in a published measurement), ${ms < bound ? "below" : "above"} ${bound} ms before any work`,
    facts: [
      "net.rtt.us-east-1.eu-west-1",
      "net.rtt.us-east-1.ap-southeast-1",
      "net.rtt.eu-west-1.ap-southeast-1",
      "net.rtt.measured-2017",
    ],
  };
};

/** "Real time" has no number: a second is what the database's own replication usually takes. */
const changeCapture: ClaimRule = (_claim, desk) => {
  const runs = desk.runs("claim-change-capture");
  const bound = factNumber("agd.lag-typical-s");
  const [low, high] = [factNumberAt("dms.cdc.latency-s", 0), factNumberAt("dms.cdc.latency-s", 1)];
  const lostAt = (run: ObservedRun) =>
    run.watched.events.find(({ kind }) => kind === "zone.power-lost")?.atSeconds ?? lastSecond(run);
  const settled = (run: ObservedRun) => [Math.max(0, lostAt(run) - 40), lostAt(run) - 1] as const;
  const lag = figureOf(
    runs.map((run) => {
      const [from, to] = settled(run);
      const seconds = Array.from({ length: Math.floor(to - from) }, (_, at) => from + at);
      return Math.max(
        ...seconds.map(
          (at) =>
            levelAt(run, "capture", "source latency", at) +
            levelAt(run, "capture", "target latency", at),
        ),
      );
    }),
    "s",
  );
  const lacking = figureOf(
    runs.map((run) => levelAt(run, "capture", "changes not applied", lastSecond(run))),
    "rows",
  );
  const rate = figureOf(
    runs.map((run) => grownOver(run, "capture", "changes applied", settled(run)) / 39),
    "rows/s",
  );
  const grouping = parameterOf(firstOf(runs), "capture", "commitTimeoutUs") / 1_000_000;
  return {
    verdict: lag.high <= bound && lacking.high === 0 ? "holds" : "does-not-hold",
    restsOnAssumption: true,
    strategy: "replicated across regions in real time",
    ours: `up to ${figureText(lag)} of lag, ${figureText(lacking)} lacking when the source region is lost`,
    figure: lag,
    why: `at ${figureText(rate)} of one cluster the copy was up to ${figureText(lag)} behind, and it lacked ${figureText(lacking)} when the source's region lost power; change capture groups what it applies for ${numberText(grouping)} s (documented), so the second that Aurora's own global storage usually takes is out of its reach, and the facts give it ${low} to ${high} s when healthy`,
    facts: [
      "dms.cdc.latency-s",
      "dms.cdc.latency-sum",
      "dms.cdc.commit-timeout-s",
      "agd.lag-typical-s",
    ],
  };
};

const mib = 1_048_576;

/** How many records the brokers take that the plan pays for, by the vendor's rule for what is safe with a zone down. */
const kafka: ClaimRule = (claim, desk) => {
  const [tps, partitions] = [numberOf(claim, "tps"), numberOf(claim, "partitions")];
  const runs = desk.runs(full);
  const run = firstOf(runs);
  const taken = figureOf(
    runs.map((each) =>
      total(
        ["orders taken", "trades taken", "other records taken"].flatMap((name) =>
          ratesOf(each, "kafka", name),
        ),
      ),
    ),
    "messages/s",
  );
  const [cluster] = regionalCopies(run, "kafka");
  const bytes = parameterOf(run, cluster ?? "kafka", "recordBytes");
  const phase = desk.plan.phases.find(({ id }) => id === "phase-2");
  const planned = phase?.rows.find(({ id }) => id === "msk")?.usd ?? 0;
  const priced = factNumberAt("msk.price.broker-hour", brokerClass);
  const brokers = Math.floor(planned / (priced * hoursOfMonth));
  // The vendor's sizing: disk by 6.5 and network by 5.7 leave room for replicas and a lost zone.
  const safe = Math.min(
    factNumberAt("msk.broker-throughput", brokerClass, "ebs") / 6.5,
    factNumberAt("msk.broker-throughput", brokerClass, "net") / 5.7,
  );
  const carriedAt = (recordBytes: number) => (brokers * safe * mib) / recordBytes;
  const carried = exactFigure(carriedAt(bytes), "messages/s");
  const ends = [smallRecordBytes, largeRecordBytes].map((each) => carriedAt(each) >= tps);
  const found: Judgement = {
    verdict: carried.value >= tps ? "holds" : "does-not-hold",
    strategy: `${numberText(tps)} messages/s over topics of ${partitions} partitions`,
    ours: `${figureText(carried)} on ${brokers} brokers; ${figureText(taken)} were needed`,
    figure: carried,
    facts: ["msk.broker-throughput", "msk.price.broker-hour"],
    why: `the ${numberText(planned)} dollars a month that it plans pay for ${brokers} brokers ${brokerClass} without their disks, which take ${figureText(carried)} of ${numberText(bytes)} bytes with a zone down, ${numberText(carriedAt(smallRecordBytes))} of ${smallRecordBytes} bytes and ${numberText(carriedAt(largeRecordBytes))} of ${numberText(largeRecordBytes)}, and the size of a record is our assumption; 50,000 requests/s made ${figureText(taken)}, and a symbol has one partition and one engine however many there are`,
  };
  if (ends.every((isEnough) => isEnough === carried.value >= tps)) return found;
  return undecided({
    ...found,
    settledBy: "bytes of the production records, and a load test of one partition with them",
    ifRight: `then each of ${partitions} partitions takes ${numberText(tps / partitions)} messages/s if all are equally busy`,
  });
};

const brokerClass = "m7g.xlarge";

/** Bytes of an order in a binary form, and in JSON with headers: the verdict must not hang on which. */
const [smallRecordBytes, largeRecordBytes] = [200, 2000];

const cacheShare: ClaimRule = (claim, desk) => {
  const [hit, saved] = [numberOf(claim, "hit"), numberOf(claim, "savedRps")];
  const runs = desk.runs(full);
  const hits = figureOf(
    runs.map((run) => total(ratesOf(run, "api-cache", "hits"))),
    "requests/s",
  );
  const run = firstOf(runs);
  const read = hits.value + total(ratesOf(run, "api-cache", "misses"));
  const offered = total(ratesOf(run, "api", "arrived"));
  return {
    verdict: hits.low >= 0.95 * saved ? "holds" : "does-not-hold",
    strategy: `${percentText(hit)} of hits take ${numberText(saved)} requests/s off`,
    ours: figureText(hits),
    figure: hits,
    why: `${numberText(saved)} of 50,000 at ${percentText(hit)} of hits needs all requests to be cacheable, and orders are not: where ${percentText(read / offered)} are reads of market data, as simulated, ${percentText(hits.value / read)} of them hit and the cache takes ${figureText(hits)}`,
  };
};

/** Statements cost what we assume: the verdict stands only if it does at both ends of that. */
const shards: ClaimRule = (claim, desk) => {
  const [count, rps] = [numberOf(claim, "shards"), numberOf(claim, "rps")];
  const runs = desk.runs(full);
  const run = firstOf(runs);
  const rows = ratesOf(run, "database", "rows written");
  const busiest = Math.max(...rows) / total(rows);
  const use = figureOf(
    runs.map((each) =>
      Math.max(
        ...regionalCopies(each, "database").map(
          (id) => levelOver(each, id, "writer's vCPU", settled(each)).mean,
        ),
      ),
    ),
    "of its vCPU",
  );
  const carries = runs.every(({ summary }) => summary.baseline.healthy) && use.high < 0.75;
  return {
    verdict: carries && rows.length === count ? "holds" : "does-not-hold",
    restsOnAssumption: true,
    strategy: `${count} clusters of ${numberText(rps)} requests/s`,
    ours: `the busiest of ${rows.length} has ${percentText(busiest)} of the rows, its writer at ${percentText(use.value)}`,
    figure: use,
    why: `at ${numberText(count * rps)} requests/s ${heldWords(runs)}, and the busiest of ${rows.length} clusters, with ${percentText(busiest)} of the rows, worked at ${percentText(use.value)} of its writer's vCPU; losing one touches its users, and adding one to user_id % ${count} moves ${percentText(1 - 1 / (count + 1))} of all`,
    settledBy: "CPU of a production writer against rows written a second (Performance Insights)",
    ifRight: `then the busiest cluster has room to ${numberText((busiest * count * rps) / Math.max(1e-6, use.value))} requests/s`,
  };
};

const limitless: ClaimRule = (_claim, desk) => {
  const facts = allFacts().filter(({ key }) => key.startsWith("limitless."));
  const hasVariant = desk.shipped.services.includes("aurora-limitless");
  return undecided({
    strategy: "an alternative to sharding",
    ours: `${facts.length} facts about it, no figure for its work`,
    why: `${hasVariant ? "the twin runs it (phase-2-limitless)" : "an Aurora of the twin can't be Limitless"}, but none of the ${facts.length} facts in the catalogue says what a statement costs on it or across its shards: whatever the twin assumed would be the answer`,
    settledBy:
      "the production statements on a Limitless shard group, at the load of one cluster and of ten",
    ifRight: "then ten clusters and their keys need not be kept apart by the program",
    facts: facts.map(({ key }) => key),
  });
};

/** What a compiled engine can save is what the present one takes; so much more would not carry the present load. */
const engine: ClaimRule = (claim, desk) => {
  const [least, most] = [numberOf(claim, "deltaMs", 0), numberOf(claim, "deltaMs", 1)];
  const runs = desk.runs("claim-slow-engine");
  const commands = figureOf(
    runs.map(({ summary }) => summary.totals.commandsMatched / summary.durationSeconds),
    "orders/s",
  );
  const good = figureOf(
    runs.map(
      ({ summary }) =>
        summary.functions.find((each) => each.function === "matching")?.steadyGoodShare ?? 0,
    ),
    "",
  );
  const isPossible = runs.some(({ summary }) => summary.baseline.healthy);
  const taken = parameterOf(firstOf(runs), "matching", "commandUs") / 1000;
  return {
    verdict: isPossible ? "holds" : "does-not-hold",
    restsOnAssumption: true,
    strategy: `${least} to ${most} ms less an order`,
    ours: `with ${numberText(taken)} ms an order ${percentText(good.value)} of the orders are matched in time at 500 requests/s`,
    figure: good,
    why: `an engine that is to save ${least} ms an order takes that now, and one thread of it matches ${numberText(1000 / least)} orders/s at the most: with ${numberText(taken)} ms the present platform matched ${figureText(commands)} and ${percentText(good.value)} of them in time at its 500 requests/s${isPossible ? "" : ", which it is said to carry"}; how many of the requests are orders is our assumption`,
    settledBy:
      "time inside the production engine for each order, from its own histogram, and the share of orders among requests",
    ifRight: `then the present engine takes ${least} ms or more an order and one thread can't match more than ${numberText(1000 / least)} orders/s of a symbol`,
  };
};

const network: ClaimRule = (claim) => {
  const gigabits = numberOf(claim, "gbps");
  const { value, confidence } = factOf("ec2.c7g.network");
  const most = Math.max(...Object.values(value).map(Number).filter(Number.isFinite));
  return {
    verdict: most >= gigabits ? "holds" : "does-not-hold",
    strategy: `${gigabits} Gbit/s`,
    ours: `${most} Gbit/s for the largest`,
    figure: exactFigure(most, "Gbit/s"),
    why: `the catalogue gives the largest c7g ${most} Gbit/s (${confidence}), ${most >= gigabits ? "at least" : "below"} the ${gigabits} claimed; the price/performance figure is AWS's own and rests on no workload of this platform`,
    facts: ["ec2.c7g.network"],
  };
};

function numbersOf(claim: Claim, name: string): readonly number[] {
  const value = claim.values[name];
  if (typeof value !== "object") throw new Error(`Claim ${claim.id} has no list "${name}"`);
  return value;
}

export const phase2Rules: Readonly<Record<string, ClaimRule>> = {
  "p2.regions": regions,
  "p2.latency": latency,
  "p2.cdc": changeCapture,
  "p2.msk": kafka,
  "p2.cache": cacheShare,
  "p2.shards": shards,
  "p2.limitless": limitless,
  "p2.engine": engine,
  "p2.c7g": network,
};
