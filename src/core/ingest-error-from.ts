import { IngestError } from './errors.ts';

/** What was thrown, as the one error class; what nobody recognised becomes `unknown` with its own sentence. */
export function ingestErrorFrom(thrown: unknown): IngestError {
  if (thrown instanceof IngestError) return thrown;
  const sentence = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new IngestError('unknown', sentence, { cause: thrown });
}
