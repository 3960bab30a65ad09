import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import { Admission } from "./admission.ts";
import { pauseUs, usualBackoff } from "./backoff.ts";
import type { CallRuntimeOptions } from "./call-runtime-options.ts";
import type { CallSite, Operation } from "./call-sites.ts";
import { Callee } from "./callee.ts";
import { CallerGuards } from "./caller-guards.ts";
import { Deadlines } from "./deadlines.ts";
import { FrameFields } from "./frame-fields.ts";
import { attemptsMax, caller, childDoubt, phase } from "./frame-life.ts";
import { FrameStore, word } from "./frame-store.ts";
import { FramesInside } from "./frames-inside.ts";
import { type FailureManner, type Instances, status } from "./instances.ts";
import { MessagePaths } from "./message-paths.ts";
import { outcome } from "./outcome.ts";
import { ServiceTimes } from "./service-times.ts";
import { ServingRules } from "./serving-rules.ts";
import { SiteChooser } from "./site-chooser.ts";
import { SiteColumns } from "./site-columns.ts";
import { WaitingLines } from "./waiting-lines.ts";

/**
 * Executes flows as call frames. A caller holds its place until the callee answers or the caller's time-out passes;
 * a time-out detaches the caller and not the work; an instance that fails takes the frames inside it along, and the
 * manner of failing decides what its callers see.
 *
 *   send -> (route, link) -> arrive -> wait -> work -> calls of its own, in order -> answer -> caller goes on
 */
export class CallRuntime extends FrameFields {
  readonly #store: FrameStore;
  readonly #words: Int32Array;
  readonly siteCalls: Float64Array;
  readonly siteFailures: Float64Array;
  /** Calls that ended well, and the microseconds they took from send to answer, by site. */
  readonly siteSuccesses: Float64Array;
  readonly siteSuccessUs: Float64Array;
  /** Answers that came when nobody waited any more. */
  readonly staleAnswers;
  /** Calls that failed because all frames were taken. */
  readonly overflows;
  readonly #kernel: Kernel;
  readonly #instances: Instances;
  readonly #sites: readonly CallSite[];
  /** What a call needs of the component it goes to, by site, and of the component an instance belongs to, by component. */
  readonly #callees: readonly Callee[];
  readonly #owners: readonly Callee[];
  readonly #operations: readonly Operation[];
  readonly #siteColumn: SiteColumns;
  /** 1 for a component that only passes calls on. */
  readonly #passesOn: Uint8Array;
  readonly #paths: MessagePaths;
  readonly #times: ServiceTimes;
  readonly #lines: WaitingLines;
  readonly #inside: FramesInside;
  readonly #chooser: SiteChooser;
  readonly #deadlines: Deadlines;
  readonly #backoffDraw: KeyedStream;
  readonly #errorDraw: KeyedStream;
  /** Share of the calls to a component that it answers with an error, by component. */
  readonly #errorShare: Float64Array;
  /** Defences of callers and rules of serving; undefined in platforms that declare none, which then pay nothing for them. */
  readonly #guards: CallerGuards | undefined;
  readonly #serving: ServingRules | undefined;
  readonly #admission: Admission | undefined;
  readonly #clientAnswered: (data: number, attempt: number, result: number) => void;
  readonly #arrive: HandlerId;
  readonly #worked: HandlerId;
  readonly #answered: HandlerId;
  readonly #retry: HandlerId;

