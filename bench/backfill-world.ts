import { realClock, realRandom } from '../src/app/real.ts';
import { createClients } from '../src/aws/clients.ts';
import { createRedshiftWarehouse } from '../src/aws/redshift-warehouse.ts';
import { createS3ObjectStore } from '../src/aws/s3-object-store.ts';
import type { ObjectStore, Warehouse } from '../src/core/ports.ts';
import type { RouteSettings } from '../src/core/route.ts';
import type { GenerateOptions } from '../src/generate/events.ts';
import { openSqlLibrary } from '../src/sql/sql-library.ts';
import type { LoadParts } from '../src/loaders/load-context.ts';

export type BackfillPlan = {
  readonly events: number;
  readonly logFiles: number;
  readonly songs: number;
  /** With the metrics of a consumer, which are read every second. */
  readonly isMeasured: boolean;
};

/** As the service starts a batch: the bench names its own limits, so that a number is about limits that it knows. */
export const BATCH_LIMITS = { maxFiles: 5_000, maxBytes: 128 * 1024 * 1024 };

const DAYS = 30;

export function generateOptions({ events, logFiles, songs }: Omit<BackfillPlan, 'isMeasured'>): GenerateOptions {
  return {
    ...{ seed: 1, users: Math.ceil(events / 200), songs, days: DAYS, firstDayMs: Date.UTC(2018, 10, 1), events },
    ...{ files: logFiles, matchShare: 0.8, logPrefix: 'log_data/', songPrefix: 'song_data/' },
  };
}

/** The embedded stack as the loader sees it. */
export type BackfillWorld = {
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  readonly route: RouteSettings;
  readonly roleArn: string;
  /** @param schema in which the tables are. */
  readonly loadParts: (schema: string) => LoadParts;
  readonly close: () => void;
};

/** @param environment of the stack; it is also this process's, because the AWS SDK reads it there. */
export function openWorld(environment: Readonly<Record<string, string | undefined>>): BackfillWorld {
  const setting = (name: string): string => environment[name] ?? '';
  const clients = createClients(setting('AWS_REGION'));
  const store = createS3ObjectStore(clients.s3);
  const warehouse = createRedshiftWarehouse({
    client: clients.redshiftData,
    target: {
      clusterIdentifier: setting('SPARKIFY_CLUSTER_IDENTIFIER'),
      workgroupName: null,
      database: setting('SPARKIFY_DATABASE'),
      dbUser: setting('SPARKIFY_DB_USER'),
      secretArn: null,
    },
    clock: realClock,
    random: realRandom,
  });
  const prefixes = { songPrefix: 'song_data/', logPrefix: 'log_data/', workPrefix: 'sparkify-work/' };
  const route = { bucket: setting('SPARKIFY_BUCKET'), ...prefixes, onDelete: 'keep' as const };
  const roleArn = setting('SPARKIFY_COPY_ROLE_ARN');
  return {
    ...{ store, warehouse, route, roleArn },
    loadParts: (schema) => ({
      ...{ store, clock: realClock, random: realRandom, emit: () => undefined, library: openSqlLibrary() },
      settings: {
        ...route,
        ...{ schema, copyRoleArn: roleArn, copyRegion: null, consumer: 'bench', rejectedRowsMax: 10_000 },
      },
    }),
    close: () => clients.destroy(),
  };
}
