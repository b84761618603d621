import { notSupported, syntaxErrorAt } from '../../errors/redshift-error.ts';
import type { Edits } from './edits.ts';
import { closingIndex, nameOf } from '../tree/tokens.ts';
import type { Token } from '../tree/tokens.ts';

/** What CREATE TABLE says about storage: lifted out of the text, kept as indexes and as what `pg_table_def` shows. */
export type TableStorage = {
  /** AUTO, EVEN, KEY, ALL or null when the statement does not say. */
  distStyle: string | null;
  distKey: string | null;
  sortKey: string[];
  interleaved: boolean;
  /** Column name → encoding, only where the statement names one. */
  encodings: Record<string, string>;
};

const encodings = new Set(
  'raw az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd'.split(' '),
);
const distStyles = new Set(['auto', 'even', 'key', 'all']);
const tableElements = new Set(['primary', 'unique', 'foreign', 'constraint', 'check', 'like', 'exclude']);

/**
 * Lifts what PostgreSQL's grammar does not know out of CREATE TABLE and CREATE TABLE AS (Redshift docs, CREATE TABLE):
 * DISTSTYLE, DISTKEY, SORTKEY, ENCODE, BACKUP, IDENTITY(seed, step), COLLATE.
 *
 * @param nameIndex index of the first token of the table's name.
 * @throws RedshiftError for an attribute, style or encoding that Redshift does not have.
 */
export function liftCreateTable(tokens: readonly Token[], nameIndex: number, edits: Edits): TableStorage {
  const storage: TableStorage = { distStyle: null, distKey: null, sortKey: [], interleaved: false, encodings: {} };
  let index = nameIndex + 1;
  while (tokens[index]?.text === '.' || tokens[index - 1]?.text === '#') index += tokens[index]?.text === '.' ? 2 : 1;
  if (tokens[index]?.text === '(') {
    const close = closingIndex(tokens, index);
    liftElements(tokens, index, close, edits, storage);
    index = close + 1;
  }
  const end = liftAttributes(tokens, index, edits, storage);
  const after = tokens[end];
  if (after !== undefined && after.word !== 'as') throw syntaxErrorAt(after.text, after.start + 1);
  checkStorage(storage);
  return storage;
}

/**
 * `ALTER TABLE t ALTER DISTSTYLE style [DISTKEY column]` (Redshift docs, ALTER TABLE). A clause that PostgreSQL can read takes its
 * place.
 *
 * @returns whether the statement is one.
 * @throws RedshiftError for a style that Redshift does not have, and for KEY without a column.
 */
export function liftAlterDistStyle(tokens: readonly Token[], edits: Edits, storage: TableStorage): boolean {
  const at = tokens.findIndex((token, index) => token.word === 'alter' && tokens[index + 1]?.word === 'diststyle');
  const [alter, last] = [tokens[at], tokens.at(-1)];
  if (at < 3 || tokens[1]?.word !== 'table' || alter === undefined || last === undefined) return false;
  let end = at + 1 + liftAttribute(tokens, at + 1, storage);
  const column = tokens[end + 1];
  if (tokens[end]?.word === 'distkey' && column !== undefined) {
    storage.distKey = nameOf(column);
    end += 2;
  }
  const after = tokens[end];
  if (after !== undefined) throw syntaxErrorAt(after.text, after.start + 1);
  checkStorage(storage);
  edits.replace({ start: alter.start, end: last.end }, 'OWNER TO CURRENT_USER');
  return true;
}

function liftElements(
  tokens: readonly Token[],
  open: number,
  close: number,
  edits: Edits,
  storage: TableStorage,
): void {
  const depth = (tokens[open]?.depth ?? 0) + 1;
  let start = open + 1;
  for (let index = open + 1; index <= close; index += 1) {
    const token = tokens[index];
    const ends = index === close || (token?.text === ',' && token.depth === depth);
    if (!ends) continue;
    const element = tokens.slice(start, index);
    if (!tableElements.has(element[0]?.word ?? '')) liftColumn(element, depth, edits, storage);
    start = index + 1;
  }
}

