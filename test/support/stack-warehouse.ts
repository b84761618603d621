import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { realClock, realRandom } from '../../src/app/real.ts';
import { createRedshiftWarehouse } from '../../src/aws/redshift-warehouse.ts';
import type { Clock, Random, Warehouse } from '../../src/core/ports.ts';

/** The embedded stack's warehouse through a client, as the service opens it from its settings. */
export function stackWarehouse(
  client: RedshiftDataClient,
  environment: Readonly<Record<string, string | undefined>>,
  time: { readonly clock: Clock; readonly random: Random } = { clock: realClock, random: realRandom },
): Warehouse {
  return createRedshiftWarehouse({
    client,
    target: {
      clusterIdentifier: environment['SPARKIFY_CLUSTER_IDENTIFIER'] ?? null,
      workgroupName: null,
      database: environment['SPARKIFY_DATABASE'] ?? '',
      dbUser: environment['SPARKIFY_DB_USER'] ?? null,
      secretArn: null,
    },
    ...time,
  });
}
