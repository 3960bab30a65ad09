import type { ComponentSpecBase } from "../fabric/component-spec.ts";

export type AuroraInstanceSize =
  | "large"
  | "xlarge"
  | "2xlarge"
  | "4xlarge"
  | "8xlarge"
  | "16xlarge";

/** An Aurora PostgreSQL cluster: one writer, readers, and one storage volume over three zones. */
export interface AuroraSpec extends ComponentSpecBase {
  readonly service: "aurora";
  /** Class of every instance of the cluster. */
  readonly instanceClass: `db.r6g.${AuroraInstanceSize}` | "db.serverless";
  /** Bounds of each instance of a serverless cluster (Aurora Serverless v2); needed with `db.serverless`, and only there. */
  readonly serverless?: ServerlessSpec;
  readonly writerZone: string;
  /** Zones of the readers, in the order in which they would be promoted (tier). */
  readonly readerZones: readonly string[];
  /** The three zones of the storage volume. When left out: the first three of the writer's region. */
  readonly storageZones?: readonly string[];
  /**
   * Cluster in another region that this one is a secondary of (Aurora Global Database): it takes no writes until it is
   * promoted, and then lacks what had not been replicated.
   */
  readonly secondaryOf?: string;
  /**
   * Cluster in another region of whose backups copies are kept here. There is no cluster before people restore one from them;
   * what was written since the last copy is not in it.
   */
  readonly backupOf?: string;
}

/** Capacity in ACUs (2 GiB of memory and the CPU that goes with it), in steps of a half. */
export interface ServerlessSpec {
  readonly acuMin: number;
  readonly acuMax: number;
  /** ACUs when the run begins; the least when left out. */
  readonly acuAtStart?: number;
}
