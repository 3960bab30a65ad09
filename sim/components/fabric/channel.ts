/** A figure that is sampled into the recording: a level as it stands, or a count that only grows. */
export interface Channel {
  readonly name: string;
  readonly unit: string;
  readonly kind: "level" | "count";
  /** Told nothing, not even its channel. */
  readonly read: () => number;
  /** Where the figure stands, when it is one number of an array: such a channel is read without a call. */
  readonly cell?: ChannelCell;
}

/** A number that a channel shows as it is. */
export interface ChannelCell {
  readonly values: Float64Array;
  readonly at: number;
}

/** A channel that shows one number of an array. */
export function cellChannel(
  name: string,
  unit: string,
  kind: Channel["kind"],
  cell: ChannelCell,
): Channel {
  return { name, unit, kind, cell, read: () => cell.values[cell.at]! };
}

/** A figure as it stands. */
export function levelChannel(name: string, unit: string, read: () => number): Channel {
  return { name, unit, kind: "level", read };
}

/** A figure that only grows, counted since the run began. */
export function countChannel(name: string, unit: string, read: () => number): Channel {
  return { name, unit, kind: "count", read };
}