/** Lifts the attributes of one column definition, which starts with the column's name. */
export function liftColumn(element: readonly Token[], depth: number, edits: Edits, storage: TableStorage): void {
  const name = element[0] === undefined ? '' : nameOf(element[0]);
  for (let index = 1; index < element.length; index += 1) {
    const token = element[index];
    const next = element[index + 1];
    if (token?.depth !== depth || token.kind !== 'word') continue;
    if (token.word === 'encode') {
      storage.encodings[name] = encodingOf(next);
      edits.blank({ start: token.start, end: next?.end ?? token.end });
      index += 1;
    } else if (token.word === 'distkey') {
      storage.distKey = name;
      edits.blank(token);
    } else if (token.word === 'sortkey') {
      storage.sortKey = [...storage.sortKey, name];
      edits.blank(token);
    } else if (token.word === 'identity') {
      liftIdentity(element, index, edits);
    } else if (token.word === 'collate') {
      if (next?.word !== 'case_sensitive')
        throw notSupported(`COLLATE ${next?.text ?? ''} is not supported by the local stand-in`);
      edits.blank({ start: token.start, end: next.end });
    }
  }
}

function liftIdentity(element: readonly Token[], index: number, edits: Edits): void {
  const [open, seed, comma, step, close] = element.slice(index + 1, index + 6).map((token) => token.text);
  const token = element[index];
  const last = element[index + 5];
  if (token === undefined || last === undefined || open !== '(' || comma !== ',' || close !== ')') {
    throw syntaxErrorAt(element[index + 1]?.text ?? null, token?.start ?? null);
  }
  const isGeneratedByDefault = element[index - 1]?.word === 'as' && element[index - 2]?.word === 'default';
  if (!isGeneratedByDefault && element[index - 1]?.word === 'as') throw syntaxErrorAt(token.text, token.start + 1);
  const generated = isGeneratedByDefault ? '' : 'generated always as ';
  edits.replace(
    { start: token.start, end: last.end },
    `${generated}identity (start with ${seed ?? ''} increment by ${step ?? ''})`,
  );
}

function liftAttributes(tokens: readonly Token[], from: number, edits: Edits, storage: TableStorage): number {
  let index = from;
  while (index < tokens.length) {
    const length = liftAttribute(tokens, index, storage);
    if (length === 0) break;
    edits.blank({ start: tokens[index]?.start ?? 0, end: tokens[index + length - 1]?.end ?? 0 });
    index += length;
  }
  return index;
}

/** @returns how many tokens the attribute at `index` has; 0 when there is none. */
function liftAttribute(tokens: readonly Token[], index: number, storage: TableStorage): number {
  const next = tokens[index + 1];
  switch (tokens[index]?.word ?? '') {
    case 'backup':
      if (next?.word !== 'yes' && next?.word !== 'no') throw syntaxErrorAt(next?.text ?? null);
      return 2;
    case 'encode':
      if (next?.word !== 'auto') throw syntaxErrorAt(next?.text ?? null);
      return 2;
    case 'diststyle':
      if (next === undefined || !distStyles.has(next.word)) throw syntaxErrorAt(next?.text ?? null);
      storage.distStyle = next.word.toUpperCase();
      return 2;
    case 'distkey': {
      const columns = columnList(tokens, index + 1);
      if (columns.length !== 1) throw syntaxErrorAt(next?.text ?? null);
      storage.distKey = columns[0] ?? null;
      return 4;
    }
    case 'compound':
    case 'interleaved':
      if (next?.word !== 'sortkey') throw syntaxErrorAt(next?.text ?? null);
      storage.interleaved = tokens[index]?.word === 'interleaved';
      return 1 + liftAttribute(tokens, index + 1, storage);
    case 'sortkey': {
      if (next?.word === 'auto') return 2;
      storage.sortKey = columnList(tokens, index + 1);
      return closingIndex(tokens, index + 1) - index + 1;
    }
    default:
      return 0;
  }
}

function columnList(tokens: readonly Token[], open: number): string[] {
  if (tokens[open]?.text !== '(') throw syntaxErrorAt(tokens[open]?.text ?? null);
  const inside = tokens.slice(open + 1, closingIndex(tokens, open));
  return inside.filter((token) => token.text !== ',').map(nameOf);
}

function encodingOf(token: Token | undefined): string {
  const name = token === undefined ? '' : nameOf(token);
  if (!encodings.has(name)) throw syntaxErrorAt(token?.text ?? null);
  return name;
}

function checkStorage(storage: TableStorage): void {
  if (storage.distStyle === 'KEY' && storage.distKey === null) {
    throw notSupported('DISTSTYLE KEY requires a DISTKEY column');
  }
  if (
    storage.distKey !== null &&
    storage.distStyle !== null &&
    storage.distStyle !== 'KEY' &&
    storage.distStyle !== 'AUTO'
  ) {
    throw notSupported(`DISTKEY cannot be specified with DISTSTYLE ${storage.distStyle}`);
  }
  if (storage.interleaved && storage.sortKey.length > 8)
    throw notSupported('an interleaved sort key has at most 8 columns');
}
