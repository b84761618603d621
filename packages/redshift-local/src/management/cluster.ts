/** States a cluster goes through here; `pausing` and `resuming` occur in practice, although AWS's list does not have them. */
export type ClusterStatus = 'available' | 'pausing' | 'paused' | 'resuming' | 'modifying';

/** The one cluster of the stand-in: its properties, and whether it accepts statements. */
export class Cluster {
  readonly identifier: string;
  readonly database: string;
  readonly masterUser: string;
  readonly region: string;
  readonly roleArns: readonly string[];
  /** Where SQL clients connect. */
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly createdAtMs = Date.now();
  #status: ClusterStatus = 'available';

  constructor(facts: Pick<Cluster, 'identifier' | 'database' | 'masterUser' | 'region' | 'roleArns' | 'endpoint'>) {
    this.identifier = facts.identifier;
    this.database = facts.database;
    this.masterUser = facts.masterUser;
    this.region = facts.region;
    this.roleArns = facts.roleArns;
    this.endpoint = facts.endpoint;
  }

  get status(): ClusterStatus {
    return this.#status;
  }

  /** Moves through `during` to `after`; `work` runs meanwhile. */
  async change(
    during: 'pausing' | 'resuming' | 'modifying',
    after: 'paused' | 'available',
    work: () => Promise<void>,
  ): Promise<void> {
    this.#status = during;
    try {
      await work();
    } finally {
      this.#status = after;
    }
  }
}
