import { ApplicationAutoScaling } from "../../components/application-auto-scaling/application-auto-scaling.ts";
import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { type Component, soundRelease } from "../../components/fabric/component.ts";
import { status } from "../../components/fabric/instances.ts";
import { placesTalk } from "../../components/fabric/region-homes.ts";
import type { MarketState } from "../../components/matching-service/market-reopening.ts";
import { none } from "../../kernel/none.ts";
import { isCopyOf } from "../platform/copies.ts";
import type { TradeSettlement } from "../reports/trade-settlement.ts";
import type { ActionSpec, MarketAction } from "./runbook-types.ts";

/** What people's actions ask of components; validation has seen to it that the component can do it. */
interface Shiftable {
  shiftZone(zone: number, away: boolean, causeSeq: number): boolean;
}
interface Promotable {
  failOver(causeSeq: number): boolean;
  readonly isFailingOver: boolean;
}
interface Scalable {
  readonly fleet: {
    readonly runningCount: number;
    readonly desiredCount: number;
    readonly isOfOneRelease: boolean;
    setDesiredCount(count: number, causeSeq: number): number;
  };
}
interface Resizable {
  scaleUp(factor: number, causeSeq: number): boolean;
  readonly isScalingUp: boolean;
}
interface Secondary {
  promoteSecondary(causeSeq: number): boolean;
  readonly takesWrites: boolean;
}
interface Standby {
  takeOverBooks(causeSeq: number): boolean;
  enterStranded(causeSeq: number): boolean;
  readonly isRunning: boolean;
}
interface Partner {
  becomeStandby(causeSeq: number): boolean;
  readonly isStandby: boolean;
}
interface Receiver {
  receiveBooks(causeSeq: number): boolean;
  readonly isRunning: boolean;
  readonly isOwner: boolean;
}
interface Restorable {
  restore(marginSeconds: number, causeSeq: number): boolean;
  readonly isRestoring: boolean;
  readonly restoredToUs: number;
}
interface RowWriter {
  rewriteRows(sinceUs: number): boolean;
  readonly isPersisted: boolean;
}
interface DeadLettered {
  redrive(messagesPerSecond: number | undefined, causeSeq: number): boolean;
  readonly isRedriving: boolean;
}
interface Archiving {
  replay(
    options: {
      readonly archive: string;
      readonly lookBackSeconds: number;
      readonly rules: readonly string[] | undefined;
    },
    causeSeq: number,
  ): boolean;
  readonly isReplaying: boolean;
}
interface NameService {
  redirect(
    from: number,
    to: number,
    by: "record-edit" | "routing-control",
    causeSeq: number,
    home?: number,
  ): boolean;
}
interface Market {
  leadMarket(to: MarketState, causeSeq: number): boolean;
  isMarketIn(state: MarketState): boolean;
}

const stateAfter: Readonly<Record<MarketAction, MarketState>> = {
  "halt-market": "halted",
  "cancel-only": "cancel-only",
  "open-auction": "auction",
  "open-market": "continuous",
};

/** Carries out what people do, and tells when it has taken effect. It holds no state: what changes, changes in components. */
export class ActionControls {
  readonly #fabric: AssembledFabric;
  readonly #releaseHolds: () => void;
  readonly #settlement: TradeSettlement | undefined;

  /** `releaseHolds` lets the order service go of funds that no order needs; `settlement` decides on lost trades. */
  constructor(
    fabric: AssembledFabric,
    releaseHolds: () => void,
    settlement: TradeSettlement | undefined,
  ) {
    this.#fabric = fabric;
    this.#releaseHolds = releaseHolds;
    this.#settlement = settlement;
  }

  /** Component that an action is about, the first of several copies, by its number; -1 for none. */
  componentOf(action: ActionSpec): number {
    const [first] = this.#onEach(action);
    if (first === undefined || !("component" in first)) return -1;
    return this.#fabric.component(first.component).index;
  }

