import { beforeAll, beforeEach } from 'vitest';
import type { FileEvent } from '../../../src/core/file-event.ts';
import { objectId } from '../../../src/core/loading/ledger.ts';
import type { Batch, LoadBatch, LoadOutcome } from '../../../src/core/load.ts';
import type { ObjectStore } from '../../../src/core/ports.ts';
import { aBatch, startLoading } from '../../support/loading.ts';
import type { Loading } from '../../support/loading.ts';
import type { LogEvent } from '../../support/log-events.ts';
import { aPlay, lines } from '../../support/log-events.ts';
import type { TestStack } from '../../support/stack.ts';
import { forgetAll, storedAt } from './every-way.ts';

export const NOON = Date.UTC(2018, 10, 15, 12);

/** A play of a session, `session` seconds after noon. */
export function play(session: number, values: LogEvent = {}): LogEvent {
  return aPlay({ sessionId: session, ts: NOON + session * 1000, ...values });
}

/** A separate place in which a test sets when S3 stored an object, and reads rows with their files. Empty before each test. */
export class LineagePlace {
  /** When S3 says that an object was stored, in seconds after noon. */
  readonly storedAfter = new Map<string, number>();
  #loading: Loading | null = null;
  #load: LoadBatch | null = null;

  static use(stack: TestStack): LineagePlace {
    const place = new LineagePlace();
    beforeAll(async () => {
      const loading = await startLoading(stack);
      place.#loading = loading;
      place.#load = loading.anotherLoader({ store: place.store });
    });
    beforeEach(async () => {
      await forgetAll(place.loading);
      place.storedAfter.clear();
    });
    return place;
  }

  get loading(): Loading {
    if (this.#loading === null) throw new Error('The place is not there before the first test.');
    return this.#loading;
  }

  /** The bucket, with last-modified as the test says. */
  get store(): ObjectStore {
    return storedAt(this.loading.store, (key) => NOON + (this.storedAfter.get(key) ?? 0) * 1000);
  }

  readonly load = async (batch: Batch): Promise<LoadOutcome> => {
    if (this.#load === null) throw new Error('The place is not there before the first test.');
    return await this.#load(batch, new AbortController().signal);
  };

  /** A log `log_data/<name>.json`, stored `seconds` after noon. */
  readonly put = async (name: string, seconds: number, ...events: readonly LogEvent[]): Promise<FileEvent> => {
    const key = `log_data/${name}.json`;
    this.storedAfter.set(key, seconds);
    return await this.loading.put(key, lines(...events));
  };

  readonly loaded = async (...files: readonly FileEvent[]): Promise<void> => {
    await this.load(aBatch('logs', files));
  };

  /** `<session> <level> <file>:<line>` of every play, in the order of the sessions. */
  readonly plays = async (): Promise<readonly string[]> =>
    await this.named(
      "select session_id || ' ' || level as row, object_id, line_number from songplays order by session_id",
    );

  readonly rivals = async (): Promise<readonly string[]> =>
    await this.named(
      "select session_id || ' ' || level as row, object_id, line_number from play_rivals order by session_id, level",
    );

  /** `<user> <first name> <file>:<line>`. */
  readonly users = async (): Promise<readonly string[]> =>
    await this.named("select user_id || ' ' || first_name as row, object_id, line_number from users order by user_id");

  readonly named = async (sql: string): Promise<readonly string[]> => {
    const names = new Map(
      [...this.storedAfter.keys()].map((key) => [
        objectId({ bucket: this.loading.settings.bucket, key }),
        key.replace(/^\w+\/(.*)\.json$/, '$1'),
      ]),
    );
    const rows = await this.loading.rows(sql);
    return rows.map(
      ({ line_number, object_id, row }) =>
        `${String(row)} ${names.get(String(object_id)) ?? '?'}:${String(line_number)}`,
    );
  };
}
