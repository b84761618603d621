import { IngestError } from './errors.ts';

/** A thrown value as an IngestError; anything else than an IngestError gets the code `unknown`. */
export function ingestErrorFrom(thrown: unknown): IngestError {
  if (thrown instanceof IngestError) return thrown;
  const sentence = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new IngestError('unknown', sentence, { cause: thrown });
}
