/** One entry of a fidelity ledger: a fact about a real system that the model follows. `Version`: how its lines are named. */
export interface LedgerRule<Version extends string = string> {
  /** `cassandra.e13`: section letter and number of the fact, or a slug for a section without numbers; `influxdb.3.4-max-age`. */
  id: string;
  /** Rises when the model's behaviour under this rule changes, so that a golden can say which rule moved. */
  revision: number;
  title: string;
  /** First and last line that it holds for; absent: the oldest, the newest. */
  since?: Version;
  until?: Version;
  /** The fact, in one to three sentences. */
  fact: string;
  /** Where it can be read: class and method, ticket, page, release notes. */
  source: string;
  /** Where the model stays short of the fact; absent where it does not. */
  simplified?: string;
  /** What the model does instead when a plan switches the rule off; absent where it cannot be switched. */
  off?: string;
  /** Why there is no switch, in a sentence, where somebody may look for one. */
  always?: string;
}

export interface LedgerSection {
  title: string;
  rules: readonly LedgerRule[];
}
