import { randomUUID } from 'node:crypto';
import { createClients } from '../aws/clients.ts';
import { createRedshiftWarehouse } from '../aws/redshift-warehouse.ts';
import { createS3ObjectStore } from '../aws/s3-object-store.ts';
import { openSqlLibrary } from '../loaders/sql-library.ts';
import { realClock, realRandom } from './real.ts';
import type { AwsClients } from '../aws/clients.ts';
import type { ObjectStore, Warehouse } from '../core/ports.ts';
import type { SqlLibrary } from '../loaders/sql-library.ts';
import type { BaseConfig, Config } from './config.ts';

/** What commands work with. `close` lets go of all connections; nothing is held open otherwise. */
export type Parts = {
  readonly clients: AwsClients;
  readonly store: ObjectStore;
  readonly library: SqlLibrary;
  close(): void;
};

/** The one place where the outside and the decisions of `core` are joined. Connects to nothing yet. */
export function openParts(config: BaseConfig): Parts {
  const clients = createClients(config.region);
  return {
    clients,
    store: createS3ObjectStore(clients.s3),
    library: openSqlLibrary(),
    close: () => clients.destroy(),
  };
}

export function openWarehouse(parts: Parts, config: Config<'warehouse'>): Warehouse {
  return createRedshiftWarehouse({
    client: parts.clients.redshiftData,
    target: config.warehouse,
    clock: realClock,
    random: realRandom,
  });
}

/** A short name for one run of a command, for its files and statements: twelve letters and digits, never used again. */
export function newRunId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 12);
}