  /** Does it, to every copy of the component; false when the platform refuses one that has not followed before. */
  begin(action: ActionSpec, causeSeq: number): boolean {
    const each = this.#onEach(action);
    const [only, second] = each;
    if (only !== undefined && second === undefined) return this.#beginOne(only, causeSeq);
    const accepted = each.map((one) => this.#beginOne(one, causeSeq) || this.#isEffectiveFor(one));
    return accepted.every((is) => is);
  }

  /** Whether the platform has followed what was begun, for every copy of the component. */
  isEffective(action: ActionSpec): boolean {
    return this.#onEach(action).every((one) => this.#isEffectiveFor(one));
  }

  /** An action on a component that is partitioned is one on each of its copies. */
  #onEach(action: ActionSpec): readonly ActionSpec[] {
    if (!("component" in action)) return [action];
    const { component: named } = action;
    return this.#fabric.components
      .filter(({ id }) => isCopyOf(id, named))
      .map(({ id }) => ({ ...action, component: id }));
  }

  #beginOne(action: ActionSpec, causeSeq: number): boolean {
    switch (action.do) {
      case "inform":
        return true;
      case "shift-zone-away":
      case "end-zone-shift": {
        const zone = this.#fabric.zone(action.zone);
        const away = action.do === "shift-zone-away";
        return this.#as<Shiftable>(action.component).shiftZone(zone, away, causeSeq);
      }
      case "promote-reader":
        return this.#as<Promotable>(action.component).failOver(causeSeq);
      case "scale-out": {
        const { fleet } = this.#as<Scalable>(action.component);
        if (action.raiseMinimum === true) this.#raiseMinimum(action, causeSeq);
        fleet.setDesiredCount(action.taskCount, causeSeq);
        return true;
      }
      case "roll-back":
        this.#as<Required<Pick<Component, "deploy">>>(action.component).deploy(
          soundRelease,
          causeSeq,
        );
        return true;
      case "restart":
        return this.#restart(action.component, action.count, causeSeq);
      case "scale-up":
        return this.#as<Resizable>(action.component).scaleUp(action.factor, causeSeq);
      case "raise-throughput":
        return this.#grant(action.component, action.factor);
      case "cut-load":
        return this.#grant(action.component, action.share);
      case "open-admission-gate":
        return this.#grant(action.component, 1);
      case "promote-secondary":
        return this.#as<Secondary>(action.component).promoteSecondary(causeSeq);
      case "rebuild-books":
        return this.#as<Standby>(action.component).takeOverBooks(causeSeq);
      case "fail-over-dns":
        return this.#as<NameService>(action.component).redirect(
          this.#region(action.fromRegion),
          this.#region(action.toRegion),
          action.by,
          causeSeq,
          action.homeRegion === undefined ? none : this.#region(action.homeRegion),
        );
      case "restore-from-backup":
        return this.#as<Restorable>(action.component).restore(action.marginSeconds, causeSeq);
      case "rewrite-rows": {
        const { restoredToUs } = this.#as<Restorable>(action.database);
        return restoredToUs >= 0 && this.#as<RowWriter>(action.component).rewriteRows(restoredToUs);
      }
      case "wait-for-region":
        return true;
      case "reconcile":
        return this.#as<Standby>(action.component).enterStranded(causeSeq);
      case "redrive":
        return this.#as<DeadLettered>(action.component).redrive(action.messagesPerSecond, causeSeq);
      case "replay-events": {
        const { archive, lookBackSeconds, rules } = action;
        const window = { archive, lookBackSeconds, rules };
        return this.#as<Archiving>(action.component).replay(window, causeSeq);
      }
      case "release-holds":
        this.#releaseHolds();
        return true;
      case "settle-trades":
        this.#settlement?.beginReview(causeSeq);
        return this.#settlement !== undefined;
      case "re-replicate":
        return this.#as<Partner>(action.component).becomeStandby(causeSeq);
      case "hand-over":
        return this.#as<Receiver>(action.component).receiveBooks(causeSeq);
      case "re-point": {
        const [from, to] = [this.#region(action.fromRegion), this.#region(action.toRegion)];
        const { homeRegion, partition } = action;
        return this.#fabric.homes.moveSymbols(from, to, {
          ...(homeRegion === undefined ? {} : { home: this.#region(homeRegion) }),
          ...(partition === undefined
            ? {}
            : { part: { partition: partition.number - 1, of: partition.of } }),
        });
      }
      default:
        return this.#as<Market>(action.component).leadMarket(stateAfter[action.do], causeSeq);
    }
  }

  #isEffectiveFor(action: ActionSpec): boolean {
    switch (action.do) {
      case "promote-reader":
        return !this.#as<Promotable>(action.component).isFailingOver;
      case "scale-out":
        return this.#as<Scalable>(action.component).fleet.runningCount >= action.taskCount;
      case "roll-back":
        return this.#as<Scalable>(action.component).fleet.isOfOneRelease;
      case "restart": {
        const { fleet } = this.#as<Scalable>(action.component);
        return fleet.runningCount >= fleet.desiredCount;
      }
      case "scale-up":
        return !this.#as<Resizable>(action.component).isScalingUp;
      case "promote-secondary":
        return this.#as<Secondary>(action.component).takesWrites;
      case "rebuild-books":
        return this.#as<Standby>(action.component).isRunning;
      case "re-replicate":
        return this.#as<Partner>(action.component).isStandby;
      case "hand-over": {
        const { isOwner, isRunning } = this.#as<Receiver>(action.component);
        return isOwner && isRunning;
      }
      case "redrive":
        return !this.#as<DeadLettered>(action.component).isRedriving;
      case "replay-events":
        return !this.#as<Archiving>(action.component).isReplaying;
      case "settle-trades":
        return this.#settlement?.isSettled === true;
      case "restore-from-backup":
        return !this.#as<Restorable>(action.component).isRestoring;
      case "rewrite-rows":
        return this.#as<RowWriter>(action.component).isPersisted;
      case "wait-for-region": {
        const { zones } = this.#fabric;
        return placesTalk(zones, this.#zones(action.region), this.#zones(action.otherRegion));
      }
      case "fail-over-dns": {
        const { homes } = this.#fabric;
        const home = this.#region(action.homeRegion ?? action.fromRegion);
        return homes.usersAt(homes.turn, home) === this.#region(action.toRegion);
      }
      case "halt-market":
      case "cancel-only":
      case "open-auction":
      case "open-market":
        return this.#as<Market>(action.component).isMarketIn(stateAfter[action.do]);
      default:
        return true;
    }
  }

  /** Ends processes from outside, as `stop-task` does; the control plane starts others. */
  #restart(id: string, count: number | undefined, causeSeq: number): boolean {
    const { instances, calls, components } = this.#fabric;
    const { column, slotsMax } = instances;
    const component = this.#fabric.component(id).index;
    const found: number[] = [];
    for (let slot = 0; slot < slotsMax; slot += 1) {
      if (column.component[slot] !== component) continue;
      if (column.status[slot] === status.up || column.status[slot] === status.hung)
        found.push(slot);
    }
    found.sort((a, b) => column.startedUs[a]! - column.startedUs[b]! || a - b);
    for (const instance of found.slice(0, count)) {
      column.causeSeq[instance] = causeSeq;
      calls.failInstance(instance, "crash");
      components[component]!.instanceFailed(instance, "crash", causeSeq);
    }
    return found.length > 0;
  }

  /** Without auto-scaling there is nobody who would take tasks away. */
  #raiseMinimum(action: ActionSpec & { readonly do: "scale-out" }, causeSeq: number): void {
    for (const component of this.#fabric.components) {
      if (!(component instanceof ApplicationAutoScaling)) continue;
      component.raiseMinimum(action.component, action.taskCount, causeSeq);
    }
  }

  #grant(id: string, share: number): boolean {
    this.#as<Required<Pick<Component, "setQuotaShare">>>(id).setQuotaShare(share);
    return true;
  }

  /** Number of a region; -1 for none. */
  #region(id: string): number {
    return this.#fabric.homes.regions.indexOf(id);
  }

  #zones(region: string): readonly number[] {
    return this.#fabric.zones.zones.flatMap((zone, at) => (zone.region === region ? [at] : []));
  }

  #as<Ability>(id: string): Ability {
    return this.#fabric.component(id) as unknown as Ability;
  }
}