  constructor(options: CallRuntimeOptions) {
    const { kernel, framesMax } = options;
    const store = new FrameStore(kernel, framesMax);
    super(store);
    this.#store = store;
    this.#words = store.words;
    this.#kernel = kernel;
    this.#instances = options.instances;
    this.#sites = options.sites;
    this.#owners = options.components.map((component) => new Callee(component));
    this.#callees = options.sites.map((site) => this.#owners[site.component]!);
    this.#operations = options.sites.map(
      (site) => options.components[site.component]!.operations[site.operation]!,
    );
    this.#siteColumn = new SiteColumns(options.sites, this.#callees, this.#operations);
    this.#passesOn = Uint8Array.from(this.#owners, (owner) => (owner.passesThrough ? 1 : 0));
    this.#chooser = new SiteChooser(options.sites, options.requests, options.homes);
    this.#clientAnswered = options.clientAnswered;
    this.#guards = options.calling.some((each) => each !== undefined)
      ? new CallerGuards(kernel, options.instances, options.calling)
      : undefined;
    this.#serving = options.serving.some((each) => each !== undefined)
      ? new ServingRules(kernel, options.instances, options.serving)
      : undefined;
    this.#admission =
      this.#serving === undefined
        ? undefined
        : new Admission({
            words: store.words,
            serving: this.#serving,
            sites: options.sites,
            operations: this.#operations,
            requests: options.requests,
            flowCount: options.flowCount,
          });
    this.#times = new ServiceTimes(kernel, store.words, options.sites, this.#operations);
    this.#lines = new WaitingLines(store.words, options.instances);
    this.#inside = new FramesInside(store.words, options.instances);
    this.siteCalls = kernel.float64Array("calls.by-site", options.sites.length);
    this.siteFailures = kernel.float64Array("calls.failed-by-site", options.sites.length);
    this.siteSuccesses = kernel.float64Array("calls.succeeded-by-site", options.sites.length);
    this.siteSuccessUs = kernel.float64Array("calls.success-us-by-site", options.sites.length);
    this.#paths = new MessagePaths(kernel, store.words, options.zones, options.sites);
    this.staleAnswers = kernel.counter("calls.stale-answers");
    this.overflows = kernel.counter("calls.overflows");
    this.#deadlines = new Deadlines(kernel, this.#store, options.laneTimeoutsUs, (frame) =>
      this.#timedOut(frame),
    );
    this.#backoffDraw = kernel.keyed("calls.backoff");
    this.#errorDraw = kernel.keyed("calls.errors");
    this.#errorShare = kernel.float64Array("calls.error-share", options.components.length);
    this.#arrive = kernel.handler("calls.arrive", (frame, generation) => {
      if (this.generationOf(frame) === generation) this.#arrived(frame);
    });
    this.#worked = kernel.handler("calls.worked", (frame, generation) => {
      if (this.generationOf(frame) === generation) this.#finishWork(frame);
    });
    this.#answered = kernel.handler("calls.answered", (frame, generation, result) => {
      if (this.generationOf(frame) === generation) this.#deliverAnswer(frame, result);
    });
    this.#retry = kernel.handler("calls.retry", (frame, generation, site) => {
      if (this.generationOf(frame) === generation && !this.#isHung(frame)) {
        this.#sendAgain(frame, site);
      }
    });
  }

  /** Lets a component answer a share of its calls, 0..1, with "unavailable" (HTTP 503), before any work. */
  setErrorShare(component: number, share: number): void {
    this.#errorShare[component] = share;
  }

  /** Calls that went to another zone of their region, and to another region, two numbers a site: what transfer is paid for. */
  get siteCrossings(): Float64Array {
    return this.#paths.crossings;
  }

  get openCount(): number {
    return this.#store.usedCount;
  }

  /** Sends a client's attempt from `zone`. The answer comes to `clientAnswered`. */
  callAsClient(declared: number, zone: number, data: number, attempt: number): void {
    const site = this.#chooser.chosen(declared, data);
    const frame = this.#open(site, caller.client, none, zone, data, attempt, data, 1);
    if (frame === none) this.#clientAnswered(data, attempt, outcome.unavailable);
    else this.#dispatch(frame);
  }

  /** Begins a long-lived activity of an instance, such as a poller. It may have one call open at a time. */
  startActor(instance: number, data: number): number {
    const frame = this.#store.alloc();
    if (frame === none) throw new RangeError("all call frames are taken; raise framesMax");
    const words = this.#words;
    words[(frame << 5) + word.site] = none;
    words[(frame << 5) + word.parent] = caller.actor;
    words[(frame << 5) + word.child] = none;
    words[(frame << 5) + word.phase] = phase.actor;
    words[(frame << 5) + word.callerInstance] = none;
    words[(frame << 5) + word.callerZone] = none;
    words[(frame << 5) + word.attempt] = 0;
    words[(frame << 5) + word.childAttempt] = 0;
    words[(frame << 5) + word.key] = frame;
    words[(frame << 5) + word.data] = data;
    words[(frame << 5) + word.itemCount] = 1;
    words[(frame << 5) + word.carriedUs] = 0;
    this.#inside.enter(frame, instance);
    return frame;
  }

  /**
   * An actor calls; its component's `resumed` is told how it ended, once the retries and the fallback that the call
   * declares have failed too. `key` numbers the call for its draws.
   */
  callAsActor(actor: number, site: number, key: number, data: number, itemCount: number): void {
    this.#words[(actor << 5) + word.key] = key;
    this.#words[(actor << 5) + word.callData] = data;
    this.#words[(actor << 5) + word.callItemCount] = itemCount;
    this.#send(actor, site, 0, data, itemCount);
  }

  /** Ends an actor in good order; a call it still has open goes on without it. */
  endActor(actor: number): void {
    this.#detachChild(actor);
    this.#inside.leave(actor);
    this.#store.free(actor);
  }

  /** Completes a parked frame. */
  complete(frame: number, generation: number, result: number): void {
    if (this.generationOf(frame) !== generation) return;
    if (this.#words[(frame << 5) + word.phase] !== phase.parked || this.#isHung(frame)) return;
    this.#words[(frame << 5) + word.carriedUs] = 0;
    this.#goOn(frame, result);
  }

  /** Delivers a frame that its component had intercepted, after `afterUs` microseconds on the way. */
  deliverIntercepted(frame: number, generation: number, instance: number, afterUs: number): void {
    if (this.generationOf(frame) !== generation) return;
    this.#travel(frame, instance, afterUs);
  }

  /** Fails a frame that its component had intercepted, as seen by the caller after `afterUs` microseconds. */
  failIntercepted(frame: number, generation: number, result: number, afterUs: number): void {
    if (this.generationOf(frame) !== generation) return;
    this.#answerLater(frame, result, afterUs);
  }

  /** Forgets an intercepted frame whose caller died before it was sent. */
  dropIntercepted(frame: number): void {
    this.#deadlines.remove(frame);
    this.#store.free(frame);
  }

  /** Fails an instance with everything inside it. The instance's status is set by its manner. */
  failInstance(instance: number, manner: FailureManner): void {
    const column = this.#instances.column;
    this.#instances.account(instance);
    if (manner === "hang") {
      column.status[instance] = status.hung;
      return;
    }
    column.status[instance] = manner === "power" ? status.dark : status.crashed;
    this.evict(instance, manner === "crash");
  }

  /** Ends all frames inside an instance; their callers are refused, or left to their time-outs. */
  evict(instance: number, callersAreRefused: boolean): void {
    const column = this.#instances.column;
    this.#instances.account(instance);
    this.#instances.epoch[instance] = this.#instances.epoch[instance]! + 1;
    let frame = this.#inside.takeAll(instance);
    this.#lines.clear(instance);
    column.busyCount[instance] = 0;
    while (frame !== none) {
      const next = this.#inside.following(frame);
      this.#detachChild(frame);
      this.#words[(frame << 5) + word.instance] = none;
      this.#abandon(frame, column.zone[instance]!, callersAreRefused);
      frame = next;
    }
  }

  #abandon(frame: number, zone: number, callerIsRefused: boolean): void {
    const parent = this.#words[(frame << 5) + word.parent]!;
    if (parent === caller.gone || parent === caller.actor) {
      this.#store.free(frame);
      return;
    }
    // Events already scheduled for the frame must not find it: a lost frame answers to its caller's time-out only.
    const generation = this.generationOf(frame) + 1;
    this.#words[(frame << 5) + word.generation] = generation;
    this.#words[(frame << 5) + word.phase] = phase.lost;
    const callerZone = this.#words[(frame << 5) + word.callerZone]!;
    if (callerIsRefused && this.#paths.reaches(zone, callerZone, frame, 1))
      this.#answerLater(frame, outcome.connectionRefused, this.#paths.oneWayUs(zone, callerZone));
  }

  #open(
    site: number,
    parent: number,
    callerInstance: number,
    callerZone: number,
    key: number,
    attempt: number,
    data: number,
    itemCount: number,
  ): number {
    const frame = this.#store.alloc();
    this.siteCalls[site] = this.siteCalls[site]! + 1;
    if (frame === none) {
      this.overflows.add(1);
      this.siteFailures[site] = this.siteFailures[site]! + 1;
      return none;
    }
    const words = this.#words;
    words[(frame << 5) + word.site] = site;
    words[(frame << 5) + word.parent] = parent;
    words[(frame << 5) + word.child] = none;
    words[(frame << 5) + word.phase] = phase.travelling;
    words[(frame << 5) + word.instance] = none;
    words[(frame << 5) + word.callerInstance] = callerInstance;
    words[(frame << 5) + word.callerZone] = callerZone;
    words[(frame << 5) + word.attempt] = attempt;
    words[(frame << 5) + word.childAttempt] = 0;
    words[(frame << 5) + word.key] = key;
    words[(frame << 5) + word.data] = data;
    words[(frame << 5) + word.itemCount] = itemCount;
    words[(frame << 5) + word.carriedUs] = 0;
    const carriedUs = parent >= 0 ? words[(parent << 5) + word.carriedUs]! : 0;
    this.#store.setSentUs(frame, this.#kernel.nowUs + carriedUs);
    this.#deadlines.add(frame, this.#siteColumn.lane[site]!);
    if (this.#serving?.tracksExpiry === true) this.#setExpiry(frame, site, parent);
    return frame;
  }

  /** A call is of use until its caller gives up, and no longer than the caller's own call is. */
  #setExpiry(frame: number, site: number, parent: number): void {
    const ownUs = this.#kernel.nowUs + this.#sites[site]!.timeoutUs;
    const isBeneath = parent >= 0 && this.#words[(parent << 5) + word.phase] !== phase.actor;
    this.#store.setExpiresUs(
      frame,
      isBeneath ? Math.min(ownUs, this.#store.expiresUs(parent)) : ownUs,
    );
  }

  #send(parent: number, declared: number, attempt: number, data: number, itemCount: number): void {
    const words = this.#words;
    const site = this.#chooser.chosen(declared, data);
    const callerInstance = words[(parent << 5) + word.instance]!;
    const callerZone = this.#instances.column.zone[callerInstance]!;
    const key = words[(parent << 5) + word.key]!;
    const draw = words[(parent << 5) + word.attempt]! * attemptsMax + attempt;
    this.#setChildAttempt(parent, attempt);
    if (
      this.#guards !== undefined &&
      !this.#guards.maySend(callerInstance, this.#sites[site]!.component)
    ) {
      this.#childEnded(parent, site, outcome.notSent, data, words[(parent << 5) + word.carriedUs]!);
      return;
    }
    const frame = this.#open(site, parent, callerInstance, callerZone, key, draw, data, itemCount);
    if (frame === none) {
      this.#childEnded(parent, site, outcome.unavailable, data, 0);
      return;
    }
    if (words[(parent << 5) + word.phase] !== phase.actor)
      words[(parent << 5) + word.phase] = phase.calling;
    words[(parent << 5) + word.child] = frame;
    this.#dispatch(frame);
  }

  #dispatch(frame: number): void {
    const words = this.#words;
    const callee = this.#callees[words[(frame << 5) + word.site]!]!;
    const callerInstance = words[(frame << 5) + word.callerInstance]!;
    if (callee.intercept?.(frame, callerInstance) === true) return;
    const instance = callee.route(callerInstance, words[(frame << 5) + word.callerZone]!, frame);
    const parent = words[(frame << 5) + word.parent]!;
    const carriedUs = parent >= 0 ? words[(parent << 5) + word.carriedUs]! : 0;
    if (instance === none) this.#answerLater(frame, outcome.unavailable, carriedUs);
    else this.#travel(frame, instance, carriedUs);
  }

  #travel(frame: number, instance: number, afterUs: number): void {
    const words = this.#words;
    const column = this.#instances.column;
    const from = words[(frame << 5) + word.callerZone]!;
    const to = column.zone[instance]!;
    words[(frame << 5) + word.instanceEpoch] = this.#instances.epoch[instance]!;
    if (from !== to) this.#paths.countCrossing(words[(frame << 5) + word.site]!, from, to);
    // Both ways are charged here, so that an answer costs no event of its own; whether it gets through is decided when it leaves.
    const wayUs = afterUs + this.#paths.roundTripUs(from, to);
    if (!this.#paths.reaches(from, to, frame, 0) || column.status[instance] === status.dark) {
      this.#lose(frame);
    } else if (column.serverCount[instance] === 0) {
      this.#admit(frame, instance, wayUs);
    } else {
      words[(frame << 5) + word.instance] = instance;
      this.#kernel.schedule(Math.round(wayUs), this.#arrive, frame, this.generationOf(frame));
    }
  }

  #arrived(frame: number): void {
    const instance = this.#words[(frame << 5) + word.instance]!;
    this.#words[(frame << 5) + word.instance] = none;
    if (this.#instances.column.status[instance] === status.dark) this.#lose(frame);
    else if (this.#instances.epoch[instance] !== this.#words[(frame << 5) + word.instanceEpoch]) {
      this.#answerLater(frame, outcome.connectionRefused, 0);
    } else this.#admit(frame, instance, 0);
  }

  #admit(frame: number, instance: number, wayUs: number): void {
    const column = this.#instances.column;
    if (!this.#instances.accepts(instance)) {
      this.#answerLater(frame, outcome.connectionRefused, wayUs);
      return;
    }
    column.arrivedCount[instance] = column.arrivedCount[instance]! + 1;
    const isFull = column.insideCount[instance]! >= column.insideMax[instance]!;
    if (
      (isFull || this.#admission?.isShed(frame, instance) === true) &&
      !this.#makesRoom(instance)
    ) {
      this.#answerLater(frame, outcome.unavailable, wayUs);
      return;
    }
    const owner = column.component[instance]!;
    const errorShare = this.#errorShare[owner]!;
    if (errorShare > 0 && this.#errorLuck(frame) < errorShare) {
      this.#answerLater(frame, outcome.unavailable, wayUs);
      return;
    }
    const { admit } = this.#owners[owner]!;
    if (admit !== undefined) {
      const verdict = admit(frame, instance);
      if (verdict === outcome.parked) {
        this.#lose(frame);
        return;
      }
      if (verdict !== outcome.ok) {
        this.#answerLater(frame, verdict, wayUs);
        return;
      }
    }
    this.#inside.enter(frame, instance);
    const serverCount = column.serverCount[instance]!;
    if (serverCount === 0) this.#beginWork(frame, instance, wayUs);
    else if (column.busyCount[instance]! < serverCount) {
      this.#instances.account(instance);
      column.busyCount[instance] = column.busyCount[instance]! + 1;
      this.#beginWork(frame, instance, 0);
    } else if (this.#admission?.goesAhead(frame, instance) === true) {
      this.#lines.addAhead(frame, instance);
    } else this.#lines.add(frame, instance);
  }

  /** Which calls meet an error is drawn by (call, request, attempt), as service times are. */
  #errorLuck(frame: number): number {
    const words = this.#words;
    return this.#errorDraw.uniform(
      words[(frame << 5) + word.site]!,
      words[(frame << 5) + word.key]!,
      words[(frame << 5) + word.attempt]!,
    );
  }

  /** Where the newest are served first, the oldest makes way for a newcomer. */
  #makesRoom(instance: number): boolean {
    if (this.#serving?.isLifo(instance) !== true) return false;
    const oldest = this.#lines.takeLast(instance);
    if (oldest === none) return false;
    this.#drop(oldest, instance);
    return true;
  }

  /** What waited is not served any more. A caller that still listens hears of it at once. */
  #drop(frame: number, instance: number): void {
    this.#serving!.dropped.add(1);
    if (this.#words[(frame << 5) + word.parent] !== caller.gone) {
      this.#end(frame, outcome.unavailable);
      return;
    }
    const owner = this.#owners[this.#instances.column.component[instance]!]!;
    owner.answering?.(frame, instance, outcome.unavailable);
    this.#inside.leave(frame);
    this.#deadlines.remove(frame);
    this.#store.free(frame);
  }

  #beginWork(frame: number, instance: number, wayUs: number): void {
    const words = this.#words;
    const column = this.#instances.column;
    const site = words[(frame << 5) + word.site]!;
    words[(frame << 5) + word.phase] = phase.working;
    if (column.status[instance] === status.hung) return;
    let workUs = this.#times.workUs(frame, site);
    if (this.#serving !== undefined) workUs *= this.#serving.stretch(instance);
    const delayUs = Math.round(wayUs + workUs * column.slowFactor[instance]!);
    const isDelayOnly = column.serverCount[instance] === 0;
    if (isDelayOnly && (delayUs === 0 || this.#siteColumn.passesThrough[site] === 1)) {
      words[(frame << 5) + word.carriedUs] = delayUs;
      this.#finishWork(frame);
      return;
    }
    this.#kernel.schedule(delayUs, this.#worked, frame, this.generationOf(frame));
  }

  #finishWork(frame: number): void {
    const words = this.#words;
    const column = this.#instances.column;
    const instance = words[(frame << 5) + word.instance]!;
    if (column.status[instance] === status.hung) return;
    if (column.serverCount[instance] !== 0) this.#releaseServer(instance);
    const site = words[(frame << 5) + word.site]!;
    if (this.#siteColumn.decides[site] === 1) {
      words[(frame << 5) + word.phase] = phase.parked;
      const result = this.#callees[site]!.worked!(frame, instance);
      if (result !== outcome.parked) this.#goOn(frame, result);
    } else this.#goOn(frame, outcome.ok);
  }

  #releaseServer(instance: number): void {
    const column = this.#instances.column;
    this.#instances.account(instance);
    const first =
      this.#serving === undefined
        ? this.#lines.takeFirst(instance)
        : this.#nextOfUse(this.#serving, instance);
    if (first === none) column.busyCount[instance] = column.busyCount[instance]! - 1;
    else this.#beginWork(first, instance, 0);
  }

  /** The first in line; what nobody has a use for any more is dropped on the way. Its server stays taken meanwhile. */
  #nextOfUse(serving: ServingRules, instance: number): number {
    const epoch = this.#instances.epoch[instance]!;
    for (;;) {
      const first = this.#lines.takeFirst(instance);
      if (first === none) return none;
      this.#lines.markHead(instance);
      if (!serving.dropsExpired(instance)) return first;
      if (this.#store.expiresUs(first) > this.#kernel.nowUs) return first;
      this.#drop(first, instance);
      if (this.#instances.epoch[instance] !== epoch) {
        throw new Error(`Instance ${instance} ended while its line was being cleared`);
      }
    }
  }

  /** The callee's own work is done: its calls follow, if it has any and all went well, and then the answer. */
  #goOn(frame: number, result: number): void {
    const firstCall = this.#siteColumn.firstCall[this.#words[(frame << 5) + word.site]!]!;
    if (result === outcome.okWithoutCalls) this.#end(frame, outcome.ok);
    else if (result !== outcome.ok || firstCall === none) this.#end(frame, result);
    else this.#send(frame, firstCall, 0, this.#words[(frame << 5) + word.data]!, 1);
  }

  #childEnded(
    parent: number,
    siteIndex: number,
    answer: number,
    childData: number,
    carriedUs: number,
  ): void {
    const words = this.#words;
    words[(parent << 5) + word.child] = none;
    words[(parent << 5) + word.carriedUs] = carriedUs;
    // A hung process has the answer in its socket and does nothing with it.
    if (this.#isHung(parent)) return;
    const site = this.#sites[siteIndex]!;
    let result = answer;
    const isFinal =
      result === outcome.refused ||
      result === outcome.rejected ||
      result === outcome.blocked ||
      result === outcome.notSent;
    const isActor = words[(parent << 5) + word.phase] === phase.actor;
    if (result !== outcome.ok && (!isFinal || result === outcome.notSent)) {
      const attempt = this.#childAttempt(parent);
      if (
        attempt < site.retriesMax &&
        result !== outcome.missed &&
        !isFinal &&
        this.#mayRetry(parent, site, result)
      ) {
        this.#retryLater(parent, site, attempt, carriedUs, result);
        return;
      }
      if (site.fallback !== none) {
        this.#sendInstead(parent, site.fallback, isActor);
        return;
      }
    }
    if (this.#childAttempt(parent) > 0) result = this.#afterRetries(parent, result);
    if (isActor) {
      const owner =
        this.#owners[this.#instances.column.component[words[(parent << 5) + word.instance]!]!]!;
      const told = result === outcome.notSent ? outcome.unavailable : result;
      owner.resumed?.(parent, site.standsFor, told, childData);
    } else if (result === outcome.notSent && !site.optional) this.#end(parent, outcome.unavailable);
    else if (result !== outcome.ok && !site.optional) this.#end(parent, result);
    else {
      const nextCall = this.#siteColumn.nextCall[siteIndex]!;
      if (nextCall === none) this.#end(parent, outcome.ok);
      else this.#send(parent, nextCall, 0, words[(parent << 5) + word.data]!, 1);
    }
  }

  /** Whoever was turned away only after an attempt without an answer can't deny what that attempt may have done. */
  #afterRetries(parent: number, result: number): number {
    const wasDoubtful = (this.#words[(parent << 5) + word.childAttempt]! & childDoubt) !== 0;
    this.#forgetDoubt(parent);
    return wasDoubtful && result === outcome.throttled ? outcome.unavailable : result;
  }

  /** Attempts made so far of the call that is open now. */
  #childAttempt(frame: number): number {
    return this.#words[(frame << 5) + word.childAttempt]! & (childDoubt - 1);
  }

  #setChildAttempt(frame: number, attempt: number): void {
    const at = (frame << 5) + word.childAttempt;
    this.#words[at] = (this.#words[at]! & childDoubt) | attempt;
  }

  #forgetDoubt(frame: number): void {
    const at = (frame << 5) + word.childAttempt;
    this.#words[at] = this.#words[at]! & ~childDoubt;
  }

  /** The fallback is about what the failed call was about. */
  #sendInstead(parent: number, fallback: number, isActor: boolean): void {
    const words = this.#words;
    const data = words[(parent << 5) + (isActor ? word.callData : word.data)]!;
    const itemCount = isActor ? words[(parent << 5) + word.callItemCount]! : 1;
    this.#forgetDoubt(parent);
    this.#send(parent, fallback, 0, data, itemCount);
  }

  #mayRetry(parent: number, site: CallSite, result: number): boolean {
    if (this.#guards === undefined) return true;
    const instance = this.#words[(parent << 5) + word.instance]!;
    return this.#guards.mayRetry(instance, site.component, result);
  }

  /** Another attempt follows after a pause; as a rule it doubles each time, and a random part of it is taken. */
  #retryLater(
    parent: number,
    site: CallSite,
    attempt: number,
    carriedUs: number,
    result: number,
  ): void {
    const words = this.#words;
    if (result !== outcome.throttled) {
      const at = (parent << 5) + word.childAttempt;
      words[at] = words[at]! | childDoubt;
    }
    const draw = words[(parent << 5) + word.attempt]! * attemptsMax;
    const key = words[(parent << 5) + word.key]!;
    const backoff = this.#guards?.backoffOf(site.caller) ?? usualBackoff;
    const pause = pauseUs(
      backoff,
      site.backoffUs,
      attempt,
      this.#backoffDraw,
      key,
      site.drawSeed,
      draw,
    );
    this.#setChildAttempt(parent, attempt + 1);
    words[(parent << 5) + word.carriedUs] = 0;
    this.#kernel.schedule(
      carriedUs + pause,
      this.#retry,
      parent,
      this.generationOf(parent),
      site.index,
    );
  }

  /** The pause before a retry is over. What an actor's call was about is kept; a frame's calls are about the frame's. */
  #sendAgain(frame: number, site: number): void {
    const words = this.#words;
    // An actor that has called anew in the meantime has given this call up.
    if (words[(frame << 5) + word.child] !== none) return;
    const isActor = words[(frame << 5) + word.phase] === phase.actor;
    const data = words[(frame << 5) + (isActor ? word.callData : word.data)]!;
    const itemCount = isActor ? words[(frame << 5) + word.callItemCount]! : 1;
    this.#send(frame, site, this.#childAttempt(frame), data, itemCount);
  }

  /** The callee is done with the frame; the answer leaves, if the link lets it. */
  #end(frame: number, result: number): void {
    const instance = this.#words[(frame << 5) + word.instance]!;
    const from = this.#instances.column.zone[instance]!;
    this.#owners[this.#instances.column.component[instance]!]!.answering?.(frame, instance, result);
    this.#inside.leave(frame);
    this.#serving?.answered(instance, this.#kernel.nowUs - this.sentUs(frame));
    if (!this.#paths.reaches(from, this.#words[(frame << 5) + word.callerZone]!, frame, 1)) {
      this.#lose(frame);
      return;
    }
    const carriedUs = this.#words[(frame << 5) + word.carriedUs]!;
    if (carriedUs === 0 || this.#takesAhead(this.#words[(frame << 5) + word.parent]!)) {
      this.#deliverAnswer(frame, result);
      return;
    }
    this.#words[(frame << 5) + word.carriedUs] = 0;
    this.#answerLater(frame, result, carriedUs);
  }

  /** Whether a caller can go on ahead of the clock: only one that passes calls through itself. */
  #takesAhead(parent: number): boolean {
    if (parent < 0) return false;
    const instance = this.#words[(parent << 5) + word.instance]!;
    return this.#passesOn[this.#instances.column.component[instance]!] === 1;
  }

  #deliverAnswer(frame: number, result: number): void {
    const words = this.#words;
    const parent = words[(frame << 5) + word.parent]!;
    const site = words[(frame << 5) + word.site]!;
    const data = words[(frame << 5) + word.data]!;
    const attempt = words[(frame << 5) + word.attempt]!;
    const callerInstance = words[(frame << 5) + word.callerInstance]!;
    const carriedUs = words[(frame << 5) + word.carriedUs]!;
    if (result === outcome.ok) {
      this.siteSuccesses[site] = this.siteSuccesses[site]! + 1;
      this.siteSuccessUs[site] =
        this.siteSuccessUs[site]! + this.#kernel.nowUs + carriedUs - this.sentUs(frame);
    }
    this.#deadlines.remove(frame);
    this.#store.free(frame);
    if (result !== outcome.ok && result !== outcome.missed) {
      this.#noteFailure(site, callerInstance, result);
    }
    if (parent >= 0) this.#guards?.ended(callerInstance, this.#sites[site]!.component, result);
    if (parent === caller.gone) this.staleAnswers.add(1);
    else if (parent === caller.client) this.#clientAnswered(data, attempt, result);
    else this.#childEnded(parent, site, result, data, carriedUs);
  }

  #answerLater(frame: number, result: number, afterUs: number): void {
    this.#words[(frame << 5) + word.phase] = phase.answering;
    this.#kernel.schedule(
      Math.round(afterUs),
      this.#answered,
      frame,
      this.generationOf(frame),
      result,
    );
  }

  /** The message, or its answer, is gone. Without a caller there is nothing left to remember. */
  #lose(frame: number): void {
    this.#words[(frame << 5) + word.instance] = none;
    this.#words[(frame << 5) + word.phase] = phase.lost;
    if (this.#words[(frame << 5) + word.parent] === caller.gone) this.#store.free(frame);
  }

  #timedOut(frame: number): void {
    const words = this.#words;
    const parent = words[(frame << 5) + word.parent]!;
    const site = words[(frame << 5) + word.site]!;
    const data = words[(frame << 5) + word.data]!;
    const attempt = words[(frame << 5) + word.attempt]!;
    this.#noteFailure(site, words[(frame << 5) + word.callerInstance]!, outcome.timedOut);
    words[(frame << 5) + word.parent] = caller.gone;
    if (words[(frame << 5) + word.phase] === phase.lost) this.#store.free(frame);
    if (parent >= 0) {
      const from = words[(frame << 5) + word.callerInstance]!;
      this.#guards?.ended(from, this.#sites[site]!.component, outcome.timedOut);
    }
    if (parent === caller.client) this.#clientAnswered(data, attempt, outcome.timedOut);
    else if (parent >= 0) this.#childEnded(parent, site, outcome.timedOut, data, 0);
  }

  #noteFailure(site: number, callerInstance: number, result: number): void {
    this.siteFailures[site] = this.siteFailures[site]! + 1;
    if (callerInstance === none) return;
    this.#callees[site]!.callFailed?.(callerInstance, site, result);
  }

  #isHung(frame: number): boolean {
    return (
      this.#instances.column.status[this.#words[(frame << 5) + word.instance]!] === status.hung
    );
  }

  #detachChild(frame: number): void {
    const words = this.#words;
    const child = words[(frame << 5) + word.child]!;
    words[(frame << 5) + word.child] = none;
    if (child === none) return;
    this.#deadlines.remove(child);
    words[(child << 5) + word.parent] = caller.gone;
    if (words[(child << 5) + word.phase] === phase.lost) this.#store.free(child);
  }
}
