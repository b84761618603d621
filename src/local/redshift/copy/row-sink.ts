import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import type { ClientBase } from 'pg';

/** A running `COPY … FROM STDIN` of PostgreSQL. */
export type RowSink = {
  /** Takes lines of the COPY text format. Resolves at once, or when PostgreSQL has caught up. */
  write(lines: string): Promise<void> | void;
  /** Ends the stream; the rows written. */
  finish(): Promise<number>;
  /** Gives the rows up; the error that ended the stream by itself, if one did. Resolves when the session is free. */
  abandon(): Promise<Error | null>;
};

/** Starts streaming rows into a table over the session's own connection, inside its transaction. */
export function openRowSink(client: ClientBase, copySql: string): RowSink {
  const stream = client.query(copyFrom(copySql, { highWaterMark: bufferedBytes }));
  let failure: Error | null = null;
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve);
  });
  stream.on('error', (error: Error) => {
    if (error.message !== abandoned) failure ??= error;
  });
  const orThrow = (): void => {
    if (failure !== null) throw failure;
  };
  return {
    write(lines) {
      orThrow();
      if (stream.write(lines)) return;
      return Promise.race([once(stream, 'drain'), closed]).then(orThrow);
    },
    async finish() {
      orThrow();
      stream.end();
      await closed;
      orThrow();
      return stream.rowCount;
    },
    async abandon() {
      if (failure !== null || stream.closed) return failure;
      stream.destroy(new Error(abandoned));
      await closed;
      return null;
    },
  };
}

const abandoned = 'COPY was given up';
const bufferedBytes = 1024 * 1024;
