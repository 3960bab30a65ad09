import type { Channel } from "../components/fabric/component.ts";
import type { HandlerId, Kernel } from "../kernel/kernel.ts";
import type { ChannelRecord } from "./results-types.ts";

/** Fewest microseconds between frames. */
const frameStepUsMin = 100_000;
/** Most frames of a recording. */
const framesMax = 7_200;

/** A channel with the component it belongs to; the run's own channels belong to none. */
export interface RecordedChannel {
  readonly component: string;
  readonly channel: Channel;
}

/**
 * Samples every channel at a fixed step. Frames are output: nothing in the simulation reads them, and a restored
 * simulation writes its own from where it stands.
 */
export class Recorder {
  readonly frameStepUs: number;
  readonly channels: readonly RecordedChannel[];
  readonly frames: readonly (Float32Array | Float64Array)[];
  readonly #kernel: Kernel;
  readonly #frameCount: number;
  readonly #sample: HandlerId;
  readonly #prepare: () => void;

  /** `prepare` is called before each frame, for figures that are added up over many things at once. */
  constructor(
    kernel: Kernel,
    channels: readonly RecordedChannel[],
    durationUs: number,
    prepare: () => void,
  ) {
    this.#kernel = kernel;
    this.#prepare = prepare;
    this.channels = channels;
    this.frameStepUs = Math.max(frameStepUsMin, Math.ceil(durationUs / framesMax));
    this.#frameCount = Math.floor(durationUs / this.frameStepUs) + 1;
    this.frames = channels.map(({ channel }) =>
      channel.kind === "level"
        ? new Float32Array(this.#frameCount)
        : new Float64Array(this.#frameCount),
    );
    this.#sample = kernel.handler("recorder.sample", () => this.#takeFrame());
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  start(): void {
    this.#kernel.schedule(0, this.#sample);
  }

  /** Takes over what another run recorded before the present instant. */
  adopt(frames: readonly (Float32Array | Float64Array)[]): void {
    const count = Math.floor(this.#kernel.nowUs / this.frameStepUs) + 1;
    this.frames.forEach((own, at) => {
      own.set(frames[at]!.subarray(0, Math.min(count, own.length)));
    });
  }

  records(): readonly ChannelRecord[] {
    return this.channels.map(({ component, channel }) => ({
      component,
      name: channel.name,
      unit: channel.unit,
      kind: channel.kind,
    }));
  }

  #takeFrame(): void {
    const frame = Math.round(this.#kernel.nowUs / this.frameStepUs);
    if (frame < this.#frameCount) {
      this.#prepare();
      for (let at = 0; at < this.channels.length; at += 1) {
        this.frames[at]![frame] = this.channels[at]!.channel.read();
      }
    }
    this.#kernel.schedule(this.frameStepUs, this.#sample);
  }
}
