import { IngestError } from '../../src/core/errors.ts';

/**
 * Values that the simulated warehouse refuses, in COPY or behind it, as a warehouse might that knows a rule which nobody
 * knows here.
 */
export const REFUSED_AT = { stage: 'refused by COPY', publish: 'refused behind COPY' } as const;

/** No other error of the model has this sentence. */
const SENTENCE = 'The warehouse refuses a value for an unknown reason.';

/** @throws IngestError as the adapter recognises the refusal of a row, when one of the rows has such a value. */
export function refuseRows(
  at: keyof typeof REFUSED_AT,
  rows: readonly Readonly<Record<string, string | null>>[],
): void {
  if (!rows.some((row) => row['kind'] !== 'R' && Object.values(row).includes(REFUSED_AT[at]))) return;
  throw new IngestError(at === 'stage' ? 'copy_bad_data' : 'data_refused', SENTENCE);
}

/** Whether another warehouse would take what this one refused. */
export function isArbitrary({ message }: IngestError): boolean {
  return message === SENTENCE;
}
