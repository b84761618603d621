import { realClock, realRandom } from '../src/app/real.ts';
import type { AwsClients } from '../src/aws/clients.ts';
import { createClients } from '../src/aws/clients.ts';
import { createS3ObjectStore } from '../src/aws/s3-object-store.ts';
import { batchNow } from '../src/core/batch-id.ts';
import type { Batch } from '../src/core/load.ts';
import type { ObjectStore, Warehouse } from '../src/core/ports.ts';
import type { RouteSettings } from '../src/core/route.ts';
import type { LoadParts } from '../src/loaders/load-context.ts';
import { openSqlLibrary } from '../src/sql/sql-library.ts';
import { stackWarehouse } from '../test/support/stack-warehouse.ts';
import { loadSettings } from './load-settings.ts';

/** The embedded stack as the loader sees it. */
export type LoaderWorld = {
  readonly s3: AwsClients['s3'];
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  readonly route: RouteSettings;
  readonly roleArn: string;
  /** @param schema in which the tables are. */
  readonly loadParts: (schema: string) => LoadParts & { readonly warehouse: Warehouse };
  readonly close: () => void;
};

/** @param environment of the stack; becomes this process's, too, because the AWS SDK reads it there. */
export function openWorld(environment: Readonly<Record<string, string | undefined>>): LoaderWorld {
  Object.assign(process.env, environment);
  const setting = (name: string): string => environment[name] ?? '';
  const clients = createClients(setting('AWS_REGION'));
  const store = createS3ObjectStore(clients.s3);
  const warehouse = stackWarehouse(clients.redshiftData, environment);
  const roleArn = setting('SPARKIFY_COPY_ROLE_ARN');
  const settings = loadSettings({ bucket: setting('SPARKIFY_BUCKET'), schema: '', copyRoleArn: roleArn });
  return {
    ...{ s3: clients.s3, store, warehouse, route: settings, roleArn },
    loadParts: (schema) => ({
      ...{ store, warehouse, clock: realClock, random: realRandom, emit: () => undefined, library: openSqlLibrary() },
      settings: { ...settings, schema },
    }),
    close: () => clients.destroy(),
  };
}

/** A batch that opens and closes now. */
export function batchOf(batch: Pick<Batch, 'lane' | 'source' | 'files' | 'decision'>): Batch {
  const maker = { clock: realClock, random: realRandom, consumer: 'bench' };
  return batchNow(maker, { ...batch, bytes: batch.files.reduce((sum, { size }) => sum + size, 0) });
}
