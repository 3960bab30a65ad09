import type { CloudWatch } from "../../components/cloudwatch/cloudwatch.ts";
import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { TradeSettlement } from "../reports/trade-settlement.ts";
import { ActionControls } from "./action-controls.ts";
import { type CompiledRunbook, compileRunbook } from "./compile-runbook.ts";
import { Lookout, type LookoutOptions } from "./lookout.ts";
import { drawOf, phase } from "./runbook-phases.ts";
import type { RoleSpec, RunbookSpec, RunbookStepSpec } from "./runbook-types.ts";

/** What the desk works with. */
export interface RunbookDeskOptions extends LookoutOptions {
  readonly roles: readonly RoleSpec[];
  readonly runbooks: readonly RunbookSpec[];
  /** Lets the order service go of funds that it holds for orders which are nowhere. */
  readonly releaseHolds: () => void;
  /** What people decide about trades that the history lost; undefined where nothing of the kind is done. */
  readonly settlement: TradeSettlement | undefined;
}

/** Numbers that each runbook has. */
const cells = [
  "phase",
  /** Rises with every change of phase, so that an event for an earlier one is recognised. */
  "turn",
  "step",
  "attempt",
  /** Log entry that the next one follows from. */
  "cause",
  /** Diagnosis left to do, in microseconds of a team that sees. */
  "leftUs",
  "sinceUs",
  /** When the diagnosis was last looked at. */
  "lookedUs",
] as const;

/** How often people look whether something has happened, microseconds. */
const lookUs = 1_000_000;

/** What is assumed where a runbook is silent. Assumptions: three tries of a command; a quarter of an hour is a long wait. */
const retriesMaxDefault = 2;
const giveUpSecondsDefault = 900;
/** Assumption: without metrics, logs and traces a cause is found in three times the time (Kinesis 2020: 264 minutes blind). */
const blindFactorDefault = 3;

/**
 * The people on call and their runbooks:
 *
 *   alarm / probe / phone -> page -> (somebody free) -> diagnosis -> decision -> approvals -> step, step, ... -> done
 *                                                                                  '- fails: again, then stop
 *
 * People see what CloudWatch shows, what a probe outside finds, or what clients say, and never the truth behind it. What
 * they do goes through the components' own control planes, and takes the time those take; a step is over when the
 * platform has followed it.
 */
export class RunbookDesk {
  readonly #fabric: AssembledFabric;
  readonly #options: RunbookDeskOptions;
  readonly #actions: ActionControls;
  readonly #lookout: Lookout;
  readonly #runbooks: readonly CompiledRunbook[];
  readonly #state: Readonly<Record<(typeof cells)[number], Float64Array>>;
  /** People of each role who are busy. */
  readonly #busy: Int32Array;
  readonly #look: HandlerId;
  readonly #turnOver: HandlerId;

