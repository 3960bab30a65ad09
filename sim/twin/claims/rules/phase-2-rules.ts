/** The second growth phase: three regions, a log in place of queues, shards, an engine of its own. */
import { allFacts, factNumber, factNumberAt, factOf } from "../../../facts/facts.ts";
import { type Claim, type ClaimRule, numberOf } from "../claim-types.ts";
import {
  exactFigure,
  figureOf,
  figureText,
  firstOf,
  numberText,
  parameterOf,
  percentText,
} from "../figures.ts";
import { undecided, withoutTopology } from "./untested.ts";

const topology = "phase-2";

const regions: ClaimRule = (claim, desk) => {
  const split = numbersOf(claim, "split");
  const rps = numberOf(claim, "rps");
  const total = split.reduce((sum, share) => sum + share, 0);
  const loads = split.map((share) => (share / 100) * rps);
  const left = Math.max(...split.map((share) => 100 / (100 - share)));
  return withoutTopology(desk, topology, {
    strategy: `${split.join("/")} % of ${numberText(rps)} requests/s`,
    ours: `${loads.map(numberText).join(", ")} requests/s`,
    figure: exactFigure(left, "times the load"),
    decided: `the shares add up to ${total} %, and losing the largest region leaves the others ${numberText(left)} times their load, for which the strategy plans no head-room`,
    settledBy: "a run of the phase-2 topology with a region lost",
  });
};

/** Light in glass: no platform answers sooner than the way there and back. */
const latency: ClaimRule = (claim) => {
  const bound = numberOf(claim, "p99Ms");
  const trips = {
    "us-east-1 to eu-west-1": factNumber("net.rtt.us-east-1.eu-west-1"),
    "us-east-1 to ap-southeast-1": factNumber("net.rtt.us-east-1.ap-southeast-1"),
    "eu-west-1 to ap-southeast-1": factNumber("net.rtt.eu-west-1.ap-southeast-1"),
  };
  const [nearest, ms] = Object.entries(trips).sort((one, other) => one[1] - other[1])[0] ?? ["", 0];
  const measured = factNumberAt("net.rtt.measured-2017", "us-east-1/eu-west-1");
  const isPossible = Math.max(ms, measured) < bound;
  return {
    verdict: isPossible ? "holds" : "does-not-hold",
    strategy: `p99 below ${bound} ms for users everywhere`,
    ours: `${ms} ms at the least between two of its regions`,
    figure: exactFigure(ms, "ms"),
    why: `a symbol is matched in one region, and the shortest round trip between two of the three, ${nearest}, takes ${ms} ms (${measured} ms in a published measurement), ${isPossible ? "below" : "above"} ${bound} ms before any work; reads that a region answers by itself, and orders for symbols at home there, can meet it`,
    facts: [
      "net.rtt.us-east-1.eu-west-1",
      "net.rtt.us-east-1.ap-southeast-1",
      "net.rtt.eu-west-1.ap-southeast-1",
      "net.rtt.measured-2017",
    ],
  };
};

const changeCapture: ClaimRule = (_claim, desk) => {
  const [low, high] = [factNumberAt("dms.cdc.latency-s", 0), factNumberAt("dms.cdc.latency-s", 1)];
  const missing = ["dms", "eventbridge"].filter(
    (service) => !desk.shipped.services.includes(service),
  );
  return withoutTopology(desk, topology, {
    strategy: "replicated across regions in real time",
    ours: `${low} to ${high} s of lag when healthy`,
    figure: exactFigure(high, "s"),
    decided: `${missing.length === 0 ? "" : `the twin has no ${missing.join(" and no ")}; `}the facts give change capture ${low} to ${high} s when healthy, so real time means seconds, and as many seconds of writes are lost with the source region`,
    settledBy:
      "CDCLatencyTarget of the production task under load, and a drill that cuts the source region",
    facts: ["dms.cdc.latency-s", "dms.cdc.latency-sum"],
  });
};

const kafka: ClaimRule = (claim, desk) => {
  const [tps, partitions] = [numberOf(claim, "tps"), numberOf(claim, "partitions")];
  const perPartition = tps / partitions;
  const hasService = desk.shipped.services.includes("msk");
  return withoutTopology(desk, topology, {
    strategy: `${numberText(tps)} messages/s over topics of ${partitions} partitions`,
    ours: `${numberText(perPartition)} messages/s a partition if spread evenly`,
    figure: exactFigure(perPartition, "messages/s"),
    decided: `${hasService ? "" : "the twin has no service msk; "}${numberText(tps)} messages/s on one topic are ${numberText(perPartition)} a second for each of ${partitions} partitions when all are equally busy, and a symbol has one partition and one engine however many there are`,
    settledBy:
      "a run of the phase-2 topology at 50,000 requests/s with a hot symbol, and a load test of one partition with the real records",
    facts: ["msk.broker-throughput"],
  });
};

