import { once } from 'node:events';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** A running `COPY … FROM STDIN` of PostgreSQL. */
export type RowSink = {
  /** Takes lines of the COPY text format. Resolves at once, or when PostgreSQL has caught up. */
  write(lines: string): Promise<void>;
  /** Ends the stream; the rows written. */
  finish(): Promise<number>;
  /** Discards the rows. Resolves when the session is free, with the error that had already ended the stream, if any. */
  abandon(): Promise<Error | null>;
};

/** Starts streaming rows into a table over the session's own connection, inside its transaction. */
export function openRowSink(client: ClientBase, copySql: string): RowSink {
  const stream = client.query(copyFrom(copySql, { highWaterMark: bufferedBytes }));
  let failure: Error | null = null;
  stream.on('error', (error: Error) => {
    failure ??= error;
  });
  // After an error of PostgreSQL there is not a `close` event.
  const ended = new Promise<void>((resolve) => {
    stream.once('close', resolve).once('error', () => {
      resolve();
    });
  });
  const throwFailure = (): void => {
    if (failure !== null) throw failure;
  };
  return {
    async write(lines) {
      throwFailure();
      if (stream.write(lines)) return;
      await Promise.race([once(stream, 'drain'), ended]);
      throwFailure();
    },
    async finish() {
      throwFailure();
      stream.end();
      await ended;
      throwFailure();
      return stream.rowCount;
    },
    async abandon() {
      if (failure !== null || stream.closed) return failure;
      stream.destroy(new Error('COPY was given up'));
      await ended;
      return null;
    },
  };
}

const bufferedBytes = 1024 * 1024;
