import type { History } from '../../simulation/history.ts';
import { openObject } from '../../simulation/bucket.ts';
import type { Alter } from '../../simulation/service.ts';
import { IngestError } from '../../src/core/errors.ts';
import { replacedIds } from '../../simulation/model/live-objects.ts';
import type { ObjectVersion } from '../../src/core/ports.ts';
import {
  overtakenHistory,
  replacedTwiceHistory,
  sameEventsHistory,
  refusedHistory,
  reloadedHistory,
  withTwoLogs,
  FIRST_LOG,
  UNANSWERED_LOOK,
} from './planted-histories.ts';
import { transactions, without, queue, store, withoutRanges, step, withoutAges, asIfLoaded } from './planting.ts';

/** A mistake that somebody could make, and the words in which the simulation should complain about it. */
export type PlantedBug = {
  readonly name: string;
  readonly alter: Alter;
  readonly complaint: RegExp;
  /** Histories in which the mistake shows; `undefined`: those of any seed. */
  readonly histories?: (seed: number) => History;
};

const UNANSWERED: readonly string[] = ['outcome_unknown', 'endpoint_unreachable'];

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'a batch is acknowledged before its load has committed',
    complaint: /deleted before the fate/,
    alter: {
      consumer: ({ loadBatch, ...rest }) => ({
        ...rest,
        loadBatch: async (batch, signal) => {
          loadBatch(batch, signal).catch(() => undefined);
          return await Promise.resolve(asIfLoaded(batch));
        },
      }),
    },
  },
  {
    name: 'a load that got no answer is taken for committed',
    complaint: /deleted before the fate/,
    alter: {
      consumer: ({ loadBatch, ...rest }) => ({
        ...rest,
        loadBatch: async (batch, signal) => {
          try {
            return await loadBatch(batch, signal);
          } catch (error) {
            if (error instanceof IngestError && UNANSWERED.includes(error.code)) return asIfLoaded(batch);
            throw error;
          }
        },
      }),
    },
  },
  {
    name: 'leases are never renewed',
    complaint: /lease of \w+ ran out/,
    alter: queue((port) => ({
      changeVisibility: async (handles, seconds, signal) =>
        seconds > 0 ? { failed: [] } : await port.changeVisibility(handles, seconds, signal),
    })),
  },
  {
    name: 'an unreadable message is deleted and parked nowhere',
    complaint: /cannot be read, is deleted/,
    alter: queue(() => ({ park: async () => await Promise.resolve() })),
  },
  {
    name: 'the second half of every receive is forgotten',
    complaint: /was received 100 times|messages and \d+ backfills are left|lease of/,
    alter: queue((port) => ({
      receive: async (input) => {
        const messages = await port.receive(input);
        return messages.slice(0, Math.floor(messages.length / 2));
      },
    })),
  },
  {
    name: 'the publish transaction takes no lock',
    complaint: /twice|differs from a full reload/,
    alter: without('load/ledger/00_take_lock.sql'),
  },
  {
    name: 'the range of time that a batch names is too short',
    histories: sameEventsHistory,
    complaint: /twice/,
    alter: transactions(async (input, run) => {
      const statements = input.statements.map((statement) => withoutRanges(statement, 'times'));
      return await run({ ...input, statements });
    }),
  },
  {
    name: 'rows are committed in one transaction and the ledger in the next',
    complaint: /P4: rows of the star/,
    alter: transactions(async (input, run) => {
      const at = input.statements.findIndex((statement) => statement.includes('60_files'));
      if (at < 0) return await run(input);
      const rows = await run({ ...input, statements: input.statements.slice(0, at) });
      const ledger = await run({ ...input, token: `${input.token}b`, statements: input.statements.slice(at) });
      return [...rows, ...ledger];
    }),
  },
  {
    name: 'a token is used again for the next attempt',
    complaint: /token .* was used for two/,
    alter: transactions(async (input, run) => await run({ ...input, token: input.token.slice(0, -1) })),
  },
  {
    name: 'an object that is gone is read as an empty one',
    complaint: /called loaded in a version that cannot be loaded|differs from a full reload/,
    alter: store((port) => ({
      open: async (input) =>
        (await port.open(input)) ?? openObject(new Uint8Array(), { etag: '', lastModifiedMs: Date.UTC(2100, 0, 1) }),
    })),
  },
  {
    name: 'last-modified is the time of reading',
    complaint: /differs from a full reload|does not say that it is loaded/,
    alter: store((port) => {
      let readings = 0;
      return {
        open: async (input) => {
          const stored = await port.open(input);
          readings += 1;
          return stored === null ? null : { ...stored, lastModifiedMs: stored.lastModifiedMs + readings * 1000 };
        },
      };
    }),
  },
  {
    name: 'a receive that gets no answer is waited for without an end',
    complaint: /has something in flight|has not stopped|are left/,
    alter: queue((port) => ({
      receive: async (input) => {
        try {
          return await port.receive(input);
        } catch {
          return await new Promise<never>(() => undefined);
        }
      },
    })),
  },
  {
    name: 'an object that is refused is taken for one that is gone',
    histories: refusedHistory,
    complaint: /is missing and was always there|does not say that it is loaded/,
    alter: store((port) => ({
      open: async (input) => {
        try {
          return await port.open(input);
        } catch (error) {
          if (error instanceof IngestError && error.code === 'access_denied') return null;
          throw error;
        }
      },
    })),
  },
  {
    name: 'an object that cannot be read passes for a control',
    histories: refusedHistory,
    complaint: /no other object could be read/,
    alter: store((port) => ({
      probe: async (input) => {
        try {
          return await port.probe(input);
        } catch {
          return { etag: '', lastModifiedMs: 0 };
        }
      },
    })),
  },
  {
    name: 'nobody asks whether what replaces a version is still there',
    histories: overtakenHistory,
    complaint: /differs from a full reload|does not say that it is loaded|in a version that is not live/,
    alter: store((port) => {
      const read = new Map<string, Omit<ObjectVersion, 'size'>>();
      return {
        open: async (input) => {
          const object = await port.open(input);
          if (object !== null) read.set(input.key, object);
          return object;
        },
        probe: async (input) => {
          const there = await port.probe(input);
          return there === null ? null : (read.get(input.key) ?? there);
        },
      };
    }),
  },
  {
    name: 'a version is replaced that the stage step did not see',
    histories: replacedTwiceHistory,
    complaint: /differs from a full reload|does not say that it is loaded/,
    alter: step('load/ledger/35_replaced_objects.sql', () => (transaction) => {
      for (const id of replacedIds(transaction)) transaction.tables.ingest_objects.delete(id);
      return undefined;
    }),
  },
  {
    name: 'a play goes with its object although another object has the play',
    complaint: /P2\/P3: songplays differs|P9: plays and their rivals/,
    alter: step('load/logs/exact/20_songplays.sql', (run) => (transaction, values) => {
      const { play_rivals: rivals, songplays } = transaction.tables;
      const before = rivals.entries();
      run(transaction, values);
      for (const [key, { id, objectId }] of before) {
        if (rivals.get(key) === undefined && songplays.get(id)?.objectId === objectId) songplays.delete(id);
      }
      return undefined;
    }),
  },
  {
    name: 'plays of a replaced version stay in play_rivals',
    complaint: /P9: plays and their rivals/,
    alter: step('load/logs/exact/20_songplays.sql', (run) => (transaction, values) => {
      const { play_rivals: rivals } = transaction.tables;
      const out = rivals.entries().filter(([, { objectId }]) => replacedIds(transaction).has(objectId));
      run(transaction, values);
      for (const [key, rival] of out) if (rivals.get(key) === undefined) rivals.update(key, rival);
      return undefined;
    }),
  },
  {
    name: 'a user goes with the newest event although there are others',
    complaint: /P2\/P3: users differs|P9: a reload of what is there changed/,
    alter: transactions(async (input, run) => {
      const statements = input.statements.map((statement) =>
        withoutRanges(statement, 'fallback').replace(
          '"reads_all_users":{"kind":"integer","value":0}',
          '"reads_all_users":{"kind":"integer","value":1}',
        ),
      );
      return await run({ ...input, statements });
    }),
  },
  {
    name: 'entries of versions that were replaced stay as they are',
    complaint: /called loaded in a version that is not live/,
    alter: without('load/ledger/38_superseded_files.sql'),
  },
  {
    name: 'a deletion is settled although S3 did not say whether the object is there',
    histories: withTwoLogs(
      { kind: 'fault', atMs: 60_000, fault: UNANSWERED_LOOK, count: 3 },
      { kind: 'remove', atMs: 60_000, key: FIRST_LOG, notices: [10] },
      // The faults last until the last operation.
      { kind: 'backfill', atMs: 120_000, isReload: false, crashAfterMs: null },
    ),
    complaint: /deleted before the fate/,
    alter: {
      consumer: ({ loadBatch, ...rest }) => ({
        ...rest,
        loadBatch: async (...input) => {
          const outcome = await loadBatch(...input);
          const settled = outcome.released.map((one) => ({
            ...one,
            status: 'quarantined' as const,
            lastModifiedMs: null,
          }));
          return { ...outcome, files: [...outcome.files, ...settled], released: [] };
        },
      }),
    },
  },
  {
    name: 'a deletion is ignored by a consumer that is to remove the rows',
    complaint: /is ignored and is ours|and they are live/,
    alter: {
      consumer: (dependencies) => {
        const { settings } = dependencies;
        return { ...dependencies, settings: { ...settings, route: { ...settings.route, onDelete: 'keep' } } };
      },
    },
  },
  {
    name: 'a deletion removes the rows of a consumer that is to keep them',
    complaint: /every consumer keeps the rows/,
    alter: {
      consumer: (dependencies) => {
        const { settings } = dependencies;
        return { ...dependencies, settings: { ...settings, route: { ...settings.route, onDelete: 'remove' } } };
      },
    },
  },
  {
    name: 'a version that is restored stays superseded',
    complaint: /does not say that it is loaded/,
    alter: step('load/ledger/50_changed_files.sql', (run) => (transaction, values) => {
      const { ingest_files: files } = transaction.tables;
      const superseded = files.entries().filter(([, { status }]) => status === 'superseded');
      run(transaction, values);
      for (const [key, entry] of superseded) files.update(key, entry);
      return undefined;
    }),
  },
  {
    name: 'a late notice loads a version again that a person retracted',
    histories: withTwoLogs(
      { kind: 'retract', atMs: 40_000, keys: [FIRST_LOG] },
      {
        ...{ kind: 'forge', atMs: 90_000, shape: 's3' },
        records: [{ key: FIRST_LOG, claims: { sequencer: 'FF' }, isPossible: true }],
      },
    ),
    complaint: /is loaded again, and was retracted/,
    alter: step('load/ledger/20_batch_objects.sql', (run) => (transaction, values) => {
      const { temporary } = transaction;
      run(transaction, values);
      const objects = temporary.get('sparkify_objects').map((object) => {
        const isBack = object.status === 'live' && object.was?.status === 'retracted';
        return isBack ? { ...object, change: 'newer' as const } : object;
      });
      temporary.set('sparkify_objects', objects);
      return undefined;
    }),
  },
  {
    name: 'a reload takes all files for equally old',
    histories: reloadedHistory,
    complaint: /a reload of what is there changed more than the lineage/,
    alter: step('load/logs/exact/20_songplays.sql', (run) => (transaction, values) => {
      const objects = transaction.temporary.get('sparkify_objects');
      const isReload = objects.every(({ etag, status, was }) => status === 'live' && was?.etag === etag);
      return (isReload ? withoutAges(run) : run)(transaction, values);
    }),
  },
  {
    name: 'a row without an object stays although an object has the play',
    histories: withTwoLogs({ kind: 'upgrade', atMs: 60_000 }),
    complaint: /P9: plays and their rivals|P2\/P3|twice/,
    alter: step('load/logs/exact/20_songplays.sql', (run) => (transaction, values) => {
      const { songplays } = transaction.tables;
      const old = [...songplays.rows()].filter(({ objectId }) => objectId === null);
      run(transaction, values);
      for (const play of old) if (songplays.get(play.id) !== undefined) songplays.update(play.id, play);
      return undefined;
    }),
  },
  {
    name: 'the greater key wins although its file is older',
    complaint: /P2\/P3: songplays differs/,
    alter: step('load/logs/exact/20_songplays.sql', withoutAges),
  },
  {
    name: 'the append plan is taken for enough where an event is shared',
    complaint: /twice|P2\/P3|P9/,
    alter: step('load/logs/append/80_counts.sql', (run) => (transaction, values) => {
      const { temporary } = transaction;
      temporary.set('doubles', []);
      run(transaction, values);
      const counted = temporary
        .get('staging')
        .map((row) => (row['kind'] === 'C' ? { ...row, rows_inserted: '0' } : row));
      temporary.set('staging', counted);
      return undefined;
    }),
  },
];
