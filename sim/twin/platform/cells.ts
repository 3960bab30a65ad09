import type { ComponentSpec } from "../topology-types.ts";
import type { Copy } from "./copies.ts";

/** Services whose instances are the platform's own, so that a cell can lose them; managed ones span all cells. */
const ownServices: ReadonlySet<ComponentSpec["service"]> = new Set([
  "aurora",
  "aurora-limitless",
  "ec2-capacity-provider",
  "ecs-fargate",
  "elasticache",
]);

/**
 * Components that serve the users of a cell. A cell is what users are divided into when the tasks that serve them are divided
 * (`partitions` by user): the parts of that number of everything that is divided alike.
 */
export function componentsOfCell(copies: readonly Copy[], cell: number): readonly string[] {
  return copies
    .filter(
      ({ by, partition, declared }) =>
        by === "user" && partition === cell && ownServices.has(declared.service),
    )
    .map(({ id }) => id);
}

/** How many cells there are: into how many parts the tasks that serve users are divided; 0 when they aren't. */
export function cellCount(copies: readonly Copy[]): number {
  return copies.reduce(
    (most, { by, partition, declared }) =>
      by === "user" && declared.service === "ecs-fargate" ? Math.max(most, partition) : most,
    0,
  );
}
