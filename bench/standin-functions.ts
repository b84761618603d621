/** A function of Redshift beside PostgreSQL's own. `most`: the bound of the quotient of their times. */
export type FunctionCase = {
  readonly what: string;
  readonly standin: string;
  readonly postgres: string;
  readonly most: number;
};

/** The functions of the recorded statements (test/recorded/statements.sql), and TRY_CAST. */
export const FUNCTIONS: readonly FunctionCase[] = [
  { what: 'extract', standin: 'extract(hour from at)', postgres: 'extract(hour from at)', most: 2 },
  { what: 'extract(dow)', standin: 'extract(dow from at)', postgres: 'extract(dow from at)', most: 2 },
  { what: 'date_trunc', standin: "date_trunc('day', at)", postgres: "date_trunc('day', at)", most: 2 },
  { what: 'dateadd', standin: 'dateadd(ms, n, at)', postgres: "at + n * interval '1 millisecond'", most: 2 },
  { what: 'cast to bigint', standin: 'digits::bigint', postgres: 'digits::bigint', most: 2 },
  { what: 'cast to varchar', standin: 'digits::varchar(16)', postgres: 'digits::varchar(16)', most: 2 },
  { what: 'cast to decimal', standin: 'digits::decimal(20, 5)', postgres: 'digits::decimal(20, 5)', most: 2 },
  { what: 'md5 as char(32)', standin: 'md5(digits)::char(32)', postgres: 'md5(digits)::char(32)', most: 2 },
  {
    what: 'strtol',
    standin: 'strtol(left(hash, 15), 16)',
    postgres: "('x' || left(hash, 15))::bit(60)::bigint",
    most: 2,
  },
  { what: 'pattern', standin: "digits ~ '^[0-9]{1,18}$'", postgres: "digits ~ '^[0-9]{1,18}$'", most: 2 },
  { what: 'try_cast', standin: 'try_cast(digits as bigint)', postgres: 'digits::bigint', most: 5 },
];
