import type { Picture } from "../playback/picture.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { type ReplicaLink, type ReplicaPicture, replicaAt, worstOf } from "../playback/replicas.ts";
import { type FarLinks, farCallWords } from "./far-links.ts";
import { set, write } from "./map-elements.ts";
import type { ReplicaRoute } from "./replica-routes.ts";
import { replicaWords } from "./replica-words.ts";

/** A copy whose original has failed gets nothing more, however little it lacks. */
export function replicaNow(
  view: RecordingView,
  link: ReplicaLink,
  picture: Picture,
): ReplicaPicture {
  const replica = replicaAt(view, link, picture.atUs);
  const isLost = picture.components.get(link.from)?.health === "failed";
  return isLost && replica.state === "following" ? { ...replica, state: "stalled" } : replica;
}

export function updateReplicas(
  svg: SVGSVGElement,
  view: RecordingView,
  routes: readonly ReplicaRoute[],
  picture: Picture,
): void {
  for (const { key, links } of routes) {
    const element = svg.querySelector(`[data-replica="${CSS.escape(key)}"]`);
    const worst = worstOf(links.map((link) => replicaNow(view, link, picture)));
    if (element === null || worst === undefined) continue;
    const { health, short } = replicaWords(worst);
    set(element, "data-health", health);
    set(element, "data-state", worst.state);
    if (element.lastElementChild !== null) write(element.lastElementChild, short);
  }
}

/** What leads to other regions: how far each copy is behind, and how many calls go there. */
export function updateFarLinks(
  svg: SVGSVGElement,
  view: RecordingView,
  far: FarLinks,
  picture: Picture,
): void {
  for (const { key, prefix, links } of far.copies) {
    const element = svg.querySelector(`[data-far="${CSS.escape(key)}"]`);
    const worst = worstOf(links.map((each) => replicaNow(view, each, picture)));
    if (element === null || worst === undefined) continue;
    const { health, short } = replicaWords(worst);
    set(element, "data-health", health);
    write(element, `${prefix} · ${short}`);
  }
  const calls = svg.parentElement?.querySelector("[data-far-calls]") ?? null;
  if (calls !== null) write(calls, farCallWords(view, far.calls, picture));
}
