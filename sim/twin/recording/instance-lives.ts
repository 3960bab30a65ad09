/** Numbers of instances are given again when an instance is gone; those that had one, one after the other, are told apart here. */
import type { EventRecord } from "../results-types.ts";

const instanceNumber = / #(\d+)(?= |$)/;
/** A task or a host that begins anew, under a number that an earlier one may have had. */
const launched = /\.(task|host)-launched$/;

/** Which instance of its number each event of a log is about; to be asked in the order of the log. */
export class InstanceLives {
  readonly #lives = new Map<string, number>();

  /** 1 for what is about the first of its number, or about none. */
  of({ place, kind }: EventRecord): number {
    const [, number] = instanceNumber.exec(place) ?? [];
    if (number === undefined) return 1;
    const before = this.#lives.get(number);
    const life = launched.test(kind) ? (before ?? 0) + 1 : (before ?? 1);
    this.#lives.set(number, life);
    return life;
  }
}

/** The place of an event with the number of its instance told apart: the second that is called `#44` is `#44.2`. */
export function placeWithLife(place: string, life: number): string {
  return life === 1 ? place : place.replace(instanceNumber, ` #$1.${life}`);
}
