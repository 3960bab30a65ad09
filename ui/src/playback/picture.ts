/** What is to be seen at one instant: a pure function of recording and instant, whatever was drawn before. */
import {
  type ComponentView,
  eventCountAt,
  frameAt,
  type RecordingView,
  rateAt,
  valueAt,
} from "./recording-view.ts";

export type Health = "healthy" | "degraded" | "failed" | "unknown";

/** A zone as the log has left it. */
export interface ZonePicture {
  readonly id: string;
  readonly health: Health;
  /** `no power`, `cut off`, `slow links`, or `in service`. */
  readonly words: string;
}

export interface CellPicture {
  readonly zone: string;
  readonly health: Health;
  readonly up: number;
  readonly instances: number;
  readonly inside: number;
}

export interface ComponentPicture {
  readonly id: string;
  readonly health: Health;
  /** The state in a word or two. */
  readonly words: string;
  readonly cells: readonly CellPicture[];
  /** What counts most about this kind of component, such as the messages that wait. */
  readonly figure: string;
  /** Share of capacity in use, 0..1, or -1 when that means nothing here. */
  readonly load: number;
  /** What its control plane is doing; empty when at rest. */
  readonly control: string;
}

export interface ControlPicture {
  readonly frozen: boolean;
  readonly blind: boolean;
  readonly alarms: number;
  readonly starting: number;
  /** Hosts that tasks are placed on; undefined where the platform has none of its own. */
  readonly hosts:
    | { readonly registered: number; readonly wanted: number; readonly tasksWaiting: number }
    | undefined;
  /** Nodes and endpoints that names still point to although they are down. */
  readonly dnsStale: number;
  /** Seconds for which resolvers may still hand out what the name led to before it was changed; 0 when none can. */
  readonly oldAnswersSeconds: number;
}

export interface Picture {
  readonly atUs: number;
  readonly frame: number;
  readonly zones: ReadonlyMap<string, ZonePicture>;
  readonly components: ReadonlyMap<string, ComponentPicture>;
  readonly control: ControlPicture;
}

export function pictureAt(view: RecordingView, atUs: number): Picture {
  const frame = frameAt(view, atUs);
  const zones = zonesAt(view, atUs);
  const components = new Map(
    view.components.map((component) => [component.id, componentAt(view, component, frame, zones)]),
  );
  return { atUs, frame, zones, components, control: controlAt(view, atUs, frame) };
}

function zonesAt(view: RecordingView, atUs: number): ReadonlyMap<string, ZonePicture> {
  const cuts = new Map<string, { power: number; links: number; slow: number }>();
  for (const { id } of view.head.zones) cuts.set(id, { power: 0, links: 0, slow: 0 });
  const count = eventCountAt(view.events, atUs);
  for (let at = 0; at < count; at += 1) {
    const event = view.events[at];
    const cut = event === undefined ? undefined : cuts.get(event.zone);
    if (event === undefined || cut === undefined || event.stage !== "fault") continue;
    if (event.kind === "zone.power-lost") cut.power += 1;
    else if (event.kind === "zone.power-restored") cut.power = 0;
    else if (event.kind === "zone.cut-off") cut.links += 1;
    else if (event.kind === "zone.rejoined") cut.links -= 1;
    else if (event.kind === "link.degraded") cut.slow += 1;
    else if (event.kind === "link.clear") cut.slow -= 1;
  }
  return new Map(
    [...cuts].map(([id, { power, links, slow }]): [string, ZonePicture] => {
      if (power > 0) return [id, { id, health: "failed", words: "no power" }];
      if (links > 0) return [id, { id, health: "failed", words: "cut off" }];
      if (slow > 0) return [id, { id, health: "degraded", words: "slow links" }];
      return [id, { id, health: "healthy", words: "in service" }];
    }),
  );
}