const cacheShare: ClaimRule = (claim, desk) => {
  const [hit, saved] = [numberOf(claim, "hit"), numberOf(claim, "savedRps")];
  const rps = 50_000;
  const run = firstOf(desk.runs("baseline-500"));
  const reads = run.summary.functions.find((each) => each.function === "market-data");
  const all = run.summary.functions
    .filter((each) => each.function !== "matching")
    .reduce((sum, each) => sum + each.goodCount + each.badCount, 0);
  const readShare = ((reads?.goodCount ?? 0) + (reads?.badCount ?? 0)) / all;
  const ours = hit * readShare * rps;
  const needed = saved / (hit * rps);
  return {
    verdict: ours >= 0.95 * saved ? "holds" : "does-not-hold",
    strategy: `${percentText(hit)} of hits take ${numberText(saved)} requests/s off`,
    ours: `${numberText(ours)} requests/s`,
    figure: exactFigure(ours, "requests/s"),
    why: `${numberText(saved)} of ${numberText(rps)} at ${percentText(hit)} of hits needs ${percentText(needed)} of all requests to be cacheable, and orders are not: where ${percentText(readShare)} are reads of market data, as simulated, the cache takes ${numberText(ours)}`,
  };
};

const shards: ClaimRule = (claim, desk) => {
  const [count, rps] = [numberOf(claim, "shards"), numberOf(claim, "rps")];
  const moved = 1 - 1 / (count + 1);
  return withoutTopology(desk, topology, {
    strategy: `${count} clusters of ${numberText(rps)} requests/s`,
    ours: `${numberText(count * rps)} requests/s when users are even`,
    figure: exactFigure(count * rps, "requests/s"),
    decided: `${count} x ${numberText(rps)} is ${numberText(count * rps)} only when users are equally busy; losing one shard touches ${percentText(1 / count)} of the users, and adding one to user_id % ${count} moves ${percentText(moved)} of them`,
    settledBy: "a run of the phase-2 topology with skewed users and one shard lost",
  });
};

const limitless: ClaimRule = (_claim, desk) => {
  const facts = allFacts().filter(({ key }) => key.startsWith("limitless."));
  const hasVariant = desk.shipped.fields["aurora"]?.includes("limitless") ?? false;
  return withoutTopology(desk, topology, {
    strategy: "an alternative to sharding",
    ours: `${facts.length} facts, no variant that runs`,
    decided: `${hasVariant ? "" : "an Aurora of the twin can't be Limitless; "}${facts.length} facts about it are in the catalogue`,
    settledBy: "the same arrivals on both variants of the phase-2 topology",
    facts: facts.map(({ key }) => key),
  });
};

/** The most that a faster engine can save is what the engine takes now, and that is our assumption. */
const engine: ClaimRule = (claim, desk) => {
  const [least, most] = [numberOf(claim, "deltaMs", 0), numberOf(claim, "deltaMs", 1)];
  const runs = desk.runs("az-power-loss-journal-acceptance");
  const spent = figureOf(
    runs.map(({ summary }) =>
      summary.timeSpent
        .filter(({ flow, component }) => flow === "place-order" && isEngine(component))
        .reduce((sum, { meanMs }) => sum + meanMs, 0),
    ),
    "ms",
  );
  const run = firstOf(runs);
  const perCommandMs = parameterOf(run, "matching", "commandUs") / 1000;
  return undecided({
    strategy: `${least} to ${most} ms less an order`,
    ours: `${numberText(perCommandMs)} ms of engine work an order, ${figureText(spent)} with its waits`,
    figure: exactFigure(perCommandMs, "ms"),
    why: `what the present engine takes is our assumption of ${numberText(perCommandMs)} ms an order: a compiled one can save no more than that, and ${figureText(spent)} pass in the matching service when an order waits for the journal, most of it for the queue and the log`,
    settledBy: "time inside the production engine for each order, from its own histogram",
    ifRight: `then the present engine takes ${least} ms or more an order and one thread can't match more than ${numberText(1000 / least)} orders/s of a symbol`,
  });
};

function isEngine(component: string): boolean {
  return component === "matching" || component.startsWith("matching-");
}

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
