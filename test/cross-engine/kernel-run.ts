import { createKernel } from "../../sim/kernel/kernel.ts";

/** A run of the bare kernel in which every bit of every draw becomes part of the digest. */
export function kernelLine(): string {
  const kernel = createKernel({ seed: "cross-engine", programVersion: "cross-engine" });
  const draws = kernel.stream("golden.draws");
  const luck = kernel.keyed("golden.luck");
  const bits = new DataView(new ArrayBuffer(8));

  const observe = kernel.handler("golden.observe", () => undefined);
  const step = kernel.handler("golden.step", (count) => {
    scheduleBits(draws.uniform());
    scheduleBits(draws.normal());
    scheduleBits(luck.uniform(count, count * 7, -count));
    if (count > 0) kernel.schedule(Math.ceil(draws.exponential(1_000)), step, count - 1);
  });

  function scheduleBits(value: number): void {
    bits.setFloat64(0, value);
    const cancelled = kernel.schedule(draws.int(1_000), observe, 0, 0);
    kernel.schedule(draws.int(1_000), observe, bits.getInt32(0), bits.getInt32(4));
    kernel.cancel(cancelled);
  }

  kernel.schedule(0, step, 20_000);
  kernel.runUntil(Number.POSITIVE_INFINITY);
  return `${kernel.digest()} after ${kernel.eventCount} events at ${kernel.nowUs} us`;
}
