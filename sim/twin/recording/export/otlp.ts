import { crc32 } from "../crc32.ts";
import type { Recording } from "../recording-types.ts";

/**
 * What happened in a run as OTLP traces, a line of JSON for each component: every root cause begins a trace, every event is a
 * span below its cause that lasts until its last effect. Ids are hexadecimal and 64-bit integers text, as the protocol asks.
 */
export function recordingOtlp({ head }: Recording): string {
  const childEnd = new Map<number, number>();
  for (const event of [...head.events].reverse()) {
    const end = Math.max(event.atUs, childEnd.get(event.seq) ?? event.atUs);
    childEnd.set(event.seq, end);
    if (event.causeSeq >= 0) {
      childEnd.set(event.causeSeq, Math.max(end, childEnd.get(event.causeSeq) ?? 0));
    }
  }
  const root = new Map<number, number>();
  for (const event of head.events) root.set(event.seq, root.get(event.causeSeq) ?? event.seq);
  const run = `${head.scenario.id} ${head.seed} ${head.digest}`;
  const components = [...new Set(head.events.map(({ component }) => component))];
  const lines = components.map((component) => {
    const spans = head.events
      .filter((event) => event.component === component)
      .map((event) => ({
        traceId: hex(`${run} trace ${root.get(event.seq)}`, 4),
        spanId: hex(`${run} span ${event.seq}`, 2),
        ...(event.causeSeq < 0 ? {} : { parentSpanId: hex(`${run} span ${event.causeSeq}`, 2) }),
        name: event.kind,
        kind: 1,
        startTimeUnixNano: nanoseconds(event.atUs),
        endTimeUnixNano: nanoseconds(childEnd.get(event.seq) ?? event.atUs),
        attributes: [
          text("stormbell.stage", event.stage),
          text("stormbell.place", event.place),
          text("cloud.availability_zone", event.zone),
          { key: "stormbell.value", value: { doubleValue: event.value } },
          { key: "stormbell.seq", value: { intValue: String(event.seq) } },
        ],
      }));
    return JSON.stringify({
      resourceSpans: [
        {
          resource: {
            attributes: [
              text("service.name", component === "" ? "platform" : component),
              text("stormbell.scenario", head.scenario.id),
              text("stormbell.seed", head.seed),
            ],
          },
          scopeSpans: [{ scope: { name: "stormbell", version: head.programVersion }, spans }],
        },
      ],
    });
  });
  return lines.map((line) => `${line}\n`).join("");
}

function text(key: string, value: string) {
  return { key, value: { stringValue: value } };
}

/** Simulated time counts from the beginning of 1970: a run has no date. */
function nanoseconds(atUs: number): string {
  return `${Math.round(atUs)}000`;
}

/** So many 32-bit words in hexadecimal that follow from the text alone. */
function hex(seed: string, words: number): string {
  let digits = "";
  for (let word = 0; word < words; word += 1) {
    const bytes = Uint8Array.from(`${word} ${seed}`, (character) => character.charCodeAt(0));
    digits += crc32(bytes).toString(16).padStart(8, "0");
  }
  return digits;
}
