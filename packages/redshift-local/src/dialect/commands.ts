import { RedshiftError, syntaxErrorAt } from '../errors/redshift-error.ts';
import { translateSetting } from './settings.ts';
import { quotedName } from './tree/tokens.ts';
import type { Token } from './tree/tokens.ts';
import type { PostgresTranslation, Translation } from './translation.ts';
import { postgres } from './translation.ts';
import { translatePrivileges, translateUsers } from './users.ts';

/**
 * Statements that are recognised by their words, without PostgreSQL's grammar: transaction control, settings, ANALYZE,
 * VACUUM, users and their privileges. `null` for all others.
 *
 * @throws RedshiftError 42601 for what the statement does not take, 0A000 for what Redshift or the stand-in lacks.
 */
export function translateCommand(tokens: readonly Token[]): Translation | null {
  const words = tokens.map((token) => token.word);
  switch (words[0] ?? '') {
    case 'begin':
    case 'start':
      return begin(tokens);
    case 'commit':
    case 'end':
      return end(tokens, 'commit');
    case 'rollback':
    case 'abort':
      return end(tokens, 'rollback');
    case 'set':
    case 'reset':
    case 'show':
      return translateSetting(tokens);
    case 'analyze':
      return analyze(tokens);
    case 'vacuum':
      return { ...postgres('vacuum', []), refusesTransactionBlock: 'VACUUM cannot run inside a transaction block' };
    case 'grant':
    case 'revoke':
      return translatePrivileges(tokens);
    case 'create':
    case 'drop':
      return translateUsers(tokens);
    case 'copy':
      return { kind: 'copy' };
    case 'unload':
    case 'call':
    case 'declare':
    case 'fetch':
    case 'prepare':
    case 'execute':
    case 'deallocate':
      throw new RedshiftError(
        '0A000',
        `${(words[0] ?? '').toUpperCase()} is Redshift SQL that the local stand-in does not run`,
      );
    case 'savepoint':
    case 'release':
      throw new RedshiftError('0A000', 'SAVEPOINT is not supported');
    case 'alter':
      if (words[1] === 'default' && words[2] === 'privileges') return translatePrivileges(tokens);
      return translateUsers(tokens) ?? alterAppend(tokens);
    default:
      return null;
  }
}

const isolationLevels = new Set(['serializable', 'read committed', 'read uncommitted', 'repeatable read']);

function begin(tokens: readonly Token[]): Translation {
  let index = 1;
  if (tokens[index]?.word === 'work' || tokens[index]?.word === 'transaction') index += 1;
  else if (tokens[0]?.word === 'start') throw syntaxErrorAt(tokens[1]?.text ?? null);
  const rest = tokens.slice(index).map((token) => token.word || token.text);
  const modes = rest
    .join(' ')
    .replace(/(isolation level|read only|read write)/g, ',$1')
    .split(',');
  for (const mode of modes.map((text) => text.trim()).filter((text) => text !== '')) {
    const level = /^isolation level (.+)$/.exec(mode)?.[1];
    // All four names mean the level of the database (Redshift docs, BEGIN).
    if (level !== undefined ? !isolationLevels.has(level) : mode !== 'read only' && mode !== 'read write') {
      throw syntaxErrorAt(mode);
    }
  }
  return { kind: 'transaction', command: 'begin' };
}

function end(tokens: readonly Token[], command: 'commit' | 'rollback'): Translation {
  const rest = tokens.slice(1).map((token) => token.word);
  if (rest[0] === 'to' || rest[1] === 'to' || rest[0] === 'prepared')
    throw new RedshiftError('0A000', 'SAVEPOINT is not supported');
  const extra = rest[0] === 'work' || rest[0] === 'transaction' ? tokens[2] : tokens[1];
  if (extra !== undefined) throw syntaxErrorAt(extra.text, extra.start + 1);
  return { kind: 'transaction', command };
}

/** `ANALYZE [VERBOSE] [table [(columns)]] [PREDICATE COLUMNS | ALL COLUMNS]`. */
function analyze(tokens: readonly Token[]): PostgresTranslation {
  const rest = tokens.slice(tokens[1]?.word === 'verbose' ? 2 : 1);
  if (rest[0]?.word === 'compression')
    throw new RedshiftError('0A000', 'ANALYZE COMPRESSION is not run by the local stand-in');
  const name = quotedName(rest);
  return postgres('analyze', [name === null ? 'ANALYZE' : `ANALYZE ${name.sql}`]);
}

/** `ALTER TABLE target APPEND FROM source`: moves all rows and commits. */
function alterAppend(tokens: readonly Token[]): PostgresTranslation | null {
  if (tokens[1]?.word !== 'table') return null;
  const target = quotedName(tokens.slice(2));
  if (target === null || tokens[2 + target.length]?.word !== 'append') return null;
  if (tokens[3 + target.length]?.word !== 'from') throw syntaxErrorAt(tokens[3 + target.length]?.text ?? null);
  const source = quotedName(tokens.slice(4 + target.length));
  const extra = tokens[4 + target.length + (source?.length ?? 0)];
  if (source === null || extra !== undefined) {
    throw new RedshiftError('0A000', 'ALTER TABLE APPEND is run by the local stand-in only as APPEND FROM source');
  }
  return {
    ...postgres('alter', [`INSERT INTO ${target.sql} SELECT * FROM ${source.sql}`, `DELETE FROM ${source.sql}`]),
    refusesTransactionBlock: 'ALTER TABLE APPEND cannot run inside a transaction block',
  };
}
