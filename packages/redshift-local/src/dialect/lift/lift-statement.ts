import { notSupported, syntaxErrorAt } from '../../errors/redshift-error.ts';
import { Edits } from './edits.ts';
import { liftAlterDistStyle, liftColumn, liftCreateTable } from './lift-create-table.ts';
import type { TableStorage } from './lift-create-table.ts';
import { liftExpressions } from './lift-expressions.ts';
import type { Token } from '../tree/tokens.ts';

/** A statement that PostgreSQL's grammar can read, and the Redshift syntax that was taken out of it. */
export type Lifted = {
  readonly sql: string;
  readonly storage: TableStorage;
  /** MERGE … REMOVE DUPLICATES; the text has a placeholder clause in its place. */
  readonly removeDuplicates: boolean;
};

/**
 * Takes Redshift's own syntax out of a statement's text.
 *
 * @throws RedshiftError 42601 or 0A000 for syntax that can be judged from the words alone.
 */
export function liftStatement(sql: string, tokens: readonly Token[]): Lifted {
  const edits = new Edits();
  let storage: TableStorage = { distStyle: null, distKey: null, sortKey: [], interleaved: false, encodings: {} };
  let removeDuplicates = false;
  switch (tokens[0]?.word ?? '') {
    case 'create': {
      const nameIndex = tableNameIndex(tokens);
      if (nameIndex !== null) storage = liftCreateTable(tokens, nameIndex, edits);
      else refuseCreate(tokens);
      break;
    }
    case 'merge':
      removeDuplicates = liftRemoveDuplicates(tokens, edits);
      break;
    case 'delete':
      liftDelete(tokens, edits);
      break;
    case 'alter':
      if (!liftAlterDistStyle(tokens, edits, storage)) liftAddColumn(tokens, edits, storage);
      break;
    case 'lock':
      checkLock(tokens);
      break;
    default:
  }
  liftExpressions(tokens, edits);
  return { sql: edits.apply(sql), storage, removeDuplicates };
}

/** Index of the table's name in `CREATE [[LOCAL] TEMP|TEMPORARY] TABLE [IF NOT EXISTS] name`; `null` for other CREATEs. */
function tableNameIndex(tokens: readonly Token[]): number | null {
  let index = 1;
  if (tokens[index]?.word === 'local') index += 1;
  if (tokens[index]?.word === 'temp' || tokens[index]?.word === 'temporary') index += 1;
  if (tokens[index]?.word !== 'table') return null;
  index += 1;
  if (tokens[index]?.word === 'if' && tokens[index + 1]?.word === 'not' && tokens[index + 2]?.word === 'exists')
    index += 3;
  return tokens[index]?.text === '#' ? index + 1 : index;
}

function refuseCreate(tokens: readonly Token[]): void {
  const words = tokens.map((token) => token.word);
  const what = words[1] === 'or' ? words[3] : words[1];
  if (what === 'global') throw notSupported('GLOBAL temporary tables are not supported');
  if (
    ['external', 'materialized', 'procedure', 'function', 'model', 'datashare', 'library', 'database'].includes(
      what ?? '',
    )
  ) {
    throw notSupported(`CREATE ${(what ?? '').toUpperCase()} is Redshift SQL that the local stand-in does not run`);
  }
  if (what === 'view' && words.slice(-4).join(' ') === 'with no schema binding') {
    throw notSupported('views WITH NO SCHEMA BINDING are Redshift SQL that the local stand-in does not run');
  }
}

/** `REMOVE DUPLICATES` becomes a clause that PostgreSQL can read and that `translate.ts` replaces. */
function liftRemoveDuplicates(tokens: readonly Token[], edits: Edits): boolean {
  const [remove, duplicates] = tokens.slice(-2);
  if (remove?.word !== 'remove' || duplicates?.word !== 'duplicates') return false;
  edits.replace({ start: remove.start, end: duplicates.end }, 'WHEN MATCHED THEN DELETE');
  return true;
}

/** `DELETE t WHERE …` is `DELETE FROM t WHERE …`; with USING the FROM is obligatory (Redshift docs, DELETE). */
function liftDelete(tokens: readonly Token[], edits: Edits): void {
  const first = tokens[1];
  if (first === undefined || first.word === 'from') return;
  const using = tokens.find((token) => token.word === 'using' && token.depth === 0);
  if (using !== undefined) throw syntaxErrorAt(first.text, first.start + 1);
  edits.insert(first.start, 'FROM ');
}

/** `ALTER TABLE t ADD [COLUMN] c type … ENCODE x`. */
function liftAddColumn(tokens: readonly Token[], edits: Edits, storage: TableStorage): void {
  const add = tokens.findIndex((token) => token.word === 'add');
  if (tokens[1]?.word !== 'table' || add < 3) return;
  const definition = tokens.slice(add + (tokens[add + 1]?.word === 'column' ? 2 : 1));
  liftColumn(definition, 0, edits, storage);
}

/** `LOCK [TABLE] t [, …]` and nothing else (Redshift docs, LOCK). */
function checkLock(tokens: readonly Token[]): void {
  const start = tokens[1]?.word === 'table' ? 2 : 1;
  const wrong = tokens
    .slice(start)
    .find((token) => token.word === 'in' || token.word === 'nowait' || token.word === 'only' || token.text === '*');
  if (wrong !== undefined) throw syntaxErrorAt(wrong.text, wrong.start + 1);
}
