import { TwinError } from "../../errors/twin-error.ts";
import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import { countChannel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { outsideZone } from "../fabric/zones.ts";
import type { WafSpec } from "./waf-spec.ts";

/** Addresses that are counted apart; beyond it several share a counter, as users behind one NAT address do. */
const addressesMax = 65_536;

const defaults = {
  evaluationWindowUs: usFromFact("waf.rate-rule.evaluation-window-s", 2),
  reactionLagUs: usFromFact("waf.rate-rule.reaction-lag-s"),
  limitMin: fromFact("waf.rate-rule.min-limit"),
  inspectionUs: assumption(
    300,
    "us",
    "Rule evaluation at the edge; AWS says single-digit milliseconds at most and publishes no figure",
  ),
};

/**
 * WAF attached to the distribution: it stands where the edge stands, in the outside world. Its rate rule counts each
 * address over the evaluation window, blocked requests included, and looks at the counts only every so often: a
 * flash flood passes until the next look, and a block outlives the flood by as long.
 *
 * The window is kept as slices of one look each, so a request leaves the count at most one look late.
 */
export function createWaf(fabric: Fabric, index: number, spec: WafSpec): Component {
  const { kernel, instances, metrics, requests, log } = fabric;
  const parameters = resolveParameters(spec.id, defaults, spec.parameters);
  const { evaluationWindowUs, reactionLagUs, limitMin, inspectionUs } = valuesOf(parameters);
  const limit = spec.rateLimitPerFiveMin;
  if (limit !== undefined && !(limit >= limitMin)) {
    throw new TwinError({
      code: "waf.rate-limit-out-of-range",
      problem: `The rate limit of "${spec.id}" is ${limit} requests per five minutes`,
      remedy: `Use ${limitMin} or more, or leave it out for no limit`,
      at: `/components/${spec.id}/rateLimitPerFiveMin`,
    });
  }
  const addressCount = limit === undefined ? 0 : addressesMax;
  const sliceCount = Math.max(1, Math.round(evaluationWindowUs / reactionLagUs));

  const edge = instances.create({
    component: index,
    zone: outsideZone,
    status: status.up,
    serverCount: 0,
    insideMax: 1_000_000,
    causeSeq: none,
  });
  /** Requests by slice and address; the slice being filled is `position[0]`. */
  const slices = kernel.int32Array(`${spec.id}.slices`, sliceCount * addressCount);
  const windowCount = kernel.int32Array(`${spec.id}.window-count`, addressCount);
  const isBlocked = kernel.uint8Array(`${spec.id}.is-blocked`, addressCount);
  const position = kernel.int32Array(`${spec.id}.position`, 1);
  const blockedNow = kernel.int32Array(`${spec.id}.blocked-addresses`, 1);
  const lastEventSeq = kernel.int32Array(`${spec.id}.event-seq`, 1).fill(none);
  const blocked = kernel.counter(`${spec.id}.blocked`);
  const allowed = kernel.counter(`${spec.id}.allowed`);
  const rateExceeded = log.kind("waf.rate-exceeded", "detect");
  const blocksLifted = log.kind("waf.blocks-lifted", "recover");
  const look = kernel.handler(`${spec.id}.look`, () => evaluate());

  const blockedGains = new PeriodGains(kernel, `${spec.id}.metric.blocked`, 1);
  const allowedGains = new PeriodGains(kernel, `${spec.id}.metric.allowed`, 1);
  const base = { namespace: "AWS/WAFV2", component: index, unit: "Count" } as const;
  metrics.add({
    ...base,
    name: "BlockedRequests",
    sample: () => blockedGains.gain(0, blocked.value),
  });
  metrics.add({
    ...base,
    name: "AllowedRequests",
    sample: () => allowedGains.gain(0, allowed.value),
  });

  function admit(frame: number): number {
    if (addressCount === 0) {
      allowed.add(1);
      return outcome.ok;
    }
    const address = requests.column.user[fabric.calls.dataOf(frame)]! % addressesMax;
    const cell = position[0]! * addressCount + address;
    slices[cell] = slices[cell]! + 1;
    windowCount[address] = windowCount[address]! + 1;
    if (isBlocked[address] === 1) {
      blocked.add(1);
      return outcome.blocked;
    }
    allowed.add(1);
    return outcome.ok;
  }

  /** Judges every address by its window, then opens the next slice in place of the oldest. */
  function evaluate(): void {
    let blockedCount = 0;
    const next = (position[0]! + 1) % sliceCount;
    for (let address = 0; address < addressCount; address += 1) {
      const exceeds = windowCount[address]! > limit!;
      isBlocked[address] = exceeds ? 1 : 0;
      if (exceeds) blockedCount += 1;
      const oldest = next * addressCount + address;
      windowCount[address] = windowCount[address]! - slices[oldest]!;
      slices[oldest] = 0;
    }
    position[0] = next;
    noteChange(blockedCount);
    kernel.schedule(reactionLagUs, look);
  }

  function noteChange(blockedCount: number): void {
    const before = blockedNow[0]!;
    blockedNow[0] = blockedCount;
    if (before === 0 && blockedCount > 0) {
      lastEventSeq[0] = log.append(rateExceeded, { component: index }, none, blockedCount);
    } else if (before > 0 && blockedCount === 0) {
      lastEventSeq[0] = log.append(blocksLifted, { component: index }, lastEventSeq[0]!);
    }
  }

  return {
    id: spec.id,
    service: spec.service,
    passesThrough: true,
    index,
    operations: [
      {
        name: "serve",
        serviceUs: compileQuantiles({ kind: "deterministic", value: inspectionUs }),
      },
    ],
    route: () => edge,
    admit,
    instanceFailed() {
      // As with the distribution, clients are sent to another edge location.
    },
    powerRestored(instance, causeSeq) {
      instances.column.status[instance] = status.up;
      instances.column.causeSeq[instance] = causeSeq;
    },
    channels: () => [
      countChannel("allowed", "requests", () => allowed.value),
      countChannel("blocked", "requests", () => blocked.value),
      levelChannel("blocked-addresses", "addresses", () => blockedNow[0]!),
    ],
    parameters: () => parameters,
    start() {
      if (addressCount > 0) kernel.schedule(reactionLagUs, look);
    },
  };
}
