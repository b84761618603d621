import { notSupported, RedshiftError, syntaxErrorAt } from '../errors/redshift-error.ts';
import { nameOf } from './tree/tokens.ts';
import type { Token } from './tree/tokens.ts';
import type { PostgresTranslation } from './translation.ts';
import { postgres } from './translation.ts';
import { quoteName, quoteText } from './tree/tree.ts';

/** Settings of Redshift that mean the same in PostgreSQL. */
const shared = new Set([
  'timezone',
  'statement_timeout',
  'datestyle',
  'extra_float_digits',
  'application_name',
  'client_encoding',
]);

/** Settings of Redshift that are kept and shown, and change nothing here, with their defaults. */
const kept: Readonly<Record<string, string>> = {
  query_group: 'unset',
  analyze_threshold_percent: '10',
  describe_field_name_in_uppercase: 'off',
  enable_result_cache_for_session: 'on',
  error_on_nondeterministic_update: 'off',
  max_cursor_result_set_size: 'default',
  mv_enable_aqmv_for_session: 'true',
  wlm_query_slot_count: '1',
  transaction_snapshot_begin: 'off',
};

/** Settings that would change what statements mean here: only Redshift's default is accepted. */
const fixed: Readonly<Record<string, string>> = {
  enable_case_sensitive_identifier: 'off',
  downcase_delimited_identifier: 'on',
  json_serialization_enable: 'off',
};

/**
 * SET, RESET and SHOW. The schema with the stand-in's own functions stays at the end of the search path and is not
 * shown.
 *
 * @throws RedshiftError 42704 for a setting that Redshift does not have.
 */
export function translateSetting(tokens: readonly Token[]): PostgresTranslation {
  const [first, ...rest] = tokens;
  if (first?.word === 'show') return show(rest);
  if (first?.word === 'reset') return reset(rest);
  const scope = rest[0]?.word === 'local' || rest[0]?.word === 'session' ? rest[0].word : 'session';
  const at = rest[0]?.word === scope ? 1 : 0;
  const setting = rest[at];
  const assign = rest[at + 1];
  if (setting === undefined) throw syntaxErrorAt(null);
  const parameter = nameOf(setting);
  if (parameter === 'authorization' || parameter === 'role' || parameter === 'transaction')
    throw notSupported(`SET ${parameter.toUpperCase()} is not run by the local stand-in`);
  if (assign?.word !== 'to' && assign?.text !== '=') throw syntaxErrorAt(assign?.text ?? null);
  const values = rest.slice(at + 2).filter((token) => token.text !== ',');
  if (values.length === 0) throw syntaxErrorAt(null);
  return set(parameter, values.map(valueOf), scope.toUpperCase());
}

function set(parameter: string, values: readonly string[], scope: string): PostgresTranslation {
  if (parameter === 'search_path') return setSearchPath(values, scope);
  return postgres('set', [setSql(parameter, values, scope)]);
}

/** Every schema but `$user` must exist: `engine/require-schemas.ts`. */
function setSearchPath(values: readonly string[], scope: string): PostgresTranslation {
  // A list in one string, as SET search_path TO 'a, b', names the schemas too.
  const schemas = values.flatMap((value) => value.split(',')).map((schema) => schema.trim().replace(/^"(.*)"$/, '$1'));
  const path = schemas[0] === 'default' ? ['$user', 'public'] : schemas;
  const names = [...path.map((schema) => quoteName(schema)), 'redshift_compat'];
  return { ...postgres('set', [`SET ${scope} search_path TO ${names.join(', ')}`]), requiresSchemas: path };
}

function setSql(parameter: string, values: readonly string[], scope: string): string {
  const [value = ''] = values;
  if (shared.has(parameter))
    return `SET ${scope} ${parameter} TO ${value === 'default' ? 'DEFAULT' : quoteText(value)}`;
  const only = lookUp(fixed, parameter);
  if (only !== undefined) {
    const off = ['off', 'false', '0'].includes(value.toLowerCase());
    const on = ['on', 'true', '1'].includes(value.toLowerCase());
    if (value !== 'default' && (only === 'off' ? !off : !on)) {
      throw notSupported(`${parameter} can only be ${only} on the local stand-in`);
    }
  } else if (lookUp(kept, parameter) === undefined) {
    throw unknownSetting(parameter);
  }
  const stored = value === 'default' ? (only ?? lookUp(kept, parameter) ?? '') : value;
  return `SET ${scope} "redshift.${parameter}" TO ${quoteText(stored)}`;
}

function show(tokens: readonly Token[]): PostgresTranslation {
  const [setting, extra] = tokens;
  if (setting === undefined || extra !== undefined) throw syntaxErrorAt(extra?.text ?? null);
  const parameter = nameOf(setting);
  const label = quoteName(parameter);
  if (parameter === 'search_path')
    return postgres('show', [`SELECT redshift_compat.shown_search_path() AS ${label}`], true);
  if (shared.has(parameter)) return postgres('show', [`SHOW ${parameter}`], true);
  const preset = lookUp(kept, parameter) ?? lookUp(fixed, parameter);
  if (preset === undefined) throw unknownSetting(parameter);
  const value = `coalesce(nullif(current_setting(${quoteText(`redshift.${parameter}`)}, true), ''), ${quoteText(preset)})`;
  return postgres('show', [`SELECT ${value} AS ${label}`], true);
}

function reset(tokens: readonly Token[]): PostgresTranslation {
  const [setting] = tokens;
  if (setting === undefined) throw syntaxErrorAt(null);
  const parameter = nameOf(setting);
  if (parameter === 'all') throw notSupported('RESET ALL is not run by the local stand-in; reset each setting');
  return set(parameter, ['default'], 'SESSION');
}

function valueOf(token: Token): string {
  if (token.kind !== 'string') return token.kind === 'quoted' ? nameOf(token) : token.word || token.text;
  if (!token.text.startsWith("'")) throw syntaxErrorAt(token.text);
  return token.text.slice(1, -1).replaceAll("''", "'");
}

function lookUp(settings: Readonly<Record<string, string>>, parameter: string): string | undefined {
  return Object.hasOwn(settings, parameter) ? settings[parameter] : undefined;
}

function unknownSetting(parameter: string): RedshiftError {
  return new RedshiftError('42704', `unrecognized configuration parameter "${parameter}"`);
}
