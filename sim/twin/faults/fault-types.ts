/** Something that happens to the platform. Times count from the start of the run, warm-up included. */
export type FaultSpec =
  | PlaceFault
  | RackPowerLossFault
  | CellPowerLossFault
  | InstanceKillFault
  | ReplicationLagFault
  | ControlPlaneFreezeFault
  | ObservabilityFault
  | ServiceFault;

/** Faults that take power or links from a zone or a region. */
export type PlaceFault =
  | ZonePowerLossFault
  | ZonePartitionFault
  | RegionPowerLossFault
  | RegionPartitionFault
  | LinkDegradationFault;

/** Faults of services and of what clients do; they strike no place. */
export type ServiceFault =
  | InstanceSlowFault
  | NameServiceFault
  | QuotaCutFault
  | ServiceErrorsFault
  | CapacityShortageFault
  | BadDeploymentFault
  | CacheFlushFault
  | DataCorruptionFault
  | OpenTransactionFault
  | PoisonMessageFault
  | LoadChangeFault
  | HotSymbolFault
  | VolatilityBurstFault
  | OneSidedFlowFault
  | TradingHaltFault
  | ClientRetriesFault
  | ConnectionDropFault;

interface FaultBase {
  /** Kebab-case, unique in the scenario; reports name it. */
  readonly id: string;
  /** Seconds from the start of the run. */
  readonly atSeconds: number;
  /** It strikes again and again: so many times in all, one every so many seconds. Once when left out. */
  readonly repeat?: { readonly count: number; readonly everySeconds: number };
}

/** A zone loses power; its instances go silent at once. */
export interface ZonePowerLossFault extends FaultBase {
  readonly kind: "zone-power-loss";
  /** Zone id, or `zone-of:COMPONENT` for wherever that component's first running instance stands at that instant. */
  readonly zone: string;
  /** Seconds without power. */
  readonly durationSeconds: number;
  /** How hosts come back once power is there: share of hosts (0..1, growing to 1) against seconds after power returned. All at once when left out. */
  readonly recoveryCurve?: readonly { readonly afterSeconds: number; readonly share: number }[];
}

/** A rack loses power, and with it the hosts of a capacity provider that stand on it. */
export interface RackPowerLossFault extends FaultBase {
  readonly kind: "rack-power-loss";
  /** The capacity provider whose oldest running host stands on the rack. */
  readonly component: string;
  /** Its oldest running host in this zone; in any when left out. */
  readonly zone?: string;
  readonly durationSeconds: number;
}

/** A cell of users loses power: every instance of components that are divided by user, in one of their parts. */
export interface CellPowerLossFault extends FaultBase {
  readonly kind: "cell-power-loss";
  /** Number of the part, from 1. */
  readonly cell: number;
  readonly durationSeconds: number;
}

/** A zone keeps power and loses its links to every other zone and to the outside. */
export interface ZonePartitionFault extends FaultBase {
  readonly kind: "zone-partition";
  readonly zone: string;
  readonly durationSeconds: number;
  /** Which way is cut; both when left out. */
  readonly direction?: "both" | "inbound" | "outbound";
}

/** All zones of a region lose power at once. */
export interface RegionPowerLossFault extends FaultBase {
  readonly kind: "region-power-loss";
  readonly region: string;
  readonly durationSeconds: number;
  readonly recoveryCurve?: readonly { readonly afterSeconds: number; readonly share: number }[];
}

/** A region keeps power and its own links, and is cut off from every other region and from clients. */
export interface RegionPartitionFault extends FaultBase {
  readonly kind: "region-partition";
  readonly region: string;
  readonly durationSeconds: number;
}

/** Instances of a component work, and take longer for everything. */
export interface InstanceSlowFault extends FaultBase {
  readonly kind: "instance-slow";
  readonly component: string;
  /** How many, beginning with the oldest. All when left out. */
  readonly count?: number;
  readonly role?: string;
  /** Times as long as usual, above 1. */
  readonly factor: number;
  readonly durationSeconds: number;
}

