import { type AssembledFabric, assembleFabric } from "../components/fabric/assemble.ts";
import { isMarketStep, requestKind } from "../components/fabric/requests.ts";
import type { Journal } from "../components/journal/journal.ts";
import type { MatchingObserver } from "../components/matching-service/matching-observer.ts";
import type { MatchingService } from "../components/matching-service/matching-service.ts";
import type { Route53 } from "../components/route53/route53.ts";
import { createKernel, type Kernel } from "../kernel/kernel.ts";
import { none } from "../kernel/none.ts";
import { BookSampler } from "./book-sampler.ts";
import { Clients, kindCount } from "./clients/clients.ts";
import { kindOfRequest } from "./clients/intended-requests.ts";
import type { OrderFlow } from "./clients/order-flow.ts";
import { ServedUsers } from "./clients/served-users.ts";
import { componentFactories } from "./component-factories.ts";
import { zonesOfComponent } from "./component-zones.ts";
import { CostMeter } from "./cost/cost-meter.ts";
import { CostWatch } from "./cost/cost-watch.ts";
import { faultControls } from "./faults/fault-controls.ts";
import { FaultInjector, type ReservedInstants } from "./faults/fault-injector.ts";
import { chainedQueues, type OrderHolder } from "./ledger/chained-queues.ts";
import { Ledger } from "./ledger/ledger.ts";
import { told } from "./ledger/ledger-rows.ts";
import { MetricRecorder } from "./metric-recorder.ts";
import { zoneLatencyUs } from "./network.ts";
import { cellCount } from "./platform/cells.ts";
import { expandTopology, type Platform } from "./platform/expand-topology.ts";
import { feedersOf } from "./platform/queue-feeders.ts";
import { partsOfSymbols, standbysOf, venueParts } from "./platform/symbol-homes.ts";
import { zonesOf } from "./platform/zones-of-topology.ts";
import { programVersion } from "./program-version.ts";
import { recordedChannels } from "./recorded-channels.ts";
import { Recorder } from "./recorder.ts";
import { withResendFlow } from "./reports/resend-flow.ts";
import { VenueReports } from "./reports/venue-reports.ts";
import { componentsOfFunctions } from "./results/function-components.ts";
import { refuseUnknownChannels } from "./results/judge-measure.ts";
import type { FunctionObjective } from "./results/objective-types.ts";
import { RunbookDesk } from "./runbooks/runbook-desk.ts";
import type { SampledKeys } from "./scaling/sampled-keys.ts";
import type { ScalingResult } from "./scaling/scaling-types.ts";
import type { Scenario } from "./scenario-types.ts";
import { ServiceLevels } from "./service-levels.ts";
import type { Topology } from "./topology-types.ts";
import { forAcceptance } from "./topology-variants.ts";
import { ZoneSampler } from "./zone-sampler.ts";

/** An engine with what feeds it and what makes its commands count. */
export interface SimulatedPart {
  readonly queue: OrderHolder;
  readonly journal: Journal;
  readonly matching: MatchingService;
}

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seed: string;
  readonly orderFlow?: OrderFlow | undefined;
  /** Of a run that simulates one in so many: `topology` is then the scaled one. */
  readonly sample?: Sample | undefined;
  /** Of a warm-up that several runs share; the scenario's own faults when left out. */
  readonly reservedInstants?: ReservedInstants | undefined;
  /** Last events that a failure tells of. 0 when left out: a failing run repeats, and can be run again with a trace. */
  readonly traceLast?: number;
}

/** Which keys a scaled run keeps, what was made smaller for them, and the platform as it was before. */
export interface Sample {
  readonly keys: SampledKeys;
  readonly result: ScalingResult;
  readonly whole: Topology;
}

/** Room for what comes and goes. Frames: a minute of 5,000 requests a second that all hang. */
const limits = {
  instancesMax: 2048,
  framesMax: 1_048_576,
  recordsMax: 64,
  requestsInitial: 65_536,
  requestsMax: 50_000_000,
};

/**
 * The simulation that was assembled last, which nobody reads. Compiled code counts on the shapes of the objects that it has met,
 * and V8 throws it away with the last of them: were a platform gone before the next one stands, every run would compile
 * the whole simulation anew.
 */
