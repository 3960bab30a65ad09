import { expect, test } from "vitest";
import { createKernel } from "../../kernel/kernel.ts";
import { FrameStore, word } from "./frame-store.ts";

test("no field of a frame shares its memory with another, nor with a time or with the next frame's", () => {
  const store = new FrameStore(createKernel({ seed: 1, programVersion: "test" }), 2);
  const frames = [store.alloc(), store.alloc()];
  const fields = Object.values(word);
  for (const frame of frames) {
    fields.forEach((field, at) => {
      store.words[store.at(frame) + field] = 1000 * frame + at;
    });
    store.setExpiresUs(frame, 5_000_000_001 + frame);
    store.setSentUs(frame, 6_000_000_001 + frame);
    store.setDeadlineUs(frame, 7_000_000_001 + frame);
  }
  for (const frame of frames) {
    const words = fields.map((field) => store.words[store.at(frame) + field]!);
    expect(words).toEqual(fields.map((_, at) => 1000 * frame + at));
    expect([store.expiresUs(frame), store.sentUs(frame), store.deadlineUs(frame)]).toEqual([
      5_000_000_001 + frame,
      6_000_000_001 + frame,
      7_000_000_001 + frame,
    ]);
  }
});

test("a frame that is given back twice is refused", () => {
  const store = new FrameStore(createKernel({ seed: 1, programVersion: "test" }), 2);
  const frame = store.alloc();
  store.free(frame);
  expect(() => store.free(frame)).toThrow(/is not in use/);
});