/** Names are not answered; whoever has an answer in its cache goes on with it until that expires. */
export interface NameServiceFault extends FaultBase {
  readonly kind: "name-service-outage";
  /** A Route 53 component. */
  readonly component: string;
  readonly durationSeconds: number;
}

/** A service grants only a share of its quota: a limit that was lowered, or used up by others of the account. */
export interface QuotaCutFault extends FaultBase {
  readonly kind: "quota-cut";
  readonly component: string;
  /** Share of the quota that is left, 0..1. */
  readonly share: number;
  readonly durationSeconds: number;
}

/** A managed service answers a share of its calls with errors (HTTP 503), at once. */
export interface ServiceErrorsFault extends FaultBase {
  readonly kind: "service-errors";
  readonly component: string;
  /** Share of its calls, 0..1; of several faults the largest holds. */
  readonly share: number;
  readonly durationSeconds: number;
}

/** New tasks find no hosts: their placement fails. What runs goes on. */
export interface CapacityShortageFault extends FaultBase {
  readonly kind: "capacity-shortage";
  /** Zone id; every zone when left out. */
  readonly zone?: string;
  readonly durationSeconds: number;
}

/** A release that is bad replaces all tasks of a service, until it is rolled back. */
export interface BadDeploymentFault extends FaultBase {
  readonly kind: "bad-deployment";
  readonly component: string;
  /** Times as long for all work, from 1. As usual when left out. */
  readonly slowFactor?: number;
  /** Seconds after which a task of it crashes. Never when left out. */
  readonly crashAfterSeconds?: number;
  /** Seconds until the rollback begins, which replaces all tasks again. */
  readonly durationSeconds: number;
}

/** A cache forgets everything and goes on serving. */
export interface CacheFlushFault extends FaultBase {
  readonly kind: "cache-flush";
  readonly component: string;
}

/**
 * A bad writer puts wrong rows into a database. They are durable and everywhere at once, and stay until people restore the
 * database to a point before the fault.
 */
export interface DataCorruptionFault extends FaultBase {
  readonly kind: "data-corruption";
  /** An aurora component. */
  readonly component: string;
  /** Share of the reads that meet a wrong row, are found out by the program's checks and fail, 0..1. */
  readonly readShare: number;
}

/**
 * A session leaves a transaction open. It holds up nothing but who reads changes out of the log in the order of commits: change
 * capture hands on nothing until it ends.
 */
export interface OpenTransactionFault extends FaultBase {
  readonly kind: "open-transaction";
  /** An aurora component. */
  readonly component: string;
  readonly durationSeconds: number;
}

/**
 * Messages come that their reader can't bear. An order kills the process of the engine that executes it; at a record a function fails, and
 * with it its batch. Each comes again, and does it again, until a dead-letter queue takes it, it is too old for its stream, or the
 * fault ends.
 */
export interface PoisonMessageFault extends FaultBase {
  readonly kind: "poison-message";
  /** A matching service (a standby of it dies of them too), or functions (lambda). */
  readonly component: string;
  /** The function that fails; of functions only, and then there must be one. */
  readonly function?: string;
  /** How many messages, the first that come, 1 to 1,000. */
  readonly count: number;
  /** Seconds until a release is out that bears them. */
  readonly durationSeconds: number;
}

/** Clients mean to send more, or less, than the workload says. */
export interface LoadChangeFault extends FaultBase {
  readonly kind: "load-change";
  /** Times the workload's rate: 10 is a spike, 0.1 a lull. */
  readonly factor: number;
  /** Seconds over which it comes about. At once when left out. */
  readonly rampSeconds?: number;
  readonly durationSeconds: number;
}

/** One symbol draws a share of all requests to itself. */
export interface HotSymbolFault extends FaultBase {
  readonly kind: "hot-symbol";
  /** Number of the symbol, from 0; 0 is the most popular one already. */
  readonly symbol: number;
  /** Share of all new requests that are about it, 0..1, on top of its usual part of the rest. */
  readonly share: number;
  readonly durationSeconds: number;
}

