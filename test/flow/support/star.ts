import pg from 'pg';

/**
 * The five tables and their columns: the analysts' contract first, then what follows from content alone. Left out is
 * what says when and by which batch a row came, which may differ between two equal star schemas.
 */
const STAR = {
  songplays:
    'songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session, ' +
    'song_title, artist_name, song_length, match_key',
  users: 'user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session',
  songs: 'song_id, title, artist_id, year, duration, match_key',
  artists: 'artist_id, name, location, latitude, longitude',
  time: 'start_time, hour, day, week, month, year, weekday',
} as const;

type StarTable = keyof typeof STAR;
const STAR_TABLES = Object.keys(STAR) as readonly StarTable[];
type StarCounts = Readonly<Record<StarTable, number>>;

/** Looks at the tables as an analyst with psql would; writes nothing. */
export class Star {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(psqlUrl: string, schema: string): Promise<Star> {
    const client = new pg.Client({ connectionString: psqlUrl });
    await client.connect();
    await client.query(`set search_path to ${schema}, redshift_compat`);
    return new Star(client);
  }

  async rows<R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return (await this.#client.query<R>(sql, [...values])).rows;
  }

  /** A single value of a single row. */
  async value<T>(sql: string, values: readonly unknown[] = []): Promise<T> {
    const row = (await this.#client.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' })).rows[0];
    return row?.[0] as T;
  }

  async counts(): Promise<StarCounts> {
    const counts: [StarTable, number][] = [];
    for (const table of STAR_TABLES) counts.push([table, Number(await this.value(`select count(*) from ${table}`))]);
    return Object.fromEntries(counts) as StarCounts;
  }

  /** All five tables as text, every row a line, in an order that depends on content only. */
  async dump(): Promise<string> {
    let text = '';
    for (const table of STAR_TABLES) {
      const rows = await this.rows<{ line: string }>(
        `select row(${STAR[table]})::text as line from ${table} order by 1`,
      );
      text += `== ${table} (${STAR[table]})\n${rows.map((row) => `${row.line}\n`).join('')}`;
    }
    return text;
  }

  /** How the ledger says each file ended, by key. */
  async files(): Promise<Readonly<Record<string, string>>> {
    const rows = await this.rows<{ object_key: string; status: string }>(
      'select object_key, status from ingest_files order by object_key, event_time',
    );
    return Object.fromEntries(rows.map((row) => [row.object_key, row.status]));
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
