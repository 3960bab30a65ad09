/** The log as people read it: what has no title of its own is called what its service is, and no two tasks share a number. */
import { InstanceLives, placeWithLife } from "../../../sim/twin/recording/instance-lives.ts";
import type { EventRecord } from "../../../sim/twin/results-types.ts";

interface Titled {
  readonly id: string;
  readonly title: string;
}

/**
 * Numbers of instances are given again when an instance is gone: the second that is called `#44` is `#44.2` here. An event
 * keeps the record it was given before, so that a log which grows is not read anew.
 */
export function readableEvents(
  events: readonly EventRecord[],
  components: ReadonlyMap<string, Titled>,
): readonly EventRecord[] {
  const lives = new InstanceLives();
  return events.map((event) => {
    const life = lives.of(event);
    const title = titleFor(event, components);
    if (life === 1 && title === undefined) return event;
    const known = readable.get(event);
    if (known !== undefined) return known;
    const named =
      title === undefined ? event.place : title + event.place.slice(event.component.length);
    const told = { ...event, place: placeWithLife(named, life) };
    readable.set(event, told);
    return told;
  });
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
