import { assert } from "./assert.ts";
import { widenInts } from "./widen.ts";

/** Largest account number. */
const accountMax = 2 ** 24;

/** Open orders and kill switch of every account. Accounts are whole numbers from 0; -1 stands for orders without one. */
export class Accounts {
  /** Index account + 1: open orders, and 1 where the kill switch is on. */
  private open = new Int32Array(64);
  private killed = new Int32Array(64);
  /** The kill switch of everybody. */
  isAllKilled = false;
  /** Accounts with the kill switch on. */
  killedCount = 0;
  /** One more than the largest index in use. */
  end = 1;

  openCount(account: number): number {
    return account + 1 < this.end ? this.open[account + 1]! : 0;
  }

  openOrder(account: number): void {
    const index = account + 1;
    if (index >= this.end) this.reach(index);
    this.open[index] = this.open[index]! + 1;
  }

  closeOrder(account: number): void {
    this.open[account + 1] = this.open[account + 1]! - 1;
  }

  isKilled(account: number): boolean {
    return this.isAllKilled || (account + 1 < this.end && this.killed[account + 1]! === 1);
  }

  kill(account: number): void {
    const index = account + 1;
    if (index >= this.end) this.reach(index);
    if (this.killed[index]! === 0) this.killedCount++;
    this.killed[index] = 1;
  }

  /** Visits the accounts with the kill switch on, by number. */
  forEachKilled(visit: (account: number) => void): void {
    if (this.killedCount === 0) return;
    for (let index = 0; index < this.end; index++) if (this.killed[index]! === 1) visit(index - 1);
  }

  clear(): void {
    this.open.fill(0);
    this.killed.fill(0);
    this.isAllKilled = false;
    this.killedCount = 0;
    this.end = 1;
  }

  private reach(index: number): void {
    assert(index <= accountMax, `account ${index - 1} is above ${accountMax - 1}`);
    let capacity = this.open.length;
    while (capacity <= index) capacity *= 2;
    if (capacity > this.open.length) {
      this.open = widenInts(this.open, capacity);
      this.killed = widenInts(this.killed, capacity);
    }
    this.end = index + 1;
  }
}
