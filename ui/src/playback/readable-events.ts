/** The log as people read it: what has no title of its own is called what its service is, and no two tasks share a number. */
import type { EventRecord } from "../../../sim/twin/results-types.ts";

interface Titled {
  readonly id: string;
  readonly title: string;
}

const instanceNumber = / #(\d+)(?= |$)/;
/** A task or a host that begins anew, under a number that an earlier one may have had. */
const launched = /\.(task|host)-launched$/;

/**
 * Numbers of instances are given again when an instance is gone: the second that is called `#44` is `#44.2` here. An event
 * keeps the record it was given before, so that a log which grows is not read anew.
 */
export function readableEvents(
  events: readonly EventRecord[],
  components: ReadonlyMap<string, Titled>,
): readonly EventRecord[] {
  const lives = new Map<string, number>();
  return events.map((event) => {
    const life = lifeOf(event, lives);
    const title = titleFor(event, components);
    if (life === 1 && title === undefined) return event;
    const known = readable.get(event);
    if (known !== undefined) return known;
    const named =
      title === undefined ? event.place : title + event.place.slice(event.component.length);
    const place = life === 1 ? named : named.replace(instanceNumber, ` #$1.${life}`);
    const told = { ...event, place };
    readable.set(event, told);
    return told;
  });
}

/** The how many-th instance of its number an event is about; 1 for what is about none. `lives` are those so far. */
function lifeOf(event: EventRecord, lives: Map<string, number>): number {
  const [, number] = instanceNumber.exec(event.place) ?? [];
  if (number === undefined) return 1;
  const before = lives.get(number);
  const life = launched.test(event.kind) ? (before ?? 0) + 1 : (before ?? 1);
  lives.set(number, life);
  return life;
}

/** Title of the component by whose id an event calls its place; undefined where the place says more already. */
function titleFor(event: EventRecord, components: ReadonlyMap<string, Titled>): string | undefined {
  if (!isCalledById(event)) return undefined;
  const title = components.get(event.component)?.title;
  return title === event.component ? undefined : title;
}

/** Whether the place begins with the component's id, for want of a title. */
function isCalledById({ place, component }: EventRecord): boolean {
  return component !== "" && (place === component || place.startsWith(`${component} `));
}

const readable = new WeakMap<EventRecord, EventRecord>();
