/** Recordings at the extremes of what may be opened, made from the demonstration. */
import type { Recording, RecordingHead } from "../../sim/twin/recording/recording-types.ts";

/** The same run with all its times so many times as long. */
export function stretched({ head, frames }: Recording, times: number): Recording {
  const frameStepUs = Math.max(1, Math.floor(head.frameStepUs * times));
  const scaled = withTimes(head, times) as RecordingHead;
  const durationUs = frameStepUs * (head.frameCount - 1);
  const scenario = {
    ...scaled.scenario,
    title: `${head.scenario.title}, in ${Math.round(durationUs / 1e6)} s`,
    durationSeconds: durationUs / 1e6,
    faults: head.scenario.faults.map((fault) => ({
      ...fault,
      atSeconds: fault.atSeconds * times,
    })) as typeof head.scenario.faults,
  };
  return { head: { ...scaled, scenario, durationUs, frameStepUs }, frames };
}

/** Everything that is named as an instant in microseconds, or as seconds out of service. */
function withTimes(value: unknown, times: number): unknown {
  if (Array.isArray(value)) return value.map((each) => withTimes(each, times));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const isTime =
        typeof each === "number" && each > 0 && /^(.*Us|seconds|rtoSeconds)$/.test(key);
      return [key, isTime ? Math.round(each * times) : withTimes(each, times)];
    }),
  );
}

interface Row {
  readonly channel: RecordingHead["channels"][number];
  readonly values: Recording["frames"][number];
}

/** Each channel with its values. */
function rowsOf({ head, frames }: Recording): readonly Row[] {
  return head.channels.flatMap((channel, at) => {
    const values = frames[at];
    return values === undefined ? [] : [{ channel, values }];
  });
}

function withRows(head: RecordingHead, rows: readonly Row[]): Recording {
  return {
    head: { ...head, channels: rows.map(({ channel }) => channel) },
    frames: rows.map(({ values }) => values),
  };
}

/** What is left when all but one component are taken away. */
export function withOneComponent(recording: Recording, id: string): Recording {
  const { head } = recording;
  const isLeft = ({ component }: { component: string }) => component === id || component === "";
  return withRows(
    {
      ...head,
      components: head.components.filter((each) => each.id === id),
      edges: [],
      events: head.events.filter(isLeft),
    },
    rowsOf(recording).filter(({ channel }) => isLeft(channel)),
  );
}

/** The platform with copies of one component under names of their own, until it has so many. */
export function withComponents(recording: Recording, of: string, count: number): Recording {
  const { head } = recording;
  const rows = rowsOf(recording);
  const ids = Array.from(
    { length: count - head.components.length },
    (_, at) => `${letters(at)}-${of}`,
  );
  const copiesOf = <Each>(each: Each, isOriginal: boolean, named: (id: string) => Partial<Each>) =>
    isOriginal ? [each, ...ids.map((id) => ({ ...each, ...named(id) }))] : [each];
  return withRows(
    {
      ...head,
      components: head.components.flatMap((each) =>
        copiesOf(each, each.id === of, (id) => ({ id, title: `Service ${id.slice(0, 2)}` })),
      ),
      edges: head.edges.flatMap((each) => copiesOf(each, each.to === of, (id) => ({ to: id }))),
    },
    rows.concat(
      rows
        .filter(({ channel }) => channel.component === of)
        .flatMap(({ channel, values }) =>
          ids.map((id) => ({ channel: { ...channel, component: id }, values })),
        ),
    ),
  );
}

/** `aa`, `ab`, …: a number at the end would make them copies of one. */
function letters(at: number): string {
  return String.fromCharCode(97 + Math.floor(at / 26), 97 + (at % 26));
}

/** The same run whose scenario and components are called something else. */
export function withTitles(
  { head, frames }: Recording,
  titleOf: (title: string, at: number) => string,
): Recording {
  return {
    head: {
      ...head,
      scenario: { ...head.scenario, title: titleOf(head.scenario.title, 0) },
      components: head.components.map((each, at) => ({ ...each, title: titleOf(each.title, at) })),
    },
    frames,
  };
}
