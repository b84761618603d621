import type { Node } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';
import { tokenise } from '../tree/tokens.ts';
import { isRecord } from '../tree/tree.ts';
import type { Body } from '../tree/tree.ts';
import { inspectNode } from '../tree/walk.ts';

/**
 * Words that Redshift reserves and PostgreSQL does not: as a name they have to be quoted (Redshift docs, "Reserved
 * words"). Words that both reserve are refused by the parser already; TIMESTAMP, INTERVAL and the like are left to it; SYSDATE is a value.
 */
const reservedInRedshiftOnly: ReadonlySet<string> = new Set(
  `aes128 aes256 allowoverwrite az64 backup blanksasnull bytedict bzip2 connect credentials current_user_id deflate
   defrag delta delta32k disable emptyasnull enable encode encrypt encryption explicit globaldict256 globaldict64k gzip
   identity ignore language lun luns lzo lzop minus mostly16 mostly32 mostly8 new nulls off offline oid old open
   parallel partition percent permissions pivot raw readratio recover rejectlog resort respect restore snapshot
   system tag tdes text255 text32k top truncatecolumns unnest unpivot wallet without`.split(/\s+/),
);

/**
 * Refuses names that have to be quoted in Redshift and are not.
 *
 * @param sql the text that was parsed, Redshift's own syntax lifted out.
 * @throws RedshiftError 42601
 */
export function refuseReservedNames(statement: Node, sql: string): void {
  const suspects = new Set<string>();
  inspectNode(statement, (kind, body) => {
    for (const name of namesIn(kind, body)) if (reservedInRedshiftOnly.has(name)) suspects.add(name);
  });
  if (suspects.size === 0) return;
  for (const token of tokenise(sql)) {
    if (token.kind !== 'word' || !suspects.has(token.word)) continue;
    throw new RedshiftError('42601', `syntax error at or near "${token.text}"`, {
      detail: `${token.text.toUpperCase()} is a reserved word in Redshift: as a name it has to be in double quotes.`,
    });
  }
}

function namesIn(kind: string, body: Body): readonly string[] {
  switch (kind) {
    case 'ColumnDef':
      return text(body['colname']);
    case 'ResTarget':
      return text(body['name']);
    case 'RangeVar':
      return [...text(body['relname']), ...text(body['schemaname'])];
    case 'Alias':
      return text(body['aliasname']);
    case 'CommonTableExpr':
      return text(body['ctename']);
    case 'ColumnRef':
      return Array.isArray(body['fields']) ? body['fields'].flatMap(fieldName) : [];
    default:
      return [];
  }
}

function fieldName(field: unknown): readonly string[] {
  if (!isRecord(field) || !isRecord(field['String'])) return [];
  return text(field['String']['sval']);
}

function text(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}
