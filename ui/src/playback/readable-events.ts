/** The log as people read it: what has no title of its own is called what its service is, and no two tasks share a number. */
import type { FaultSpec } from "../../../sim/twin/faults/fault-types.ts";
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
  faults: readonly FaultSpec[] = [],
): readonly EventRecord[] {
  const lives = new InstanceLives();
  return events.map((event) => {
    const life = lives.of(event);
    const title = titleFor(event, components) ?? replicationOf(event, faults);
    if (life === 1 && title === undefined) return event;
    const known = readable.get(event);
    if (known !== undefined) return known;
    const isPlace = event.component === "";
    const named =
      title === undefined
        ? event.place
        : title + (isPlace ? "" : event.place.slice(event.component.length));
    const told = { ...event, place: placeWithLife(named, life) };
    readable.set(event, told);
    return told;
  });
}

/** `Replication from us-east-1 to eu-west-1`: the log has a zone that it comes from, the scenario both ends. */
function replicationOf(event: EventRecord, faults: readonly FaultSpec[]): string | undefined {
  if (!event.kind.startsWith("replication.")) return undefined;
  const ways = faults.flatMap((fault) =>
    fault.kind === "replication-lag" && event.zone.startsWith(fault.fromPlace)
      ? [`Replication from ${fault.fromPlace} to ${fault.toPlace}`]
      : [],
  );
  const [only] = ways;
  const isOne = only !== undefined && ways.every((way) => way === only);
  return isOne ? only : `Replication from ${event.zone}`;
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