  constructor(fabric: AssembledFabric, options: RunbookDeskOptions) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.#options = options;
    this.#actions = new ActionControls(fabric, options.releaseHolds, options.settlement);
    this.#runbooks = options.runbooks.map((spec, at) => compileRunbook(fabric, options, spec, at));
    const count = options.runbooks.length;
    this.#state = Object.fromEntries(
      cells.map((name) => [name, kernel.float64Array(`runbooks.${name}`, count)]),
    ) as Record<(typeof cells)[number], Float64Array>;
    this.#state.cause.fill(none);
    this.#busy = kernel.int32Array("runbooks.busy", Math.max(1, options.roles.length));
    this.#look = kernel.handler("runbooks.look", () => this.#lookAtAll());
    this.#turnOver = kernel.handler("runbooks.turn-over", (at, turn) => {
      if (this.#state.turn[at] === turn) this.#goOn(at);
    });
    this.#lookout = new Lookout(fabric, options, this.#runbooks, {
      isWatching: (at) => this.#state.phase[at] === phase.watching,
      completedSeq: (at) =>
        this.#state.phase[at] === phase.completed ? this.#state.cause[at]! : none,
      noticed: (at, cause, alarmSeq) => this.#noticed(at, cause, alarmSeq),
    });
  }

  start(): void {
    this.#fabric.kernel.scheduleAt(this.#options.fromUs, this.#look);
  }

  // --- Looking ------------------------------------------------------------------------------------------------

  #lookAtAll(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(lookUs, this.#look);
    for (let at = 0; at < this.#runbooks.length; at += 1) {
      switch (this.#state.phase[at]) {
        case phase.watching:
          this.#lookout.look(at);
          break;
        case phase.waitingForSomebody:
          this.#findSomebody(at);
          break;
        case phase.diagnosing:
          this.#diagnose(at);
          break;
        case phase.awaitingEffect:
          this.#awaitEffect(at);
          break;
        default:
          break;
      }
    }
  }

  /** `alarmSeq` is the event of the alarm that told, or `none`. */
  #noticed(at: number, cause: number, alarmSeq: number): void {
    const { luck, paging, kinds } = this.#runbooks[at]!;
    this.#state.cause[at] = cause;
    this.#note(at, kinds.detected, none, alarmSeq);
    this.#enter(at, phase.paged, luck.draw(paging, phase.paged, 0, drawOf.time));
  }

  // --- From the page to the decision ------------------------------------------------------------------------------

  /** The time of the present phase is over. */
  #goOn(at: number): void {
    switch (this.#state.phase[at]) {
      case phase.paged:
        this.#findSomebody(at);
        return;
      case phase.deciding:
        this.#note(at, this.#runbooks[at]!.kinds.decided, none, 0);
        this.#askForApproval(at, 0);
        return;
      case phase.approving:
        this.#note(at, this.#runbooks[at]!.kinds.approved, none, this.#state.step[at]! + 1);
        this.#askForApproval(at, this.#state.step[at]! + 1);
        return;
      case phase.executing:
        this.#carryOut(at);
        return;
      default:
        return;
    }
  }

  #findSomebody(at: number): void {
    const { role, luck, diagnosis, kinds } = this.#runbooks[at]!;
    if (this.#busy[role]! >= (this.#options.roles[role]!.count ?? 1)) {
      this.#state.phase[at] = phase.waitingForSomebody;
      return;
    }
    this.#busy[role] = this.#busy[role]! + 1;
    this.#note(at, kinds.paged, none, 0);
    this.#state.phase[at] = phase.diagnosing;
    this.#state.leftUs[at] = luck.draw(diagnosis, phase.diagnosing, 0, drawOf.time);
    this.#state.sinceUs[at] = this.#fabric.kernel.nowUs;
    this.#state.lookedUs[at] = this.#fabric.kernel.nowUs;
  }

  /** A team that sees gets on second by second; a blind one does a part of a second's work in each. */
  #diagnose(at: number): void {
    const { spec, luck, decision, kinds } = this.#runbooks[at]!;
    const isBlind = this.#fabric.components.some(
      (each) => each.service === "cloudwatch" && (each as CloudWatch).isImpaired,
    );
    const { nowUs } = this.#fabric.kernel;
    const passedUs = nowUs - this.#state.lookedUs[at]!;
    this.#state.lookedUs[at] = nowUs;
    const doneUs = passedUs / (isBlind ? (spec.blindFactor ?? blindFactorDefault) : 1);
    this.#state.leftUs[at] = this.#state.leftUs[at]! - doneUs;
    if (this.#state.leftUs[at]! > 0) return;
    const tookUs = nowUs - this.#state.sinceUs[at]!;
    this.#note(at, kinds.diagnosed, none, tookUs / 1_000_000);
    this.#enter(at, phase.deciding, luck.draw(decision, phase.deciding, 0, drawOf.time));
  }

  #askForApproval(at: number, number: number): void {
    const { approvals, luck } = this.#runbooks[at]!;
    const approval = approvals[number];
    if (approval === undefined) {
      this.#beginStep(at, 0);
      return;
    }
    this.#state.step[at] = number;
    const pagingUs = luck.draw(approval.paging, phase.paged, number + 1, drawOf.time);
    const agreeingUs = luck.draw(approval.delay, phase.approving, number, drawOf.time);
    this.#enter(at, phase.approving, pagingUs + agreeingUs);
  }

  // --- Steps ------------------------------------------------------------------------------------------------------

  #beginStep(at: number, step: number): void {
    const { spec, kinds } = this.#runbooks[at]!;
    this.#state.step[at] = step;
    this.#state.attempt[at] = 0;
    if (step < spec.steps.length) {
      this.#tryStep(at);
      return;
    }
    this.#note(at, kinds.completed, none, 0);
    this.#end(at, phase.completed);
  }

  #tryStep(at: number): void {
    const { steps, luck } = this.#runbooks[at]!;
    const step = this.#state.step[at]!;
    const key = step * 16 + this.#state.attempt[at]!;
    this.#enter(at, phase.executing, luck.draw(steps[step]!, phase.executing, key, drawOf.time));
  }

  /** The hands are off the keyboard: the platform does what it was asked, something else, or nothing. */
  #carryOut(at: number): void {
    const { luck, kinds } = this.#runbooks[at]!;
    const step = this.#state.step[at]!;
    const spec = this.#stepOf(at);
    const key = step * 16 + this.#state.attempt[at]!;
    const isMistaken =
      spec.mistake !== undefined &&
      luck.uniform(phase.executing, key, drawOf.mistaken) < spec.mistake.share;
    if (isMistaken) {
      const wrong = spec.mistake!.action;
      const seq = this.#note(at, kinds.steps[step]!.mistaken, this.#actions.componentOf(wrong), 0);
      this.#actions.begin(wrong, seq);
      this.#failed(at);
      return;
    }
    if (luck.uniform(phase.executing, key, drawOf.fails) < (spec.failShare ?? 0)) {
      this.#failed(at);
      return;
    }
    const component = this.#actions.componentOf(spec.action);
    const seq = this.#note(at, kinds.steps[step]!.began, component, this.#state.attempt[at]! + 1);
    if (!this.#actions.begin(spec.action, seq)) {
      this.#failed(at);
      return;
    }
    this.#state.phase[at] = phase.awaitingEffect;
    this.#state.sinceUs[at] = this.#fabric.kernel.nowUs;
    this.#awaitEffect(at);
  }

  #awaitEffect(at: number): void {
    const { kernel } = this.#fabric;
    const step = this.#state.step[at]!;
    const spec = this.#stepOf(at);
    const waitedUs = kernel.nowUs - this.#state.sinceUs[at]!;
    if (this.#actions.isEffective(spec.action)) {
      const component = this.#actions.componentOf(spec.action);
      const { effective } = this.#runbooks[at]!.kinds.steps[step]!;
      this.#note(at, effective, component, waitedUs / 1_000_000);
      this.#beginStep(at, step + 1);
    } else if (waitedUs >= (spec.giveUpAfterSeconds ?? giveUpSecondsDefault) * 1_000_000) {
      this.#failed(at);
    }
  }

  #failed(at: number): void {
    const { kinds } = this.#runbooks[at]!;
    const step = this.#state.step[at]!;
    const spec = this.#stepOf(at);
    const attempt = this.#state.attempt[at]! + 1;
    this.#note(at, kinds.steps[step]!.failed, this.#actions.componentOf(spec.action), attempt);
    if (attempt <= (spec.retriesMax ?? retriesMaxDefault)) {
      this.#state.attempt[at] = attempt;
      this.#tryStep(at);
    } else if (spec.optional === true) this.#beginStep(at, step + 1);
    else {
      this.#note(at, kinds.stopped, none, step);
      this.#end(at, phase.stopped);
    }
  }

  #stepOf(at: number): RunbookStepSpec {
    return this.#runbooks[at]!.spec.steps[this.#state.step[at]!]!;
  }

  #end(at: number, last: number): void {
    const { role } = this.#runbooks[at]!;
    this.#state.phase[at] = last;
    this.#busy[role] = this.#busy[role]! - 1;
  }

  /** Enters a phase that ends after a time. */
  #enter(at: number, next: number, afterUs: number): void {
    const turn = this.#state.turn[at]! + 1;
    this.#state.turn[at] = turn;
    this.#state.phase[at] = next;
    this.#fabric.kernel.schedule(Math.round(afterUs), this.#turnOver, at, turn);
  }

  /** Adds to the event log, as a consequence of what was noted last. */
  #note(at: number, kind: number, component: number, value: number): number {
    const place = component === none ? {} : { component };
    const seq = this.#fabric.log.append(kind, place, this.#state.cause[at]!, value);
    this.#state.cause[at] = seq;
    return seq;
  }
}
