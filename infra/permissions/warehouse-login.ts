import type { Settings } from '../settings/settings.ts';
import { partitionOf } from '../aws/partition.ts';
import type { WarehouseLogin } from './service-role.ts';

/**
 * How the service enters the warehouse: as a named user of a cluster with temporary credentials, as its role in a
 * workgroup, or with a secret (Redshift management guide, "Choosing database authentication credentials").
 *
 * @param seen.workgroupArn used for a workgroup only: AWS chooses the id at its end.
 */
export function warehouseLogin(
  settings: Pick<Settings, 'region' | 'warehouse'>,
  seen: { readonly account: string; readonly warehouseName: string; readonly workgroupArn: string },
): WarehouseLogin {
  const { region, warehouse } = settings;
  const { account, warehouseName, workgroupArn } = seen;
  const arn = (rest: string) => `arn:${partitionOf(region)}:redshift:${region}:${account}:${rest}`;
  const clusterArn = arn(`cluster:${warehouseName}`);
  const dbUser = dbUserOf(warehouse);
  const isWorkgroup =
    warehouse.kind === 'serverless' || (warehouse.kind === 'existing' && warehouse.target.kind === 'workgroup');
  if (warehouse.kind === 'existing' && warehouse.serviceSecretArn !== null) {
    const warehouseArn = isWorkgroup ? workgroupArn : clusterArn;
    return { kind: 'secret', warehouseArn, secretArn: warehouse.serviceSecretArn };
  }
  if (isWorkgroup || dbUser === null) return { kind: 'workgroup-role', workgroupArn };
  return {
    kind: 'cluster-user',
    clusterArn,
    dbUserArn: arn(`dbuser:${warehouseName}/${dbUser}`),
    dbNameArn: arn(`dbname:${warehouseName}/${warehouse.database}`),
  };
}

/** The named user of a cluster; `null` where the service is known by its role or by a secret. */
export function dbUserOf(warehouse: Settings['warehouse']): string | null {
  if (warehouse.kind === 'cluster') return warehouse.dbUser;
  if (warehouse.kind === 'serverless' || warehouse.serviceSecretArn !== null) return null;
  return warehouse.target.kind === 'cluster' ? warehouse.target.dbUser : null;
}
