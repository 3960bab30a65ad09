/** Sizes of what stands on the map, in its own units. */
export type Density = "full" | "slim" | "compact";

export interface Metrics {
  readonly density: Density;
  readonly cardWidth: number;
  readonly cardHeight: number;
  readonly cardGap: number;
  readonly zoneColumns: number;
  readonly zoneGap: number;
  readonly zonePadding: number;
  readonly zoneHeader: number;
  readonly gutter: number;
  readonly stripColumns: number;
}

export const detailed: Metrics = {
  density: "full",
  cardWidth: 148,
  cardHeight: 56,
  cardGap: 12,
  zoneColumns: 2,
  zoneGap: 32,
  zonePadding: 10,
  zoneHeader: 24,
  gutter: 40,
  stripColumns: 6,
};

/** One region where two maps share the room. */
export const halved: Metrics = {
  density: "compact",
  cardWidth: 124,
  cardHeight: 26,
  cardGap: 8,
  zoneColumns: 2,
  zoneGap: 26,
  zonePadding: 8,
  zoneHeader: 20,
  gutter: 26,
  stripColumns: 6,
};

export const compact: Metrics = {
  density: "compact",
  cardWidth: 108,
  cardHeight: 24,
  cardGap: 6,
  zoneColumns: 1,
  zoneGap: 12,
  zonePadding: 8,
  zoneHeader: 22,
  gutter: 20,
  stripColumns: 3,
};

/** One region on a page as narrow as a telephone: a zone is one card wide, and names are as large as on a wide page. */
export const slim: Metrics = {
  density: "slim",
  cardWidth: 104,
  cardHeight: 38,
  cardGap: 8,
  zoneColumns: 1,
  zoneGap: 24,
  zonePadding: 6,
  zoneHeader: 22,
  gutter: 24,
  stripColumns: 3,
};

/** Height of a small card that has room for its state in words under its title. */
export const twoLines = 38;