const lastAssembled: { simulation?: Simulation } = {};

/**
 * A platform with its clients, faults, ledger and recorder, ready to run: the one assembly that everything which runs
 * a scenario goes through.
 */
export class Simulation {
  readonly kernel: Kernel;
  readonly fabric: AssembledFabric;
  readonly scenario: Scenario;
  /** `undefined` in an exact run. */
  readonly sample: Sample | undefined;
  /** The platform as it was declared. */
  readonly topology: Topology;
  /** The same with every copy written out. */
  readonly platform: Platform;
  readonly seed: string;
  readonly orderFlow: OrderFlow | undefined;
  readonly durationUs: number;
  readonly ledger: Ledger;
  readonly levels: ServiceLevels;
  readonly costs: CostMeter;
  readonly costWatch: CostWatch;
  readonly recorder: Recorder;
  readonly metrics: MetricRecorder;
  readonly faults: FaultInjector;
  readonly clients: Clients;
  /** The venue's engines with their queues and journals, each with its part of the symbols. */
  readonly parts: readonly SimulatedPart[];
  /** `undefined` where the venue sends no execution reports. */
  readonly venueReports: VenueReports | undefined;
  /** On a platform of cells only. */
  readonly #served: ServedUsers | undefined;
  readonly #partOf: Int32Array;
  /** By part: the part whose books it can take over from it, or `none`. */
  readonly #standbys: readonly number[];
  readonly #matchingLevel: number;

  constructor(options: SimulationOptions) {
    const { scenario, orderFlow } = options;
    const { symbolCount, userCount, client } = scenario.workload;
    this.scenario = scenario;
    this.sample = options.sample;
    this.topology = asRun(options.topology, scenario);
    const platform = expandTopology(this.topology);
    this.platform = platform;
    const parts = venueParts(platform);
    this.#partOf = partsOfSymbols(platform, symbolCount);
    this.#standbys = standbysOf(platform);
    this.seed = options.seed;
    this.orderFlow = orderFlow;
    this.durationUs = Math.round(scenario.durationSeconds * 1_000_000);
    this.kernel = createKernel({
      seed: options.seed,
      programVersion,
      traceLast: options.traceLast ?? 0,
    });
    const zones = zonesOf(this.topology);
    this.fabric = this.#newFabric(zones, parts);
    this.parts = parts.map(({ queue, journal, matching }) => ({
      queue: chainedQueues(
        feedersOf(platform, queue).map((id) => this.#holder(id)),
        this.#holder(queue),
      ),
      journal: this.fabric.component(journal) as Journal,
      matching: this.fabric.component(matching) as MatchingService,
    }));
    this.ledger = new Ledger(this.kernel, this.fabric.requests, symbolCount, parts.length);
    for (const queue of new Set(this.parts.map((part) => part.queue))) {
      queue.whenTaken((request) => this.ledger.taken(request));
    }
    if (client.reconciliation !== undefined) {
      for (const { journal } of this.parts) journal.keepPositions();
    }
    this.venueReports = this.#newVenueReports();
    this.levels = this.#newLevels();
    this.#matchingLevel = this.levelOf("matching");
    this.clients = this.#newClients();
    this.#served =
      cellCount(platform.copies) > 0 ? new ServedUsers(this.kernel, userCount) : undefined;
    this.faults = new FaultInjector(
      this.fabric,
      scenario.faults,
      faultControls(this.fabric, this.clients, client, platform.copies),
      options.reservedInstants,
    );
    const zoneSampler = new ZoneSampler(this.fabric);
    this.costs = new CostMeter(this.fabric, {
      topology: platform,
      workload: scenario.workload,
      warmUpSeconds: scenario.warmUpSeconds,
      assume: scenario.costAssumptions ?? {},
    });
    this.costWatch = new CostWatch(
      this.kernel,
      this.fabric.log,
      this.costs,
      scenario.costAlarms ?? [],
    );
    const desk = this.#newDesk();
    const bookSampler = new BookSampler(
      this.kernel,
      // A platform without a venue has no books.
      parts.length === 0 ? 0 : symbolCount,
      (symbol) => this.partOf(symbol).matching,
    );
    this.metrics = new MetricRecorder(this.fabric, this.durationUs);
    this.recorder = this.#newRecorder(zones, zoneSampler, bookSampler);
    refuseUnknownChannels(scenario.objectives, this.recorder.records());
    for (let at = 0; at < (orderFlow?.seedCount ?? 0); at += 1) this.#preload(at);
    this.recorder.start();
    this.levels.start();
    this.clients.start();
    this.faults.start();
    this.costWatch.start();
    desk?.start();
    lastAssembled.simulation = this;
  }

  #newFabric(zones: ReturnType<typeof zonesOf>, parts: ReturnType<typeof venueParts>) {
    const { platform, topology } = this;
    const { symbolCount, userCount, client } = this.scenario.workload;
    return assembleFabric({
      kernel: this.kernel,
      zones,
      latencyUs: zoneLatencyUs(zones, topology.network),
      limits,
      factories: componentFactories(platform.components, {
        userCount,
        symbolCount,
        journalObserver: (id) => this.#hearJournal(parts.findIndex((part) => part.journal === id)),
        ownership: (id) => this.#ownershipOf(parts.findIndex((part) => part.matching === id)),
        regions: platform.copies.map(({ region }) => region),
        matchingObserver: (id) =>
          client.executionReports === undefined
            ? { executed: () => {}, recovered: () => {} }
            : this.#hearReports(parts.findIndex((part) => part.matching === id)),
      }),
      flows: platform.flows.map(({ id, call }) => ({ name: id, call })),
      actorCalls: platform.actorCalls.flatMap(({ component, calls }) =>
        Object.entries(calls).map(([name, call]) => ({ component, name, call })),
      ),
      clientAnswered: (request, _attempt, result) => this.clients.answered(request, result),
    });
  }

