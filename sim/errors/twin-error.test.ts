import { expect, test } from "vitest";
import { MistakeList, TwinError } from "./twin-error.ts";

const unknownAz = {
  code: "scenario.az-unknown",
  problem: 'AZ "d" is not declared',
  remedy: "Use one of a, b, c",
  at: "/services/0/az",
};

test("an error says what is wrong, where, and what to do next", () => {
  const error = new TwinError(unknownAz);
  expect(error.message).toBe(
    'AZ "d" is not declared (at /services/0/az). Use one of a, b, c. [scenario.az-unknown]',
  );
  expect(error.mistakes).toEqual([unknownAz]);
});

test("a wrapped cause is kept", () => {
  const cause = new Error("disk");
  expect(new TwinError(unknownAz, { cause }).cause).toBe(cause);
});

test("a list without mistakes lets the caller go on", () => {
  expect(() => new MistakeList().throwIfAny("a.yaml")).not.toThrow();
});

test("a single mistake is thrown as itself", () => {
  const list = new MistakeList();
  list.add(unknownAz);
  expect(() => list.throwIfAny("a.yaml")).toThrow(
    expect.objectContaining({ code: "scenario.az-unknown" }),
  );
});

test("several mistakes travel together, in the order they were found", () => {
  const list = new MistakeList();
  list.add(unknownAz);
  list.add({ ...unknownAz, code: "scenario.unit-unknown" });
  try {
    list.throwIfAny("a.yaml");
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(TwinError);
    expect((error as TwinError).mistakes.map((each) => each.code)).toEqual([
      "scenario.az-unknown",
      "scenario.unit-unknown",
    ]);
    expect((error as TwinError).problem).toBe("a.yaml has 2 mistakes");
  }
});
