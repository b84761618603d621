/** States a cluster goes through here; `pausing` and `resuming` are seen in practice, though no list names them. */
export type ClusterStatus = 'available' | 'pausing' | 'paused' | 'resuming';

/** The one cluster of the stand-in: what it is, and whether it takes statements. */
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

  /** Moves through `during` to `after`; `work` is what has to happen meanwhile. */
  async change(
    during: 'pausing' | 'resuming',
    after: 'paused' | 'available',
    work: () => Promise<void>,
  ): Promise<void> {
    this.#status = during;
    await work();
    this.#status = after;
  }
}
