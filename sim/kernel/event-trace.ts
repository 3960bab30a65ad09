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
  readonly capacity: number;
  private readonly times: Float64Array;
  private readonly words: Int32Array;
  private count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.times = new Float64Array(capacity);
    this.words = new Int32Array(capacity * 4);
  }

  add(atUs: number, handler: number, a: number, b: number, c: number): void {
    const place = this.count % this.capacity;
    this.count += 1;
    this.times[place] = atUs;
    this.words[place * 4] = handler;
    this.words[place * 4 + 1] = a;
    this.words[place * 4 + 2] = b;
    this.words[place * 4 + 3] = c;
  }

  /** Oldest first. */
  list(nameOf: (handler: number) => string): TracedEvent[] {
    const length = Math.min(this.count, this.capacity);
    return Array.from({ length }, (_, i) => {
      const place = (this.count - length + i) % this.capacity;
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
