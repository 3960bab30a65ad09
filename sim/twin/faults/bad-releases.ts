import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { type Component, type Release, soundRelease } from "../../components/fabric/component.ts";
import { none } from "../../kernel/none.ts";
import type { BadDeploymentFault, FaultSpec } from "./fault-types.ts";

type CanDeploy = Required<Pick<Component, "deploy" | "releaseNumber">>;

/**
 * Releases that faults deploy, and what their rollbacks put in their place: what was there before. So of two bad releases that overlap,
 * the end of the earlier one changes nothing while the later one is deployed, and the end of the later one brings the earlier one back.
 * A release that somebody has replaced already is not rolled back again.
 */
export class BadReleases {
  readonly #fabric: AssembledFabric;
  readonly #faults: readonly FaultSpec[];
  /** Number that the component gave the release of a fault, by fault; `none` before it has struck. */
  readonly #numbers: Int32Array;
  readonly #isInForce: (fault: number) => boolean;
  readonly #rolledBack: number;

  constructor(
    fabric: AssembledFabric,
    faults: readonly FaultSpec[],
    options: { readonly room: number; readonly isInForce: (fault: number) => boolean },
  ) {
    this.#fabric = fabric;
    this.#faults = faults;
    this.#numbers = fabric.kernel.int32Array("faults.release-numbers", options.room).fill(none);
    this.#isInForce = options.isInForce;
    this.#rolledBack = fabric.log.kind("deployment.rolled-back", "fault");
  }

  strike(at: number, fault: BadDeploymentFault, causeSeq: number): void {
    this.#numbers[at] = this.#service(fault).deploy(releaseOf(fault), causeSeq);
  }

  relent(at: number, fault: BadDeploymentFault, causeSeq: number): void {
    const service = this.#service(fault);
    if (service.releaseNumber !== this.#numbers[at]) return;
    const earlier = this.#earlierBadRelease(this.#numbers[at]!, fault.component);
    const place = { component: this.#fabric.component(fault.component).index };
    const seq = this.#fabric.log.append(this.#rolledBack, place, causeSeq);
    if (earlier === none) service.deploy(soundRelease, seq);
    else this.strike(earlier, this.#faults[earlier] as BadDeploymentFault, seq);
  }

  /** The fault whose release stood before a release, those that are over left out; `none` when that was a sound one. */
  #earlierBadRelease(number: number, component: string): number {
    for (let before = number - 1; before > 0; before -= 1) {
      const fault = this.#faults.findIndex(
        (each, at) =>
          each.kind === "bad-deployment" &&
          each.component === component &&
          this.#numbers[at] === before,
      );
      if (fault === none) return none;
      if (this.#isInForce(fault)) return fault;
    }
    return none;
  }

  /** Validation has seen to it that the component launches tasks. */
  #service({ component }: BadDeploymentFault): CanDeploy {
    return this.#fabric.component(component) as unknown as CanDeploy;
  }
}

function releaseOf({ slowFactor = 1, crashAfterSeconds }: BadDeploymentFault): Release {
  return {
    slowFactor,
    ...(crashAfterSeconds === undefined
      ? {}
      : { crashAfterUs: Math.round(crashAfterSeconds * 1_000_000) }),
  };
}
