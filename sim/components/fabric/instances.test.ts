import { expect, test } from "vitest";
import { createKernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { Instances, status } from "./instances.ts";

function bed() {
  const kernel = createKernel({ seed: "1", programVersion: "test" });
  const instances = new Instances(kernel, 8);
  const create = (component: number, isFree = false) =>
    instances.create({
      isFree,
      component,
      zone: 0,
      status: status.starting,
      serverCount: 1,
      insideMax: 1,
      causeSeq: none,
    });
  const hoursPass = (hours: number) => kernel.runUntil(kernel.nowUs + hours * 3_600_000_000);
  const billedHours = (component: number) => instances.billedUs(component) / 3_600_000_000;
  return { instances, create, hoursPass, billedHours };
}

test("instances are paid for from creation to release, each component's by themselves", () => {
  const { instances, create, hoursPass, billedHours } = bed();
  const first = create(2);
  hoursPass(1);
  create(2);
  create(3);
  hoursPass(2);
  expect([billedHours(2), billedHours(3), billedHours(1)]).toEqual([5, 2, 0]);
  instances.release(first);
  hoursPass(3);
  expect([billedHours(2), billedHours(3)]).toEqual([8, 5]);
});

test("an instance that is billed later is not paid for before, nor one that never gets so far", () => {
  const { instances, create, hoursPass, billedHours } = bed();
  const late = create(0, true);
  const never = create(0, true);
  hoursPass(1);
  expect(billedHours(0)).toBe(0);
  instances.billFromNow(late);
  hoursPass(1);
  instances.release(never);
  expect(billedHours(0)).toBe(1);
  instances.billFromNow(late);
  hoursPass(1);
  expect(billedHours(0)).toBe(2);
});

test("a crashed or dark instance is paid for until it is given up", () => {
  const { instances, create, hoursPass, billedHours } = bed();
  const dark = create(0);
  hoursPass(1);
  instances.column.status[dark] = status.dark;
  hoursPass(1);
  expect(billedHours(0)).toBe(2);
});
