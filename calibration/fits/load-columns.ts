/** Names that load tests give to their columns. */
import type { ColumnRole } from "../tables/columns.ts";

export const loadColumn: ColumnRole = {
  what: "load (concurrency)",
  names: [
    /^(load|n|concurrency|users|clients|vusers|virtual_users|threads|processors|processes|cpus|cores|connections|population|level)$/,
    /^(num|number_of|n|concurrent|active)_?(users|clients|threads|processors|connections|workers|requests)$/,
    /(concurrency|users|clients|processors|virtual_users|connections|workers)/,
    /^load/,
  ],
};

export const throughputColumn: ColumnRole = {
  what: "throughput",
  names: [
    /^(throughput|x|tps|rps|qps|x_n)$/,
    /^(requests?|reqs?|transactions?|queries|ops|operations|calls|pages)_?(per|\/)?_?(s|sec|second|min|minute|hour)$/,
    /throughput/,
    /(^|_)(rps|tps|qps)($|_)|per_s(ec(ond)?)?$/,
    /^(rate|speed|speedup|achieved|completed)$/,
  ],
};
