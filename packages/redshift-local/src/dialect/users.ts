import { notSupported, syntaxErrorAt } from '../errors/redshift-error.ts';
import { nameOf } from './tree/tokens.ts';
import type { Token } from './tree/tokens.ts';
import { quoteName } from './tree/tree.ts';
import type { PostgresTranslation } from './translation.ts';
import { postgres } from './translation.ts';

/** CREATE, ALTER and DROP of USER, GROUP and ROLE; `null` for other statements. Users, groups and roles are roles of PostgreSQL. */
export function translateUsers(tokens: readonly Token[]): PostgresTranslation | null {
  const [verb = '', what = ''] = tokens.map((token) => token.word);
  if (!['user', 'group', 'role'].includes(what)) return null;
  const rest = new Words(tokens.slice(2));
  if (verb === 'create') return postgres('create_user', [what === 'user' ? createUser(rest) : createGroup(rest, what)]);
  if (verb === 'drop') return postgres('drop', [dropUsers(rest)]);
  if (verb === 'alter' && what === 'group') return postgres('alter', [alterGroup(rest)]);
  if (verb === 'alter')
    throw notSupported(`ALTER ${what.toUpperCase()} is Redshift SQL that the local stand-in does not run`);
  return null;
}

/** Reads tokens from left to right. */
class Words {
  #rest: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#rest = tokens;
  }

  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  take(...words: readonly string[]): boolean {
    if (!words.every((word, index) => this.#rest[index]?.word === word)) return false;
    this.#rest = this.#rest.slice(words.length);
    return true;
  }

  name(): string {
    const token = this.next();
    if (token.kind !== 'word' && token.kind !== 'quoted') throw syntaxErrorAt(token.text, token.start + 1);
    return userName(token);
  }

  names(): string {
    const names = [this.name()];
    while (this.#rest[0]?.text === ',') {
      this.next();
      names.push(this.name());
    }
    return names.join(', ');
  }

  next(): Token {
    const [token] = this.#rest;
    if (token === undefined) throw syntaxErrorAt(null);
    this.#rest = this.#rest.slice(1);
    return token;
  }

  refuseRest(): void {
    const [token] = this.#rest;
    if (token !== undefined) throw syntaxErrorAt(token.text, token.start + 1);
  }
}

/** Unlike other names, a quoted name of a user keeps its case: `"IAMR:Loader"` (Redshift docs, GRANT, with IAM identities). */
function userName(token: Token): string {
  return token.kind === 'quoted' ? token.text : quoteName(token.word);
}

/**
 * `CREATE USER name [WITH] PASSWORD {'…' | DISABLE} [options]` (Redshift docs, CREATE USER). The password is not kept: the Data API of
 * the stand-in does not check one. CREATEUSER makes a superuser.
 */
function createUser(words: Words): string {
  const options = [`CREATE ROLE ${words.name()} LOGIN`];
  words.take('with');
  if (!words.take('password')) throw syntaxErrorAt(words.isEmpty ? null : words.next().text);
  if (!words.take('disable') && words.next().kind !== 'string') throw syntaxErrorAt('PASSWORD');
  while (!words.isEmpty) {
    if (words.take('createuser')) options.push('SUPERUSER');
    else if (words.take('createdb')) options.push('CREATEDB');
    else if (words.take('in', 'group')) options.push(`IN ROLE ${words.names()}`);
    else if (words.take('nocreateuser') || words.take('nocreatedb')) continue;
    else if (words.take('syslog', 'access') || words.take('connection', 'limit') || words.take('session', 'timeout'))
      words.next();
    else if (words.take('valid', 'until') || words.take('externalid')) words.next();
    else throw syntaxErrorAt(words.next().text);
  }
  return options.join(' ');
}

/** `CREATE GROUP name [WITH USER u [, …]]`, `CREATE ROLE name`. */
function createGroup(words: Words, what: string): string {
  const name = words.name();
  const hasUsers = what === 'group' && (words.take('with', 'user') || words.take('user'));
  const users = hasUsers ? ` ROLE ${words.names()}` : '';
  words.refuseRest();
  return `CREATE ROLE ${name} NOLOGIN${users}`;
}

function dropUsers(words: Words): string {
  const ifExists = words.take('if', 'exists') ? 'IF EXISTS ' : '';
  const names = words.names();
  words.take('force');
  words.refuseRest();
  return `DROP ROLE ${ifExists}${names}`;
}

/** `ALTER GROUP name {ADD | DROP} USER u [, …]`. */
function alterGroup(words: Words): string {
  const group = words.name();
  const isAdded = words.take('add', 'user');
  if (!isAdded && !words.take('drop', 'user')) throw syntaxErrorAt(words.isEmpty ? null : words.next().text);
  const users = words.names();
  words.refuseRest();
  return isAdded ? `GRANT ${group} TO ${users}` : `REVOKE ${group} FROM ${users}`;
}

const privileges = new Set(
  'select insert update delete references create usage temp temporary truncate all privileges execute'.split(' '),
);

/**
 * GRANT and REVOKE of privileges on tables, schemas and databases, of roles and groups, and ALTER DEFAULT PRIVILEGES (Redshift docs,
 * GRANT). The grammar is PostgreSQL's, without the words ROLE before a role that is granted or that receives a privilege.
 */
export function translatePrivileges(tokens: readonly Token[]): PostgresTranslation {
  const words = tokens.map((token) => token.word);
  const from = words.findIndex((word) => word === 'grant' || word === 'revoke');
  const preposition = words[from] === 'grant' ? 'to' : 'from';
  const end = words.indexOf(preposition, from);
  if (end < from + 2 || tokens[end + 1] === undefined) throw syntaxErrorAt(tokens.at(-1)?.text ?? null);
  const on = words.indexOf('on', from);
  const isRole = words[from + 1] === 'role';
  if (!isRole && (on < 0 || on > end)) throw syntaxErrorAt(tokens[end]?.text ?? null);
  if (!isRole) refusePrivileges(tokens.slice(from + 1, on));
  const text = tokens.map((token, index) => {
    if (words[index] === 'role' && (index === from + 1 || index > end)) return '';
    const isUser = index > end || words[index - 1] === 'user' || (isRole && index < end);
    if (token.kind !== 'quoted') return token.text;
    return isUser ? userName(token) : quoteName(nameOf(token));
  });
  return postgres('grant', [text.join(' ')]);
}

function refusePrivileges(tokens: readonly Token[]): void {
  const unknown = tokens.find(
    (token) =>
      token.text !== ',' &&
      token.depth === 0 &&
      token.kind === 'word' &&
      !privileges.has(token.word) &&
      !LEADING.has(token.word),
  );
  if (unknown === undefined) return;
  throw notSupported(`the privilege ${unknown.text.toUpperCase()} is not one that the local stand-in keeps`);
}

const LEADING = new Set(['grant', 'option', 'for']);
