import type { Loading } from '../../support/loading.ts';

/**
 * The COPYs of a batch's files into staging, in order, as the warehouse's own history has them: `load completed`,
 * `load aborted`, and the same with `check` for those that only looked for errors.
 */
export async function stagingCopies(loading: Loading, batchId: string): Promise<readonly string[]> {
  const rows = await loading.rows(
    `select data_source, status from redshift_compat.sys_load_history
     where data_source like '%/${batchId}/%' and table_name in ('staging_events', 'staging_songs')
     order by start_time, query_id`,
  );
  return rows.map(({ data_source, status }) => {
    const what = String(data_source).includes('/probe-') ? 'check' : 'load';
    return `${what} ${String(status)}`;
  });
}
