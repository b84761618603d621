import pg from 'pg';

/** A connection with its process id in the server. */
export type Connection = { readonly client: pg.Client; readonly pid: number };

/** Connections that wait for their next session. */
const mostIdle = 4;

/**
 * Connections for sessions. Opening one takes longer than a short statement, so a few that ended in order are used again; DISCARD ALL
 * makes them new: no temporary table, setting or user of the session before is left.
 */
export class Connections {
  readonly #config: pg.ClientConfig;
  readonly #idle: Connection[] = [];
  #isEnded = false;

  constructor(config: pg.ClientConfig) {
    this.#config = config;
  }

  /** @throws pg's error when the server refuses the connection. */
  async take(): Promise<Connection> {
    return this.#idle.pop() ?? (await this.#open());
  }

  /** Keeps a connection that is outside of a transaction and runs nothing; ends it when enough are kept, or it cannot be cleaned. */
  async giveBack(connection: Connection): Promise<void> {
    try {
      if (!this.#isNeeded()) throw new Error('not needed');
      await connection.client.query('discard all');
      if (!this.#isNeeded()) throw new Error('not needed any more');
      this.#idle.push(connection);
    } catch {
      await connection.client.end().catch(() => undefined);
    }
  }

  /** Ends the waiting connections. The others end when they are given back. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.all(this.#idle.splice(0).map(async ({ client }) => await client.end().catch(() => undefined)));
  }

  #isNeeded(): boolean {
    return !this.#isEnded && this.#idle.length < mostIdle;
  }

  async #open(): Promise<Connection> {
    const client = new pg.Client(this.#config);
    // Without a listener, a server that stops would end this process.
    client.on('error', () => this.#forget(client));
    client.on('end', () => this.#forget(client));
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
      return { client, pid: rows[0]?.pid ?? 0 };
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  #forget(client: pg.Client): void {
    const at = this.#idle.findIndex((connection) => connection.client === client);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** Connections with what every session of Redshift begins with. @param databaseUrl of the prepared database. */
export function sessionConnections(databaseUrl: string): Connections {
  return new Connections({ connectionString: databaseUrl, options: sessionOptions, keepAlive: true });
}

/**
 * The limits are Redshift's: a statement runs for at most 24 hours, a transaction may be idle for 6 (Redshift docs,
 * "Quotas and limits").
 */
const sessionOptions = [
  '-c search_path=public,redshift_compat',
  '-c default_transaction_isolation=repeatable\\ read',
  '-c TimeZone=UTC',
  '-c statement_timeout=86400000',
  '-c idle_in_transaction_session_timeout=21600000',
  '-c client_min_messages=error',
  // ANALYZE of a table that grows (analyze-grown.ts) is a part of the transaction, so that it has to be quick.
  '-c default_statistics_target=20',
].join(' ');
