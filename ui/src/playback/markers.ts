/** The instants that matter, read off the event log. */
import type { EventRecord } from "../../../sim/twin/results-types.ts";
import type { RecordingView } from "./recording-view.ts";

export type MarkerKind = "fault" | "alarm" | "scaling" | "decision" | "recovery";

export interface Marker {
  readonly atUs: number;
  readonly kind: MarkerKind;
  /** Event it stands for; further ones of the same kind at the same instant are counted. */
  readonly seq: number;
  readonly label: string;
}

export const markerSymbols: Readonly<Record<MarkerKind, string>> = {
  fault: "▲",
  alarm: "◆",
  scaling: "■",
  decision: "●",
  recovery: "✓",
};

/** A fault of the scenario itself, not what it did to single instances. */
function markerKind(event: EventRecord): MarkerKind | undefined {
  if (event.stage === "fault") return event.causeSeq < 0 || isRelief(event) ? "fault" : undefined;
  if (event.kind === "cloudwatch.alarm-raised") return "alarm";
  if (event.kind === "ecs.desired-count-changed") return "scaling";
  if (event.kind.startsWith("decision.") || isDecision(event)) return "decision";
  return undefined;
}

/** What people following a runbook decided, and each thing they did. */
export function isDecision({ kind }: EventRecord): boolean {
  return /^runbook\..+\.(decided|carried-out)$/.test(kind);
}

const relief =
  /(restored|harmless|halt-over|rejoined|clear|thawed|back|again|as-usual|as-quick-as-usual|transaction-ended)$/;

export function isRelief(event: EventRecord): boolean {
  return event.stage === "fault" && relief.test(event.kind);
}

export function markersOf(view: RecordingView): readonly Marker[] {
  const markers: Marker[] = [];
  for (const event of view.events) {
    const kind = markerKind(event);
    if (kind === undefined) continue;
    markers.push({ atUs: event.atUs, kind, seq: event.seq, label: eventWords(event) });
  }
  for (const outage of view.outages) {
    const last = outage.chain.at(-1);
    if (outage.endedUs < 0 || last === undefined) continue;
    markers.push({
      atUs: outage.endedUs,
      kind: "recovery",
      seq: last,
      label: `${functionTitle(outage.function)} back in service`,
    });
  }
  return markers.sort((a, b) => a.atUs - b.atUs || a.seq - b.seq);
}

/** Instants at which faults strike, for slowing down. */
export function faultInstantsOf(view: RecordingView): readonly number[] {
  return view.events
    .filter((event) => markerKind(event) === "fault" && !isRelief(event))
    .map(({ atUs }) => atUs);
}

