import type { ClaimRule } from "./claim-types.ts";
import { costRules } from "./rules/cost-rules.ts";
import { currentRules } from "./rules/current-rules.ts";
import { phase1Rules } from "./rules/phase-1-rules.ts";
import { phase2Rules } from "./rules/phase-2-rules.ts";
import { recoveryRules } from "./rules/recovery-rules.ts";
import { spikeRules } from "./rules/spike-rules.ts";
import { treeRules } from "./rules/tree-rules.ts";
import { triggerRules } from "./rules/trigger-rules.ts";

/** One rule for each claim, by its id. */
export const claimRules: Readonly<Record<string, ClaimRule>> = {
  ...currentRules,
  ...phase1Rules,
  ...phase2Rules,
  ...costRules,
  ...treeRules,
  ...triggerRules,
  ...recoveryRules,
  ...spikeRules,
};
