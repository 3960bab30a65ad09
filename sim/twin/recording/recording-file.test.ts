import fc from "fast-check";
import { expect, test } from "vitest";
import { TwinError } from "../../errors/twin-error.ts";
import { crc32 } from "./crc32.ts";
import { decodeRecording, encodeRecording, recordingFormatVersion } from "./recording-file.ts";
import type { Recording } from "./recording-types.ts";
import { sampleRecording } from "./sample-recording.ts";

const anyLevel = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.float(), fc.constant(-0));
const anyCount = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.maxSafeInteger(), fc.double());

/** Channels of every shape: constant, growing, noisy, with infinities and NaN among the numbers. */
const anyRecording = fc
  .record({
    frameCount: fc.integer({ min: 0, max: 40 }),
    kinds: fc.array(fc.constantFrom("level" as const, "count" as const), { maxLength: 5 }),
    title: fc.string({ unit: "binary" }),
  })
  .chain(({ frameCount, kinds, title }) =>
    fc
      .tuple(
        ...kinds.map((kind) =>
          fc
            .array(kind === "level" ? anyLevel : anyCount, {
              minLength: frameCount,
              maxLength: frameCount,
            })
            .map((values) =>
              kind === "level" ? Float32Array.from(values) : Float64Array.from(values),
            ),
        ),
      )
      .map((frames): Recording => {
        const { head } = sampleRecording();
        const channels = kinds.map((kind, index) => ({
          component: "",
          name: `${title}${index}`,
          unit: "",
          kind,
        }));
        return {
          head: { ...head, frameCount, channels, scenario: { ...head.scenario, title } },
          frames,
        };
      }),
  );

test("a recording comes back from its bytes bit by bit", () => {
  fc.assert(
    fc.property(anyRecording, (recording) => {
      const back = decodeRecording(encodeRecording(recording));
      expect(back.head).toEqual(recording.head);
      expect(back.frames.map(bytesOf)).toEqual(recording.frames.map(bytesOf));
    }),
    { numRuns: 300 },
  );
});

test("text beyond ASCII, and halves of it, come back", () => {
  const title = `naïve € 😀 \ud800 end ${"ü".repeat(20_000)}`;
  const { head } = sampleRecording();
  const back = decodeRecording(
    encodeRecording(sampleRecording({ scenario: { ...head.scenario, title } })),
  );
  expect(back.head.scenario.title).toBe(title);
});

test("a recording with any byte flipped is refused", () => {
  const whole = encodeRecording(sampleRecording());
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flips) => {
        const damaged = whole.slice();
        damaged[at] = damaged[at]! ^ flips;
        expect(codeOf(damaged)).toMatch(/^recording\.(damaged|truncated|foreign)$/);
      },
    ),
    { numRuns: 500 },
  );
});

test("a recording that is cut anywhere is refused", () => {
  const whole = encodeRecording(sampleRecording({ events: [] }));
  expect(codeOf(whole.subarray(0, 0))).toBe("recording.foreign");
  for (let length = 1; length < whole.length; length += 7) {
    expect(codeOf(whole.subarray(0, length))).toBe("recording.truncated");
  }
});

test("a recording with something behind its end is refused", () => {
  const whole = encodeRecording(sampleRecording());
  expect(codeOf(Uint8Array.of(...whole, 0))).toBe("recording.damaged");
});

test("a whole recording of a newer format asks for an update", () => {
  const newer = encodeRecording(sampleRecording());
  newer[8] = recordingFormatVersion + 1;
  new DataView(newer.buffer).setUint32(newer.length - 4, crc32(newer.subarray(0, -4)), true);
  expect(codeOf(newer)).toBe("recording.newer");
});

test("a compressed or foreign file is named as such, with the name that the user knows", () => {
  expect(codeOf(Uint8Array.of(0x1f, 0x8b, 8, 0))).toBe("recording.compressed");
  expect(() => decodeRecording(Uint8Array.of(1, 2, 3), "orders.csv")).toThrow(
    expect.objectContaining({ code: "recording.foreign", at: "orders.csv" }),
  );
});

test("a checksum that fits does not make nonsense a recording", () => {
  const whole = encodeRecording(sampleRecording({ frameCount: 0, channels: [] }));
  const shorter = new Uint8Array(whole.length - 1);
  shorter.set(whole.subarray(0, -5));
  const view = new DataView(shorter.buffer);
  view.setUint32(10, shorter.length, true);
  view.setUint32(shorter.length - 4, crc32(shorter.subarray(0, -4)), true);
  expect(codeOf(shorter)).toBe("recording.damaged");
});

test("a number that JSON would lose is a bug of ours, found when the recording is written", () => {
  expect(() => encodeRecording(sampleRecording({ durationUs: Number.NaN }))).toThrow(/durationUs/);
});

test("an hour of forty quiet channels takes little more than its head", () => {
  const { head } = sampleRecording();
  const channels = Array.from({ length: 40 }, (_, index) => ({
    ...head.channels[0]!,
    name: `level-${index}`,
  }));
  const quiet = channels.map(() => new Float32Array(3600).fill(4));
  const withFrames = encodeRecording({
    head: { ...head, channels, frameCount: 3600 },
    frames: quiet,
  });
  const without = encodeRecording({
    head: { ...head, channels, frameCount: 0 },
    frames: channels.map(() => new Float32Array()),
  });
  expect(withFrames.length - without.length).toBeLessThan(40 * 8);
});

function codeOf(bytes: Uint8Array): string {
  try {
    decodeRecording(bytes);
  } catch (error) {
    if (error instanceof TwinError) return error.code;
    throw error;
  }
  return "no error";
}

function bytesOf(values: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