export function functionTitle(name: string): string {
  const words = name.replace(/-/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const kindWords: Readonly<Record<string, string>> = {
  "zone.power-lost": "lost power",
  "zone.power-restored": "has power again",
  "zone.cut-off": "is cut off",
  "zone.rejoined": "is reachable again",
  "instance.failed-by-power": "went dark",
  "instance.failed-by-crash": "crashed",
  "instance.failed-by-hang": "hangs",
  "region.cut-off": "is cut off",
  "region.rejoined": "is reachable again",
  "rack.power-lost": "lost power",
  "rack.power-restored": "has power again",
  "instance.slow": "is slow",
  "instance.as-quick-as-usual": "is as quick as usual again",
  "names.not-answered": "names are not answered",
  "names.answered-again": "names are answered again",
  "quota.cut": "its quota is cut",
  "quota.restored": "its quota is whole again",
  "service.errors": "calls fail",
  "service.sound-again": "calls succeed again",
  "capacity.short": "no room for new tasks",
  "capacity.there-again": "room for new tasks again",
  "deployment.bad-release": "a bad release goes out",
  "deployment.rolled-back": "the bad release is rolled back",
  "data.corrupted": "data is corrupted",
  "data.transaction-left-open": "a transaction is left open",
  "data.transaction-ended": "the open transaction has ended",
  "message.poisoned": "messages come that it fails at",
  "message.harmless": "its messages do no harm any more",
  "cache.flushed": "the cache is empty",
  "clients.load-changed": "the load has changed",
  "clients.load-as-usual": "the load is as usual again",
  "clients.symbol-hot": "one symbol draws the orders",
  "clients.symbol-as-usual": "no symbol draws the orders any more",
  "market.volatile": "prices move far",
  "market.calm-again": "prices move as usual again",
  "market.one-sided": "orders come from one side",
  "market.both-sides-again": "orders come from both sides again",
  "market.halted": "trading is halted",
  "market.halt-over": "the halt of trading is over",
  "clients.retries-changed": "clients retry in another way",
  "clients.retries-as-usual": "clients retry as usual again",
  "clients.connections-dropped": "connections are dropped",
  "link.degraded": "has slow, lossy links",
  "link.clear": "has clear links again",
  "replication.stopped": "stands still",
  "replication.slowed": "is slowed down",
  "replication.as-usual": "is as usual again",
  "control-plane.frozen": "Control planes are frozen",
  "control-plane.thawed": "Control planes work again",
  "observability.lost": "CloudWatch shows nothing new",
  "observability.back": "CloudWatch is back",
  "cloudwatch.alarm-raised": "alarm raised",
  "cloudwatch.alarm-cleared": "alarm cleared",
  "matching.books-recovered": "has its books back",
  "matching.lease-taken": "took the lease",
  "matching.died-of-order": "died of an order",
  "lambda.failed-at-record": "failed at a record",
  "aurora.secondary-promoted": "takes writes now",
  "journal.replica-promoted": "is the journal now",
  "route53.region-changed": "leads users to another region",
  "ecs.task-launched": "task launched",
  "ecs.task-running": "task running",
  "ecs.task-lost": "task found lost",
  "ecs.task-stopped": "task stopped",
  "ecs.placement-failed": "found no place",
  "ecs.desired-count-changed": "wants another number of tasks",
};

/** What a balancer found of a target: the instance and zone of the event are the target's. */
const found: Readonly<Record<string, string>> = {
  "load-balancer.target-unhealthy": "unhealthy",
  "load-balancer.target-healthy": "healthy",
};

const plural = (count: number, one: string, many: string) =>
  count === 1 ? `One ${one}` : `${count.toLocaleString("en-US")} ${many}`;

/** What is said with the figure of the event rather than its place. */
const counted: Readonly<Record<string, (value: number) => string>> = {
  "cell.power-lost": (cell) => `Cell ${cell} lost power`,
  "cell.power-restored": () => "The cell has power again",
  "reports.lost-with-owner": (reports) =>
    `${plural(reports, "report was", "reports were")} lost with the engine that was to send ${reports === 1 ? "it" : "them"}`,
  "reports.clients-whole": () => "Every client has all its reports",
  "trades.found-lost": (trades) =>
    `${plural(trades, "trade", "trades")} that clients were told of ${trades === 1 ? "is" : "are"} in no history`,
  "trades.busted": (notional) =>
    `A trade of ${notional.toLocaleString("en-US")} ticks × lots is called off`,
  "trades.re-instated": (notional) =>
    `A trade of ${notional.toLocaleString("en-US")} ticks × lots is re-instated`,
};

/** `us-east-1a lost power`, `Matching service #54 in us-east-1b: task running`. */
export function eventWords(event: EventRecord): string {
  const told = counted[event.kind];
  if (told !== undefined) return told(event.value);
  const verdict = found[event.kind];
  const [, target] = / (#\d+.*)$/.exec(event.place) ?? [];
  if (verdict !== undefined && target !== undefined) {
    return `Load balancer found target ${target} ${verdict}`;
  }
  const [, runbook, step = "", stage] =
    /^runbook\.([^.]+)\.(?:(.+)\.)?([^.]+)$/.exec(event.kind) ?? [];
  if (runbook !== undefined && stage !== undefined) {
    return `${functionTitle(step === "" ? runbook : step)}: ${stage.replace(/-/g, " ")}`;
  }
  const words = kindWords[event.kind] ?? event.kind.replace(/^[^.]+\./, "").replace(/-/g, " ");
  if (event.place === "") return words.charAt(0).toUpperCase() + words.slice(1);
  const isSentence =
    /^(zone|region|rack|link|instance|matching|load-balancer|aurora|journal|replication|route53)\./.test(
      event.kind,
    );
  const place = event.place.trim();
  return isSentence && kindWords[event.kind] !== undefined
    ? `${place} ${words}`
    : `${place}: ${words}`;
}
