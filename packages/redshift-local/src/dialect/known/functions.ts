/**
 * Every function that a statement may call. All others are refused, so that a statement cannot use a function of
 * PostgreSQL that Redshift lacks or defines differently.
 */
export type FunctionRule = {
  readonly minArgs: number;
  readonly maxArgs: number;
  /**
   * `pg_catalog`: PostgreSQL's own means the same. `redshift_compat`: one of `prelude/*.sql`. `special`: rewritten by
   * `rewrite-functions.ts`.
   */
  readonly home: 'pg_catalog' | 'redshift_compat' | 'special';
  /** Aggregates, also usable as window functions with a ROWS frame. */
  readonly isAggregate: boolean;
  /** Usable only with OVER; those marked `framed` need a ROWS frame with ORDER BY. */
  readonly window: 'none' | 'plain' | 'framed';
  /** Runs on the leader node only: refused beside user tables. */
  readonly leaderOnly: boolean;
  /** Runs on compute nodes only: refused without a user table. */
  readonly computeOnly: boolean;
};

const plain: Omit<FunctionRule, 'minArgs' | 'maxArgs' | 'home'> = {
  isAggregate: false,
  window: 'none',
  leaderOnly: false,
  computeOnly: false,
};

/** `name:arguments`, `name:min-max`. */
const samePostgres = `
  abs:1 ceil:1 ceiling:1 floor:1 sqrt:1 cbrt:1 exp:1 ln:1 log:1 power:2 pow:2 sign:1 mod:2 sin:1 cos:1 tan:1 cot:1
  asin:1 acos:1 atan:1 atan2:2 degrees:1 radians:1 pi:0 random:0
  upper:1 lower:1 initcap:1 length:1 char_length:1 character_length:1 octet_length:1 btrim:1-2 ltrim:1-2 rtrim:1-2
  lpad:2-3 rpad:2-3 replace:3 translate:3 reverse:1 left:2 right:2 substring:2-3 substr:2-3 repeat:2 chr:1 ascii:1
  split_part:3 strpos:2 position:2 md5:1 quote_ident:1 quote_literal:1
  to_char:2 to_number:2 to_date:2-3 to_timestamp:2-3
  current_database:0 version:0 pg_backend_pid:0 like_escape:2 similar_to_escape:1-2 to_hex:1
`;

const ownMeaning = `
  trunc:1-2 sha1:1 func_sha1:1 sha2:2 fnv_hash:1-2 strtol:2 crc32:1 add_months:2 months_between:2 last_day:1 next_day:2
  regexp_substr:2-4 regexp_instr:2-4 regexp_count:2-4 regexp_replace:2-4 is_valid_json:1 is_valid_json_array:1-2
  can_json_parse:1 json_array_length:1-2 json_extract_array_element_text:2-3 pg_last_copy_id:0 pg_last_copy_count:0
  pg_last_query_id:0 convert_timezone:2-3 dlog10:1 dexp:1
`;

const special = `
  getdate:0 sysdate:0 dateadd:3 date_add:3 datediff:3 date_diff:3 date_part:2 pgdate_part:2 extract:2 date_trunc:2 nvl:1-100 nvl2:3
  decode:3-500 len:1 charindex:2 concat:2 timezone:2 round:1-2 json_extract_path_text:2-7 ratio_to_report:1 textlen:1
  redshift_marker_try_cast:1 redshift_marker_qualify:1 redshift_marker_top:1
`;

const aggregates = `count:0-1 sum:1 min:1 max:1 stddev:1 stddev_samp:1 stddev_pop:1 variance:1 var_samp:1 var_pop:1 bool_and:1
  bool_or:1 any_value:1 bit_and:1 bit_or:1`;
const computeOnlyAggregates =
  'listagg:1-2 redshift_marker_listagg_distinct:1-2 median:1 percentile_cont:1 percentile_disc:1';
const windowFunctions = 'row_number:0 rank:0 dense_rank:0 percent_rank:0 cume_dist:0 ntile:1 lag:1-2 lead:1-2';
const framedWindowFunctions = 'first_value:1 last_value:1 nth_value:2';
const leaderOnly = `now:0 current_schema:0 current_schemas:1 has_schema_privilege:2-3 has_table_privilege:2-3
  has_database_privilege:2-3 age:1-2 generate_series:2-3 pg_get_userbyid:1 isfinite:1`;

/** Named in Redshift docs, Unsupported PostgreSQL functions, or impossible because the type is missing. */
export const unsupportedFunctions = new Set(
  `string_agg array_agg every regexp_matches regexp_split_to_array regexp_split_to_table format overlay encode bit_length
  clock_timestamp transaction_timestamp statement_timestamp pg_sleep justify_days justify_hours justify_interval div
  width_bucket setseed corr covar_pop covar_samp xmlagg nextval currval setval lastval sha256 gen_random_uuid to_json
  to_jsonb unnest row_to_json json_agg jsonb_agg`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

export const functionRules: ReadonlyMap<string, FunctionRule> = new Map([
  ...rules(samePostgres, { home: 'pg_catalog' }),
  ...rules(ownMeaning, { home: 'redshift_compat' }),
  ...rules(special, { home: 'special' }),
  ...rules(aggregates, { home: 'pg_catalog', isAggregate: true }),
  ...rules('avg:1', { home: 'redshift_compat', isAggregate: true }),
  ...rules(computeOnlyAggregates, { home: 'special', isAggregate: true, computeOnly: true }),
  ...rules(windowFunctions, { home: 'pg_catalog', window: 'plain' }),
  ...rules(framedWindowFunctions, { home: 'pg_catalog', window: 'framed' }),
  ...rules(leaderOnly, { home: 'pg_catalog', leaderOnly: true }),
]);

function rules(list: string, rule: Partial<FunctionRule> & Pick<FunctionRule, 'home'>): [string, FunctionRule][] {
  return list
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [functionName = '', args = '0'] = entry.split(':');
      const [min = '0', max = min] = args.split('-');
      return [functionName, { ...plain, ...rule, minArgs: Number(min), maxArgs: Number(max) }];
    });
}
