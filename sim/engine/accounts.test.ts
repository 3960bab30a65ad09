import { expect, test } from "vitest";
import { Accounts } from "./accounts.ts";

const killedOf = (accounts: Accounts) => {
  const seen: number[] = [];
  accounts.forEachKilled((account) => {
    seen.push(account);
  });
  return seen;
};

test("open orders are counted for each account apart, and for those without one", () => {
  const accounts = new Accounts();
  for (const account of [-1, 0, 62, 63, 64, 1000, 63, 1000]) accounts.openOrder(account);
  accounts.closeOrder(63);
  const counts = [-1, 0, 1, 62, 63, 64, 999, 1000, 1001].map((account) =>
    accounts.openCount(account),
  );
  expect(counts).toEqual([1, 1, 0, 1, 1, 1, 0, 2, 0]);
});

test("an account that opens its first order keeps what larger ones have", () => {
  const accounts = new Accounts();
  accounts.openOrder(9);
  accounts.kill(9);
  accounts.openOrder(2);
  accounts.kill(2);
  expect([accounts.openCount(9), accounts.openCount(2), accounts.end]).toEqual([1, 1, 11]);
  expect(killedOf(accounts)).toEqual([2, 9]);
});

test("a kill switch holds for its account alone, counts once, and survives growth", () => {
  const accounts = new Accounts();
  expect(killedOf(accounts)).toEqual([]);
  for (const account of [3, 0, 3, 500]) accounts.kill(account);
  expect(accounts.killedCount).toBe(3);
  expect(killedOf(accounts)).toEqual([0, 3, 500]);
  expect([-1, 0, 1, 3, 499, 500, 501].map((account) => accounts.isKilled(account))).toEqual([
    false,
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
  expect(accounts.openCount(500)).toBe(0);
});

test("the kill switch of everybody holds for all, and names none", () => {
  const accounts = new Accounts();
  accounts.isAllKilled = true;
  expect([accounts.isKilled(-1), accounts.isKilled(7)]).toEqual([true, true]);
  expect(killedOf(accounts)).toEqual([]);
});

test("an account far beyond those seen has nothing open and may enter", () => {
  const accounts = new Accounts();
  accounts.kill(3);
  expect([accounts.openCount(1_000_000), accounts.isKilled(1_000_000)]).toEqual([0, false]);
});

test("cleared, nothing is open or killed, also where it reaches again", () => {
  const accounts = new Accounts();
  accounts.openOrder(5);
  accounts.kill(6);
  accounts.isAllKilled = true;
  accounts.clear();
  expect([accounts.isAllKilled, accounts.killedCount, accounts.end]).toEqual([false, 0, 1]);
  accounts.kill(50);
  expect([accounts.openCount(5), accounts.isKilled(6)]).toEqual([0, false]);
  expect(killedOf(accounts)).toEqual([50]);
});

test("a number too large for an account is refused", () => {
  const accounts = new Accounts();
  expect(() => accounts.openOrder(2 ** 24)).toThrow("account 16777216 is above 16777215");
  expect(() => accounts.kill(2 ** 31)).toThrow("is above");
});
