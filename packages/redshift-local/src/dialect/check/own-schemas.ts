import { RedshiftError } from '../../errors/redshift-error.ts';
import { nameOf } from '../tree/tokens.ts';
import type { Token } from '../tree/tokens.ts';

/** Where the stand-in keeps its functions, views and tables: Redshift has no such schemas. */
const own: ReadonlySet<string> = new Set(['redshift_compat', 'redshift_local']);

/**
 * Refuses every statement that names a schema of the stand-in's own: its objects are not for users, and a stand-in without
 * them cannot start again.
 *
 * @throws RedshiftError 3F000
 */
export function refuseOwnSchemas(tokens: readonly Token[]): void {
  const isSetting = tokens[0]?.word === 'set';
  for (const token of tokens) {
    const name = isSetting && token.kind === 'string' ? token.text.slice(1, -1).toLowerCase() : nameOf(token);
    if (own.has(name)) throw new RedshiftError('3F000', `schema "${name}" does not exist`);
  }
}
