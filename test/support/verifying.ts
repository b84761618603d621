import { runVerify } from '../../src/verify/run-verify.ts';
import { WHOLE } from '../../src/verify/part.ts';
import type { VerifyPart } from '../../src/verify/part.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import type { Loading } from './loading.ts';

let runs = 0;

/** What `sparkify verify` says of a place. */
export async function verified(
  { settings, store, warehouse }: Loading,
  parts: { warehouse?: Warehouse; onStep?: (sentence: string) => void; part?: Partial<VerifyPart> } = {},
): Promise<VerifyReport> {
  const { bucket, copyRoleArn, logKeyNames, logPrefix, schema, songPrefix, workPrefix } = settings;
  runs += 1;
  return await runVerify({
    warehouse: parts.warehouse ?? warehouse,
    library: openSqlLibrary(),
    store,
    bucket: { name: bucket, logPrefix, songPrefix, workPrefix },
    schema,
    copyRoleArn,
    logKeyNames,
    runId: `${process.pid.toString(36)}r${runs}`,
    part: { ...WHOLE, ...parts.part },
    onStep: parts.onStep ?? (() => undefined),
    onReading: () => () => undefined,
    signal: new AbortController().signal,
  });
}
