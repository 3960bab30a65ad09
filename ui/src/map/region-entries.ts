/** Where names lead users: the calls that enter each region from outside, and whether anything there can answer them. */
import { numberText } from "../playback/number-text.ts";
import type { Picture } from "../playback/picture.ts";
import { type RecordingView, rateAt } from "../playback/recording-view.ts";
import type { MapLayout } from "./layout.ts";
import { set, write } from "./map-elements.ts";
import type { PairRoutes } from "./routes.ts";

export interface RegionEntry {
  readonly region: string;
  /** Channels that count the calls from outside every region. */
  readonly channels: readonly number[];
  readonly pairs: readonly string[];
}

export function pairKey({ from, to }: Pick<PairRoutes, "from" | "to">): string {
  return `${from.id}>${to.id}`;
}

export function createRegionEntries(
  layout: MapLayout,
  pairs: readonly PairRoutes[],
): readonly RegionEntry[] {
  return layout.regions.map(({ id }) => {
    const own = pairs.filter(({ from, to }) => from.region === "" && to.region === id);
    return {
      region: id,
      channels: own.flatMap(({ channels }) => channels),
      pairs: own.map(pairKey),
    };
  });
}

export function updateRegions(
  svg: SVGSVGElement,
  view: RecordingView,
  entries: readonly RegionEntry[],
  picture: Picture,
): void {
  for (const { region, channels, pairs } of entries) {
    const words = svg.querySelector(`[data-region-words="${CSS.escape(region)}"]`);
    const rate = channels.reduce(
      (sum, channel) => sum + Math.max(0, rateAt(view, channel, picture.frame)),
      0,
    );
    const own = view.head.zones.filter((zone) => zone.region === region);
    const isLost =
      own.length > 0 && own.every(({ id }) => picture.zones.get(id)?.health === "failed");
    const lead = rate < 0.5 ? "none" : isLost ? "stale" : "led";
    if (words !== null) {
      set(words, "data-lead", lead);
      write(words, leadWords(lead, rate));
    }
    for (const key of pairs) {
      const path = svg.querySelector(`[data-pair="${CSS.escape(key)}"]`);
      if (path !== null) set(path, "data-lead", lead);
    }
  }
}

function leadWords(lead: "none" | "stale" | "led", rate: number): string {
  if (lead === "none") return "DNS leads nobody here";
  const calls = `${numberText(Math.round(rate))} calls/s`;
  return lead === "stale" ? `DNS still leads ${calls} here` : `${calls} from DNS`;
}
