/** What every component of a topology says about itself; services add their own fields. */
export interface ComponentSpecBase {
  /** Unique in the topology, kebab-case; flows and faults name it. */
  readonly id: string;
  /** For people; the id when left out. */
  readonly title?: string;
  /** Numbers to use instead of the component's own, by parameter name. */
  readonly parameters?: Readonly<Record<string, number>>;
}