function componentAt(
  view: RecordingView,
  component: ComponentView,
  frame: number,
  zones: ReadonlyMap<string, ZonePicture>,
): ComponentPicture {
  const cells = component.cells.map((cell): CellPicture => {
    const up = valueAt(view, cell.up, frame);
    const instances = valueAt(view, cell.instances, frame);
    const isDark = zones.get(cell.zone)?.words === "no power";
    return {
      zone: cell.zone,
      up: isDark ? 0 : up,
      instances,
      inside: valueAt(view, cell.inside, frame),
      health: cellHealth(isDark ? 0 : up, instances, isDark),
    };
  });
  const get = (name: string) => {
    const channel = component.channels.get(name);
    return channel === undefined ? 0 : valueAt(view, channel, frame);
  };
  const load = loadOf(view, component, frame);
  const starting = get("tasks-starting");
  const { health, words } = healthOf(cells, load, starting, figureIsBad(component, get));
  return {
    id: component.id,
    health,
    words,
    cells,
    load,
    figure: figureOf(view, component, frame, get),
    control: starting > 0 ? `starting ${starting}` : "",
  };
}

function cellHealth(up: number, instances: number, isDark: boolean): Health {
  if (instances === 0) return isDark ? "failed" : "unknown";
  if (up === 0) return isDark ? "failed" : "unknown";
  return up < instances ? "degraded" : "healthy";
}

function healthOf(
  cells: readonly CellPicture[],
  load: number,
  starting: number,
  isBehind: boolean,
): { health: Health; words: string } {
  const up = cells.reduce((sum, cell) => sum + cell.up, 0);
  const instances = cells.reduce((sum, cell) => sum + cell.instances, 0);
  if (cells.length === 0 || (instances === 0 && up === 0)) {
    return starting > 0
      ? { health: "unknown", words: "starting" }
      : {
          health: cells.some((cell) => cell.health === "failed") ? "failed" : "healthy",
          words: cells.some((cell) => cell.health === "failed") ? "failed" : "healthy",
        };
  }
  if (up === 0)
    return starting > 0
      ? { health: "failed", words: "down, starting" }
      : { health: "failed", words: "failed" };
  if (cells.some((cell) => cell.health === "failed" || cell.up < cell.instances)) {
    return { health: "degraded", words: "degraded" };
  }
  if (load >= 0.95) return { health: "degraded", words: "saturated" };
  if (isBehind) return { health: "degraded", words: "behind" };
  return { health: "healthy", words: "healthy" };
}

/** Seconds of age above which what waits is no longer in good time. Assumption: ten times what a busy second leaves. */
const behindSeconds = 5;

/** The same of change capture, whose batches wait for seconds when all is well. Assumption: twice what it takes then. */
const captureBehindSeconds = 10;

function figureIsBad(component: ComponentView, get: (name: string) => number): boolean {
  if (component.service === "dms") {
    return get("source latency") + get("target latency") > captureBehindSeconds;
  }
  return component.service === "sqs-fifo" && get("oldest age") > behindSeconds;
}

function loadOf(view: RecordingView, component: ComponentView, frame: number): number {
  for (const channel of component.channels.values()) {
    if (view.head.channels[channel]?.unit === "share of capacity") {
      // A mean over a second and ten frames: one frame of a busy server is either nothing or everything.
      const back = Math.max(10, Math.round(1_000_000 / view.head.frameStepUs));
      let sum = 0;
      let count = 0;
      for (let at = Math.max(0, frame - back + 1); at <= frame; at += 1) {
        sum += valueAt(view, channel, at);
        count += 1;
      }
      return count === 0 ? -1 : sum / count;
    }
  }
  return -1;
}

