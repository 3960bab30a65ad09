/** What the shell learns. Never 0 with nothing checked. */
export const exitCode = {
  /** Every objective was met, or there was none to judge. */
  met: 0,
  /** The run was sound, and an objective was missed. */
  missed: 1,
  /** A mistake in the input or in the command line. */
  badInput: 2,
  /** A bug of ours, or a run that did not repeat. */
  internal: 3,
  /** 128 + 2 and 128 + 15, as shells expect. */
  interrupted: 130,
  terminated: 143,
} as const;
