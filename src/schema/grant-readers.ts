import { IngestError } from '../core/errors.ts';
import { quoteSchema } from '../core/sql/sql-literal.ts';

/** A group or a role of the database whose members may read the star. */
export type Reader = { readonly kind: 'group' | 'role'; readonly name: string };

/** Reads `group:x,role:y`; an empty text names none. */
export function parseReaders(text: string): readonly Reader[] {
  const readers = text === '' ? [] : text.split(',');
  return readers.map((reader) => {
    const [kind, name = ''] = reader.split(':');
    return { kind: kind === 'role' ? 'role' : 'group', name };
  });
}

/** The tables of the analysts. All other tables of the schema belong to the service. */
const STAR = ['songplays', 'users', 'songs', 'artists', 'time'] as const;

/**
 * GRANT statements (Amazon Redshift Database Developer Guide, "GRANT"). The tables are named, so that no later table of the schema
 * becomes readable.
 */
export function readerGrants(schema: string, readers: readonly Reader[]): readonly string[] {
  if (readers.length === 0) return [];
  const to = readers.map(({ kind, name }) => `${kind} ${quoteName(name)}`).join(', ');
  const tables = STAR.map((table) => `${quoteSchema(schema)}."${table}"`).join(', ');
  return [`grant usage on schema ${quoteSchema(schema)} to ${to}`, `grant select on table ${tables} to ${to}`];
}

function quoteName(name: string): string {
  if (/["\0\\]/.test(name))
    throw new IngestError('config_invalid', `"${name}" is not a valid name of a group or role.`);
  return `"${name}"`;
}