/**
 * Prices move further than usual. Quotes that rest where they were are stale then, and trade with what is priced anew: of
 * the same number of orders more trade.
 */
export interface VolatilityBurstFault extends FaultBase {
  readonly kind: "volatility-burst";
  /** Times as far as usual that a price moves at each of its steps, a whole number from 2 to 1,000. */
  readonly factor: number;
  /** Number of the only symbol that it is about, from 0. All when left out. */
  readonly symbol?: number;
  readonly durationSeconds: number;
}

/** Clients all want the same: new orders come from one side, and prices go its way. */
export interface OneSidedFlowFault extends FaultBase {
  readonly kind: "one-sided-flow";
  readonly side: "buy" | "sell";
  /** Share of new orders that are of that side, above 0.5 and up to 1. */
  readonly share: number;
  /** Number of the only symbol that it is about, from 0. All when left out. */
  readonly symbol?: number;
  readonly durationSeconds: number;
}

/**
 * Trading is halted, by a regulator or the venue's own rules, while the platform is well. When the halt is over the market reopens
 * as after an outage: cancels only, an auction, continuous trading.
 */
export interface TradingHaltFault extends FaultBase {
  readonly kind: "trading-halt";
  /** The matching service whose market it is; every market when left out. */
  readonly component?: string;
  readonly durationSeconds: number;
}

/** Clients retry in another way than the workload says: more often, or without a pause. */
export interface ClientRetriesFault extends FaultBase {
  readonly kind: "client-retries";
  readonly retriesMax: number;
  readonly backoffMs: number;
  readonly durationSeconds: number;
}

/** Users lose the connections that they keep open: a network that drops them, a front end that restarts. */
export interface ConnectionDropFault extends FaultBase {
  readonly kind: "connection-drop";
  /** Share of the users, 0..1. */
  readonly share: number;
}

/** One or more instances of a component die. */
export interface InstanceKillFault extends FaultBase {
  readonly kind: "instance-kill";
  readonly component: string;
  /** How many, beginning with the oldest. 1 when left out. */
  readonly count?: number;
  /** Only instances with this role, for components that have roles (`writer`, `reader`, `primary`, `replica`, `active`). */
  readonly role?: string;
  /** What callers see: refused at once, silence, or accepted and never answered. `crash` when left out. */
  readonly manner?: "crash" | "power" | "hang";
}

/** Grey failure: added latency and loss between two zones, or between a zone and everything else. */
export interface LinkDegradationFault extends FaultBase {
  readonly kind: "link-degradation";
  readonly from: string;
  /** Zone id; every other zone when left out. */
  readonly to?: string;
  readonly addedLatencyMs: number;
  /** Share of messages lost, 0..1. */
  readonly lossShare: number;
  readonly durationSeconds: number;
}

/**
 * What is replicated asynchronously from one place to another (databases, journals, tables, caches) leaves late or not at all. Calls
 * over the same links go on, and nothing else fails: nobody notices before a copy is needed.
 */
export interface ReplicationLagFault extends FaultBase {
  readonly kind: "replication-lag";
  /** Zone or region that it comes from. */
  readonly fromPlace: string;
  /** Zone or region that it goes to. */
  readonly toPlace: string;
  /** Seconds by which it is late. It stands still when left out. */
  readonly addedSeconds?: number;
  readonly durationSeconds: number;
}

/** No launches, no replacements, no scaling actions. */
export interface ControlPlaneFreezeFault extends FaultBase {
  readonly kind: "control-plane-freeze";
  /** Only this component's; all when left out. */
  readonly component?: string;
  readonly durationSeconds: number;
}

/** CloudWatch shows nothing, or shows it late: alarms and scaling go blind. */
export interface ObservabilityFault extends FaultBase {
  readonly kind: "observability-loss";
  readonly durationSeconds: number;
  /** Seconds that datapoints are late; nothing arrives at all when left out. */
  readonly lateBySeconds?: number;
}
