import type { ColumnArrays, Columns, Kernel, Level, Pool } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";

/** Entities of one kind, each a whole number, with what is known of each in columns. Made by `simulation.entities`. */
export class Entities<C extends Columns> {
  /** The name they were assembled with. */
  readonly name: string;
  /** What is known of each entity; a new one begins with zeros. */
  readonly column: ColumnArrays<C>;
  /** Entities that exist. */
  readonly present: Level;
  private readonly pool: Pool<C>;

  constructor(kernel: Kernel, name: string, columns: C, entitiesMax: number) {
    this.name = name;
    this.pool = kernel.pool(`${name} entities`, columns, { slotsMax: entitiesMax });
    this.column = this.pool.column;
    this.present = kernel.level(`${name} present`);
  }

  /** A new entity. Throws `kernel.entities-max` when all exist. */
  create(): number {
    const entity = this.pool.alloc();
    if (entity === none) {
      throw new KernelError({
        code: "kernel.entities-max",
        problem: `All ${this.pool.slotsMax} exist`,
        remedy:
          "Raise entitiesMax, remove entities that have left, or look for a load that cannot be served",
        at: this.name,
      });
    }
    for (const name in this.column) this.column[name][entity] = 0;
    this.present.add(1);
    return entity;
  }

  /** Whether an entity exists. */
  exists(entity: number): boolean {
    return this.pool.isUsed(entity);
  }

  /** An entity leaves; its number will be used again. Throws `kernel.entity-unknown` when it does not exist. */
  remove(entity: number): void {
    if (!this.pool.isUsed(entity)) {
      throw new KernelError({
        code: "kernel.entity-unknown",
        problem: `Entity ${entity} was removed although it does not exist`,
        remedy: "Remove what create() returned, once",
        at: this.name,
      });
    }
    this.pool.free(entity);
    this.present.add(-1);
  }
}
