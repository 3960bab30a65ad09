/** A place on the map, in its own units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
