import type { Picture } from "../playback/picture.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { type ReplicaLink, type ReplicaPicture, replicaAt, worstOf } from "../playback/replicas.ts";
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
