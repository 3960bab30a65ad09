import type { Channel } from "../components/fabric/channel.ts";
import type { HandlerId, Kernel } from "../kernel/kernel.ts";
import type { ChannelRecord } from "./results-types.ts";

/** Fewest microseconds between frames. */
const frameStepUsMin = 100_000;
/** Most frames of a recording. */
const framesMax = 7_200;
/** Frames that are kept one after the other until they go, channel by channel, to where they are read. */
const rowsMax = 16;

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
  readonly #frames: readonly (Float32Array | Float64Array)[];
  /** Number of the first of the last frames, which are not yet in `frames`. Not run state. */
  #rowsFrom = 0;
  /** How many they are. Not run state. */
  #rowCount = 0;
  /** Their values, frame by frame. */
  readonly #rows: Float64Array;
  /** Arrays that channels show cells of, then for each such channel: its number, the array's and the cell's. */
  readonly #cellArrays: readonly Float64Array[];
  readonly #cells: Int32Array;
  /** Numbers of the channels that are computed, and what computes each. */
  readonly #computed: Int32Array;
  readonly #reads: readonly (() => number)[];
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
    this.#frames = channels.map(({ channel }) =>
      channel.kind === "level"
        ? new Float32Array(this.#frameCount)
        : new Float64Array(this.#frameCount),
    );
    this.#rows = new Float64Array(rowsMax * channels.length);
    const inCells = channels.flatMap(({ channel: { cell } }, at) =>
      cell === undefined ? [] : [{ ...cell, channel: at }],
    );
    this.#cellArrays = [...new Set(inCells.map(({ values }) => values))];
    this.#cells = Int32Array.from(
      inCells.flatMap(({ values, at, channel }) => [channel, this.#cellArrays.indexOf(values), at]),
    );
    this.#computed = Int32Array.from(
      [...channels.keys()].filter((at) => channels[at]!.channel.cell === undefined),
    );
    this.#reads = Array.from(this.#computed, (at) => channels[at]!.channel.read);
    this.#sample = kernel.handler("recorder.sample", () => this.#takeFrame());
  }

  /** What was recorded so far, by channel. */
  get frames(): readonly (Float32Array | Float64Array)[] {
    this.#flush();
    return this.#frames;
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
      // A restored run goes on elsewhere than after the last frame.
      if (this.#rowCount === rowsMax || frame !== this.#rowsFrom + this.#rowCount) this.#flush();
      if (this.#rowCount === 0) this.#rowsFrom = frame;
      this.#takeRow(this.#rowCount * this.channels.length);
      this.#rowCount += 1;
    }
    this.#kernel.schedule(this.frameStepUs, this.#sample);
  }

  #takeRow(from: number): void {
    const rows = this.#rows;
    const cells = this.#cells;
    for (let at = 0; at < cells.length; at += 3) {
      rows[from + cells[at]!] = this.#cellArrays[cells[at + 1]!]![cells[at + 2]!]!;
    }
    const computed = this.#computed;
    for (let at = 0; at < computed.length; at += 1) {
      rows[from + computed[at]!] = this.#reads[at]!();
    }
  }

  #flush(): void {
    const channelCount = this.#frames.length;
    for (let at = 0; at < channelCount; at += 1) {
      const own = this.#frames[at]!;
      for (let row = 0; row < this.#rowCount; row += 1) {
        own[this.#rowsFrom + row] = this.#rows[row * channelCount + at]!;
      }
    }
    this.#rowCount = 0;
  }
}
