/** One executed event, for a reader who looks for what led to a failure. */
export interface TracedEvent {
  /** When it ran, in whole microseconds. */
  readonly atUs: number;
  /** The name of its handler or step. */
  readonly handler: string;
  /** Its first argument; of a step, the entity. */
  readonly a: number;
  /** Its second argument; of a step, the value. */
  readonly b: number;
  /** Its third argument. */
  readonly c: number;
}

/** The last few executed events. It is no part of the state: a snapshot does not hold it and a run does not see it. */
export class EventTrace {
  /** A power of two, so that a mask finds the place. */
  readonly capacity: number;
  private readonly times: Float64Array;
  private readonly words: Int32Array;
  private nextPlace = 0;

  constructor(capacity: number) {
    let rounded = capacity > 0 ? 1 : 0;
    while (rounded < capacity) rounded *= 2;
    this.capacity = rounded;
    this.times = new Float64Array(rounded).fill(Number.NaN);
    this.words = new Int32Array(rounded * 4);
  }

  add(atUs: number, handler: number, a: number, b: number, c: number): void {
    const place = this.nextPlace;
    this.nextPlace = (place + 1) & (this.capacity - 1);
    this.times[place] = atUs;
    const words = this.words;
    const base = place << 2;
    words[base] = handler;
    words[base + 1] = a;
    words[base + 2] = b;
    words[base + 3] = c;
  }

  /** Oldest first. */
  list(nameOf: (handler: number) => string): TracedEvent[] {
    const events: TracedEvent[] = [];
    for (let i = 0; i < this.capacity; i += 1) {
      const place = (this.nextPlace + i) & (this.capacity - 1);
      const atUs = this.times[place]!;
      if (Number.isNaN(atUs)) continue;
      const [handler, a, b, c] = this.words.subarray(place * 4);
      events.push({ atUs, handler: nameOf(handler!), a: a!, b: b!, c: c! });
    }
    return events;
  }
}
