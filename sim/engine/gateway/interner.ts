import { assert } from "../assert.ts";

/** Gives every name from outside a whole number, densely from 0 in order of first use, and remembers the name. */
export class Interner<Name extends string | number> {
  private readonly countMax: number;
  private readonly numbers = new Map<Name, number>();
  private readonly names: Name[] = [];

  constructor(countMax = 2 ** 26) {
    this.countMax = countMax;
  }

  get count(): number {
    return this.names.length;
  }

  /** The number of a name; a new one when it was never seen. */
  intern(name: Name): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    assert(this.names.length < this.countMax, `more than ${this.countMax} names`);
    this.numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  /** The number of a name, or -1 when it was never seen. */
  find(name: Name): number {
    return this.numbers.get(name) ?? -1;
  }

  nameOf(number: number): Name {
    const name = this.names[number];
    assert(name !== undefined, `nobody has the number ${number}`);
    return name;
  }
}
