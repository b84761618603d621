import { IngestError } from '../../src/core/errors.ts';
import type { Row } from '../../src/core/ports.ts';
import type { SqlValue } from '../../src/core/sql/sql-literal.ts';
import type { ObjectVersion } from '../bucket.ts';
import type { Drafts } from './tables.ts';
import type { Temporary, TemporaryName } from './temporary.ts';

export type Values = Readonly<Record<string, SqlValue>>;

/** What a statement works on: the tables with this transaction's changes, and its session's temporary tables. */
export type Transaction = {
  readonly tables: Drafts;
  readonly temporary: TemporaryTables;
  /** By the warehouse's clock. */
  readonly nowMs: number;
  /** What is in the bucket now. */
  readonly read: (key: string) => ObjectVersion | null;
};

/** Does what one SQL file does. Rows are returned by files whose last statement selects. */
export type Step = (transaction: Transaction, values: Values) => readonly Row[] | undefined;

/** A session's temporary tables. A transaction works on a copy, so that a rollback takes its changes along. */
export class TemporaryTables {
  readonly #tables: Map<string, unknown>;

  constructor(tables: ReadonlyMap<string, unknown> = new Map()) {
    this.#tables = new Map(tables);
  }

  copy(): TemporaryTables {
    return new TemporaryTables(this.#tables);
  }

  /** @throws IngestError `schema_missing` when it is not there, as the adapter recognises it. */
  get<N extends TemporaryName>(name: N): Temporary[N] {
    if (!this.#tables.has(name)) {
      throw new IngestError('schema_missing', `ERROR: relation "${name}" does not exist`);
    }
    return this.#tables.get(name) as Temporary[N];
  }

  set<N extends TemporaryName>(name: N, rows: Temporary[N]): void {
    this.#tables.set(name, rows);
  }

  drop(names: readonly TemporaryName[]): void {
    for (const name of names) this.#tables.delete(name);
  }
}

export function textValue(values: Values, name: string): string {
  const value = values[name];
  if (value?.kind !== 'text') throw new Error(`{{${name}}} is not a text.`);
  return value.text;
}

export function integerValue(values: Values, name: string): number {
  const value = values[name];
  if (value?.kind !== 'integer') throw new Error(`{{${name}}} is not a whole number.`);
  return value.value;
}

export function timeValue(values: Values, name: string): number {
  const value = values[name];
  if (value?.kind !== 'timestamp') throw new Error(`{{${name}}} is not a time.`);
  return value.atMs;
}

/** Whether a time lies between the two literals that a statement names. */
export function isWithin(values: Values, what: 'start_time'): (atMs: number) => boolean {
  const [minMs, maxMs] = [timeValue(values, `min_${what}`), timeValue(values, `max_${what}`)];
  return (atMs) => atMs >= minMs && atMs <= maxMs;
}

/** Whether a time lies in one of the ranges that a statement names. */
export function isIn(values: Values, name: 'event_times' | 'times' | 'fallback'): (atMs: number) => boolean {
  const value = values[name];
  if (value?.kind !== 'ranges') throw new Error(`{{${name}}} is not ranges.`);
  return (atMs) => value.ranges.some(({ maxMs, minMs }) => atMs >= minMs && atMs <= maxMs);
}