  /** Where a journal of the venue is heard; ledger and reports are assembled after it. */
  #hearJournal(part: number) {
    return {
      durable: (request: number, position: number) => this.#durable(request, position, part),
      truncated: (position: number) => {
        this.ledger.truncated(position, part);
        this.venueReports?.historyWasCut();
      },
      promoted: (position: number) => {
        this.ledger.handedOver(position, this.#peerOf(part), part);
        this.venueReports?.historyWasCut();
      },
    };
  }

  /** Symbols of an engine, its own and those that it takes over as a standby; its part's number is that of its lease. */
  #ownershipOf(part: number) {
    const symbolsOf = (each: number) =>
      [...this.#partOf.keys()].filter((symbol) => this.#partOf[symbol] === each);
    const owner = this.#standbys.indexOf(part);
    return {
      lease: part,
      symbols: symbolsOf(part),
      ...(owner < 0 ? {} : { standbySymbols: symbolsOf(owner) }),
    };
  }

  #newLevels(): ServiceLevels {
    const { objectives, durationSeconds } = this.scenario;
    return new ServiceLevels(this.kernel, {
      objectives: objectives.filter((each): each is FunctionObjective => each.kind === "service"),
      durationSeconds,
      ledger: this.ledger,
      requests: this.fabric.requests,
    });
  }

  #newClients(): Clients {
    return new Clients(this.fabric, {
      workload: this.scenario.workload,
      siteByKind: this.#sitesByKind(),
      regionShares: clientShares(this.platform),
      ...this.#regionChoice(),
      isHeld: (request) =>
        this.partOf(this.fabric.requests.column.symbol[request]!).journal.holds(request),
      orderFlow: this.orderFlow,
      sample: this.sample?.keys,
      untilUs: this.durationUs,
      observer: this.#clientObserver(),
    });
  }

  #newRecorder(
    zones: ReturnType<typeof zonesOf>,
    zoneSampler: ZoneSampler,
    bookSampler: BookSampler,
  ): Recorder {
    const places = this.platform.components.map((spec) => zonesOfComponent(this.platform, spec));
    const channels = [
      ...recordedChannels({ ...this, served: this.#served }),
      ...zoneSampler.channels((component, zone) => places[component]!.includes(zones[zone]!.id)),
      ...bookSampler.channels(),
      ...this.costs.channels(),
    ];
    return new Recorder(this.kernel, channels, this.durationUs, () => {
      zoneSampler.sample();
      bookSampler.sample();
      this.costs.sample();
      this.metrics.sample();
    });
  }

  /** Where an engine of the venue is heard; the reports are assembled after the engines. */
  #hearReports(part: number): MatchingObserver {
    const observer = () => this.venueReports?.observers[part];
    return {
      executed: (command) => observer()?.executed(command),
      acknowledged: (command) => observer()?.acknowledged(command),
      recovered: (engine, position) => observer()?.recovered(engine, position),
      corrections: (engine) => observer()?.corrections(engine) ?? [],
    };
  }

  #newVenueReports(): VenueReports | undefined {
    const { workload, lostTrades } = this.scenario;
    const spec = workload.client.executionReports;
    if (spec === undefined) return undefined;
    for (const { journal } of this.parts) journal.admitResends();
    return new VenueReports(this.fabric, {
      spec,
      lostTrades,
      userCount: workload.userCount,
      ledger: this.ledger,
      matching: this.parts.map(({ matching }) => matching),
      standbys: this.#standbys,
      partOf: (symbol) => this.parts.indexOf(this.partOf(symbol)),
      isConnected: (user) => this.clients.isConnected(user),
      mayComeAgain: (request) => this.#mayComeAgain(request),
      ask: (user, symbol, session) => this.clients.askForReports(user, symbol, session),
      newRequest: (user, kind, symbol) => {
        const request = this.clients.createForVenue(user, kind, symbol);
        this.ledger.sent(request);
        return request;
      },
    });
  }

  /** A former owner may still hand it over, a queue has it, or its client is in doubt and will ask. */
  #mayComeAgain(request: number): boolean {
    const { stranded, told: hasHeard } = this.ledger.column;
    const asks = this.scenario.workload.client.reconciliation !== undefined;
    if (stranded[request] === 1 || (asks && hasHeard[request] === told.inDoubt)) return true;
    let isWaiting = false;
    for (const { queue } of this.parts) {
      queue.forEachRequest((each) => {
        isWaiting ||= each === request;
      });
      queue.forEachDeadLetter?.((each) => {
        isWaiting ||= each === request;
      });
    }
    return isWaiting;
  }

  #holder(queue: string): OrderHolder {
    return this.fabric.component(queue) as unknown as OrderHolder;
  }

  /** The people on call; a scenario without runbooks has none, and runs as if there were no such thing. */
  #newDesk(): RunbookDesk | undefined {
    const { roles = [], runbooks = [], warmUpSeconds } = this.scenario;
    if (runbooks.length === 0) return undefined;
    const members = componentsOfFunctions(this.platform);
    return new RunbookDesk(this.fabric, {
      roles,
      runbooks,
      levels: this.levels,
      costWatch: this.costWatch,
      componentsOf: (businessFunction) => members.get(businessFunction) ?? new Set(),
      releaseHolds: () => this.#releaseHolds(),
      settlement: this.venueReports?.settlement,
      fromUs: Math.round(warmUpSeconds * 1_000_000),
    });
  }

  /** What waits in any queue, or was executed and is on its way into a journal, keeps its funds. */
  #releaseHolds(): void {
    const waiting = new Uint8Array(this.ledger.requestCount);
    for (const { queue, matching } of this.parts) {
      const find = (request: number) => {
        waiting[request] = 1;
      };
      queue.forEachRequest(find);
      queue.forEachDeadLetter?.(find);
      for (const request of matching.executedNotDurable()) waiting[request] = 1;
    }
    this.ledger.releaseHolds((request) => waiting[request] === 1);
  }

  /** Level (objective) of a business function, or `none` when the scenario has none for it. */
  levelOf(businessFunction: string): number {
    return this.levels.objectives.findIndex((each) => each.function === businessFunction);
  }

  /** The part of the venue that a symbol belongs to. */
  partOf(symbol: number): SimulatedPart {
    const home = this.#partOf[symbol]!;
    const standby = this.parts[this.#standbys[home]!];
    return standby?.matching.hasTakenOver === true ? standby : this.parts[home]!;
  }

  /** Journal of the pair that had the history before, both by the number of their part. */
  #peerOf(journal: number): number {
    const home = this.#standbys.indexOf(journal);
    return home < 0 ? this.#standbys[journal]! : home;
  }

  /** Users go where their resolvers' answers lead. */
  #regionChoice() {
    const dns = this.fabric.components.find(({ service }) => service === "route53") as
      | Route53
      | undefined;
    if (dns === undefined || this.fabric.homes.regions.length < 2) return {};
    return { regionFor: (user: number, home: number) => dns.regionFor(user, home) };
  }

  /** A command has become durable: the ledger executes it, and matching has done its duty by it. */
  #durable(request: number, position: number, journal: number): void {
    this.ledger.durable(request, position, journal);
    if (this.topology.acceptance === "journal") {
      if (isMarketStep(request)) return;
      const { queue } = this.partOf(this.fabric.requests.column.symbol[request]!);
      this.levels.matchedSince(this.#matchingLevel, request, queue.sentUs(request));
    } else if (this.ledger.column.told[request] === told.success) {
      this.levels.ended(this.#matchingLevel, request);
    }
  }

  #clientObserver() {
    const levelByKind = this.#levelsByKind();
    const matching = this.levelOf("matching");
    const { requests } = this.fabric;
    const note = (request: number, isServed: boolean) =>
      this.#served?.note(requests.column.user[request]!, isServed);
    return {
      sent: (request: number) => {
        this.ledger.sent(request);
        this.levels.began(levelByKind[requests.column.kind[request]!]!, request);
      },
      told: (request: number, succeeded: boolean) => {
        this.ledger.tell(request, succeeded ? told.success : told.failure);
        if (!succeeded) return;
        note(request, true);
        this.levels.ended(levelByKind[requests.column.kind[request]!]!, request);
        if (this.ledger.isCommand(request)) this.levels.began(matching, request);
      },
      inDoubt: (request: number) => this.ledger.tell(request, told.inDoubt),
      confirmed: (request: number) => this.ledger.tell(request, told.success),
      resendEnded: (session: number, succeeded: boolean) =>
        this.venueReports?.reports.resendEnded(session, succeeded),
      unserved: (request: number) => note(request, false),
    };
  }

  /** First call by kind of request, for the clients of each region one after the other. */
  #sitesByKind(): Int32Array {
    const sites = new Int32Array(kindCount * clientShares(this.platform).length).fill(none);
    for (const flow of this.platform.flows) {
      const first = Math.max(0, flow.region) * kindCount;
      for (const name of flow.requests) {
        sites[first + kindOfRequest[name]] = this.fabric.flowSite(flow.id);
      }
      if (flow.requests.length === 0) {
        sites[first + requestKind.resendReports] = this.fabric.flowSite(flow.id);
      }
    }
    return sites;
  }

  #levelsByKind(): Int32Array {
    const levels = new Int32Array(kindCount).fill(none);
    for (const flow of this.platform.flows) {
      for (const name of flow.requests) levels[kindOfRequest[name]] = this.levelOf(flow.function);
    }
    return levels;
  }

  /** Orders that rest in the books before the run begins: their clients were told long ago. */
  #preload(at: number): void {
    const request = this.clients.createSeed(at);
    this.ledger.sent(request);
    this.ledger.tell(request, told.success);
    const { symbol, orderId, user } = this.fabric.requests.column;
    this.venueReports?.preloaded(orderId[request]!, user[request]!, request);
    this.partOf(symbol[request]!).matching.preload(request);
  }
}

/** Parts of the clients that are at home in each region; one part when all clients take the same paths. */
function clientShares({ flows, regions }: Platform): readonly number[] {
  return flows.some(({ region }) => region >= 0) ? regions.map(({ share }) => share ?? 1) : [1];
}

/** A topology with what a scenario says of it: where orders count as accepted, and whether clients ask for missing reports. */
function asRun(topology: Topology, { acceptance, workload }: Scenario): Topology {
  const accepting = forAcceptance(topology, acceptance ?? topology.acceptance);
  return workload.client.executionReports === undefined ? accepting : withResendFlow(accepting);
}
