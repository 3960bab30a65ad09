import { expect, test } from "vitest";
import type { Release } from "../../components/fabric/component.ts";
import { plainService, TestBed } from "../../components/fabric/test-bed.ts";
import { BadReleases } from "./bad-releases.ts";
import type { BadDeploymentFault } from "./fault-types.ts";

/** Two bad releases of one service; what is deployed in the end is what its tasks become. */
class ReleaseBed {
  readonly bed = new TestBed({ factories: [plainService({ id: "service", zones: ["a"] })] });
  readonly deployed: number[] = [];
  readonly #inForce = new Set<number>();
  readonly #faults = [3, 50].map(
    (slowFactor): BadDeploymentFault => ({
      id: `slow-${slowFactor}`,
      kind: "bad-deployment",
      component: "service",
      slowFactor,
      atSeconds: 1,
      durationSeconds: 1,
    }),
  );
  readonly #releases: BadReleases;

  constructor() {
    const { deployed } = this;
    Object.defineProperties(this.bed.fabric.component("service"), {
      deploy: { value: ({ slowFactor }: Release) => deployed.push(slowFactor) },
      releaseNumber: { get: () => deployed.length },
    });
    this.#releases = new BadReleases(this.bed.fabric, this.#faults, {
      room: 2,
      isInForce: (fault) => this.#inForce.has(fault),
    });
  }

  strike(fault: number): void {
    this.#inForce.add(fault);
    this.#releases.strike(fault, this.#faults[fault]!, -1);
  }

  relent(fault: number): void {
    this.#inForce.delete(fault);
    this.#releases.relent(fault, this.#faults[fault]!, -1);
  }

  get rollbacks(): number {
    return this.bed.events().filter(({ kind }) => kind === "deployment.rolled-back").length;
  }
}

test("the end of a bad release leaves alone a later one that is still deployed", () => {
  const bed = new ReleaseBed();
  bed.strike(0);
  bed.strike(1);
  bed.relent(0);
  expect(bed.deployed).toEqual([3, 50]);
  expect(bed.rollbacks).toBe(0);

  bed.relent(1);
  expect(bed.deployed).toEqual([3, 50, 1]);
  expect(bed.rollbacks).toBe(1);
});

test("rolling back a bad release brings back the bad one that it had replaced", () => {
  const bed = new ReleaseBed();
  bed.strike(0);
  bed.strike(1);
  bed.relent(1);
  expect(bed.deployed).toEqual([3, 50, 3]);

  bed.relent(0);
  expect(bed.deployed).toEqual([3, 50, 3, 1]);
});

test("a release that people have rolled back is not rolled back again, nor is a bad one brought back", () => {
  const bed = new ReleaseBed();
  bed.strike(0);
  bed.deployed.push(1);
  bed.relent(0);
  expect(bed.deployed).toEqual([3, 1]);

  bed.strike(0);
  bed.deployed.push(1);
  bed.strike(1);
  bed.relent(1);
  expect(bed.deployed).toEqual([3, 1, 3, 1, 50, 1]);
});