function figureOf(
  view: RecordingView,
  component: ComponentView,
  frame: number,
  get: (name: string) => number,
): string {
  const perSecond = (name: string) => {
    const channel = component.channels.get(name);
    return channel === undefined ? 0 : rateAt(view, channel, frame);
  };
  switch (component.service) {
    case "sqs-fifo":
      return `${whole(get("visible"))} waiting`;
    case "matching-service":
      return `${whole(perSecond("executed"))}/s matched`;
    case "ecs-fargate":
      return `${whole(get("tasks-up"))} of ${whole(get("tasks-wanted"))} tasks`;
    case "load-balancer":
      return `${whole(perSecond("arrived"))}/s · ${counted(get("targets-healthy"), "target")}`;
    case "api-gateway":
    case "cloudfront":
      return `${whole(perSecond("arrived"))}/s`;
    case "waf":
      return `${whole(perSecond("allowed"))}/s`;
    case "route53":
      return `${counted(perSecond("lookups"), "lookup")}/s`;
    case "dynamodb":
      return `${whole(perSecond("requests"))}/s`;
    case "elasticache":
      return `${whole(perSecond("hits"))}/s hits`;
    case "aurora":
    case "aurora-limitless":
      return `${whole(get("instances up"))} up`;
    case "journal":
      return `${whole(perSecond("durable"))}/s durable`;
    case "eventbridge":
      return `${whole(perSecond("delivered"))}/s · ${whole(get("waiting"))} waiting`;
    case "kinesis":
      return `${whole(perSecond("records taken"))}/s`;
    case "lambda":
      return `${whole(perSecond("records finished"))}/s`;
    case "msk":
      return `${whole(perSecond("orders taken"))}/s · ${whole(get("unread"))} unread`;
    case "rds-proxy":
      return `${whole(get("statements inside"))} in flight`;
    case "ec2-capacity-provider":
      return `${whole(get("hosts-registered"))}/${whole(get("hosts-wanted"))} hosts`;
    case "s3":
      return counted(get("objects stored"), "object");
    case "dms":
      return `${(get("source latency") + get("target latency")).toFixed(1)} s behind`;
    case "cloudwatch":
      return counted(get("alarms-raised"), "alarm");
    default:
      return "";
  }
}

function controlAt(view: RecordingView, atUs: number, frame: number): ControlPicture {
  const count = eventCountAt(view.events, atUs);
  let frozen = 0;
  let blind = 0;
  for (let at = 0; at < count; at += 1) {
    const kind = view.events[at]?.kind;
    if (kind === "control-plane.frozen") frozen += 1;
    else if (kind === "control-plane.thawed") frozen -= 1;
    else if (kind === "observability.lost") blind += 1;
    else if (kind === "observability.back") blind -= 1;
  }
  const sum = (name: string) =>
    view.components.reduce((total, component) => {
      const channel = component.channels.get(name);
      return channel === undefined ? total : total + valueAt(view, channel, frame);
    }, 0);
  // A balancer's name lists its nodes; those beyond the ones that are up are stale.
  const dnsStale = view.components.reduce((total, component) => {
    const inDns = component.channels.get("nodes-in-dns");
    const up = component.channels.get("nodes-up");
    if (inDns === undefined || up === undefined) return total;
    return total + Math.max(0, valueAt(view, inDns, frame) - valueAt(view, up, frame));
  }, 0);
  return {
    dnsStale,
    oldAnswersSeconds: oldAnswersAt(view, atUs, count),
    frozen: frozen > 0,
    blind: blind > 0,
    alarms: sum("alarms-raised"),
    starting: sum("tasks-starting"),
    hosts: view.components.some(({ service }) => service === "ec2-capacity-provider")
      ? {
          registered: sum("hosts-registered"),
          wanted: sum("hosts-wanted"),
          tasksWaiting: sum("tasks-waiting-for-a-host"),
        }
      : undefined,
  };
}

const dnsChanges: ReadonlySet<string> = new Set([
  "route53.region-changed",
  "route53.answer-changed",
]);

/** An answer lives as long as its record says, wherever it has been asked for before the change. */
function oldAnswersAt(view: RecordingView, atUs: number, count: number): number {
  let left = 0;
  for (const { id, service, parameters } of view.head.components) {
    if (service !== "route53") continue;
    const lifeUs = Number(parameters["ttlUs"]?.value ?? 0);
    for (let at = count - 1; at >= 0; at -= 1) {
      const event = view.events[at];
      if (event === undefined || event.atUs + lifeUs <= atUs) break;
      if (event.component !== id || !dnsChanges.has(event.kind)) continue;
      left = Math.max(left, (event.atUs + lifeUs - atUs) / 1_000_000);
    }
  }
  return Math.ceil(left);
}

export function counted(value: number, word: string): string {
  return `${whole(value)} ${word}${Math.round(value) === 1 ? "" : "s"}`;
}

export function whole(value: number): string {
  const rounded = Math.round(value);
  const digits = String(Math.abs(rounded));
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ",");
  return rounded < 0 ? `−${grouped}` : grouped;
}
