/** One executed event, for a reader who looks for what led to a failure. */
export interface TracedEvent {
  readonly atUs: number;
  readonly handler: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** The last few executed events. It is no part of the state: a snapshot does not hold it and a run does not see it. */
export class EventTrace {
  /** A power of two, so that a mask finds the place. */
  readonly capacity: number;
  private readonly times: Float64Array;
  private readonly words: Int32Array;
  private nextPlace = 0;
  private length = 0;

  constructor(capacity: number) {
    let rounded = capacity > 0 ? 1 : 0;
    while (rounded < capacity) rounded *= 2;
    this.capacity = rounded;
    this.times = new Float64Array(rounded);
    this.words = new Int32Array(rounded * 4);
  }

  add(atUs: number, handler: number, a: number, b: number, c: number): void {
    const place = this.nextPlace;
    this.nextPlace = (place + 1) & (this.capacity - 1);
    if (this.length < this.capacity) this.length += 1;
    this.times[place] = atUs;
    this.words[place * 4] = handler;
    this.words[place * 4 + 1] = a;
    this.words[place * 4 + 2] = b;
    this.words[place * 4 + 3] = c;
  }

  /** Oldest first. */
  list(nameOf: (handler: number) => string): TracedEvent[] {
    return Array.from({ length: this.length }, (_, i) => {
      const place = (this.nextPlace - this.length + i) & (this.capacity - 1);
      return {
        atUs: this.times[place]!,
        handler: nameOf(this.words[place * 4]!),
        a: this.words[place * 4 + 1]!,
        b: this.words[place * 4 + 2]!,
        c: this.words[place * 4 + 3]!,
      };
    });
  }
}
