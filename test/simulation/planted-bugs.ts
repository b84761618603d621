import { logUpload } from '../../simulation/generate-content.ts';
import { generateHistory } from '../../simulation/generate-history.ts';
import type { History, Operation } from '../../simulation/history.ts';
import { dice } from '../../src/generate/dice.ts';
import type { Dice } from '../../src/generate/dice.ts';
import { openObject } from '../../simulation/bucket.ts';
import type { Alter } from '../../simulation/service.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { Batch, LoadOutcome } from '../../src/core/load.ts';
import { STEPS } from '../../simulation/model/statements.ts';
import { replacedIds } from '../../simulation/model/live-objects.ts';
import type { Step } from '../../simulation/model/transaction.ts';
import type { ObjectStore, ObjectVersion, Queue } from '../../src/core/ports.ts';
import { aroundTransactions } from '../support/around-transactions.ts';
import type { RunTransaction, TransactionInput } from '../support/around-transactions.ts';

/** A mistake that somebody could make, and the words in which the simulation should complain about it. */
export type PlantedBug = {
  readonly name: string;
  readonly alter: Alter;
  readonly complaint: RegExp;
  /** Histories in which the mistake shows; `undefined`: those of any seed. */
  readonly histories?: (seed: number) => History;
};

/** An object is overwritten while its stage step is slow, so that another consumer loads the newer version first. */
function overtakenHistory(seed: number): History {
  return rewrittenWhileSlow(seed, 'stage', [1_000, 5_000]);
}

/** Two consumers replace one version: the first is slow to publish, so that the second publishes the newer version first. */
function replacedTwiceHistory(seed: number): History {
  return rewrittenWhileSlow(seed, 'publish', [1_000, 60_000, 64_000]);
}

/** An object is put at these times. From 1 s before the second to last put, the next such operation is slow. */
function rewrittenWhileSlow(seed: number, operation: 'stage' | 'publish', putsAtMs: readonly number[]): History {
  const d = dice(seed, 'overtaken', 0);
  const slow = { target: 'warehouse', operation, kind: 'slow', code: 'timeout' } as const;
  return historyOf(seed, [
    ...putsAtMs.map((atMs) => aLogPut(atMs, 'overtaken', d)),
    { kind: 'fault', atMs: (putsAtMs.at(-2) ?? 0) - 1_000, fault: slow, count: 1 },
  ]);
}

/** Two objects hold the same events, and the second is put when the first is loaded. */
function sameEventsHistory(seed: number): History {
  return historyOf(
    seed,
    [1_000, 60_000].map((atMs) => aLogPut(atMs, `at-${atMs}`, dice(seed, 'same events', 0))),
  );
}

/** S3 refuses all log files for a minute. The last one is put then: what no operation follows is mended at once. */
function refusedHistory(seed: number): History {
  const d = dice(seed, 'refused', 0);
  return historyOf(seed, [
    { kind: 'unreadable', atMs: 0, under: 'log_data/', how: 'access_denied', forMs: 60_000 },
    ...[1_000, 1_000, 60_000].map((atMs, index) => aLogPut(atMs, `refused-${index}`, d)),
  ]);
}

/** These operations and nothing else, with three consumers that load at once. */
function historyOf(seed: number, operations: readonly Operation[]): History {
  const history = generateHistory(seed);
  return {
    ...history,
    settings: { ...history.settings, consumers: 3, lingerMs: 0, loadIntervalMs: 0 },
    operations: operations.toSorted((a, b) => a.atMs - b.atMs),
  };
}

function aLogPut(atMs: number, name: string, d: Dice): Operation {
  const key = `log_data/${name}.json`;
  return { kind: 'put', atMs, objects: [{ key, upload: logUpload(d, key, () => d) }], notices: [10], uploadMs: 0 };
}

/** Wraps every transaction of every session. */
function transactions(change: (input: TransactionInput, run: RunTransaction) => ReturnType<RunTransaction>): Alter {
  return { warehouse: (warehouse) => aroundTransactions(warehouse, change) };
}

/** The transactions lack the statements of this SQL file. */
function without(path: string): Alter {
  return transactions(async (input, run) => {
    const statements = input.statements.filter((statement) => !statement.includes(`"${path}"`));
    return await run({ ...input, statements });
  });
}

function queue(change: (queue: Queue) => Partial<Queue>): Alter {
  return {
    consumer: (dependencies) => {
      const { queue: port } = dependencies;
      const unchanged: Queue = {
        receive: async (input) => await port.receive(input),
        delete: async (...input) => await port.delete(...input),
        changeVisibility: async (...input) => await port.changeVisibility(...input),
        park: async (...input) => await port.park(...input),
      };
      return { ...dependencies, queue: { ...unchanged, ...change(port) } };
    },
  };
}

function store(change: (port: ObjectStore) => Partial<ObjectStore>): Alter {
  return {
    store: (port) => ({
      put: async (input) => await port.put(input),
      remove: async (input) => await port.remove(input),
      open: async (input) => await port.open(input),
      probe: async (input) => await port.probe(input),
      list: (input) => port.list(input),
      ...change(port),
    }),
  };
}

/** The statement names no range there. */
function withoutRanges(statement: string, name: string): string {
  const ranges = new RegExp(`"${name}":\\{"kind":"ranges","ranges":\\[[^\\]]*\\]\\}`);
  return statement.replace(ranges, `"${name}":{"kind":"ranges","ranges":[]}`);
}

/** An SQL file does this. `run`: what it should do. */
function step(path: string, change: (run: Step) => Step): Alter {
  const run = STEPS[path];
  if (run === undefined) throw new Error(`The model does not know ${path}.`);
  return { steps: { [path]: change(run) } };
}

/** Files are of one age while the file runs. */
function withoutAges(run: Step): Step {
  return (transaction, values) => {
    const { tables, temporary } = transaction;
    const objects = temporary.get('sparkify_objects');
    temporary.set(
      'sparkify_objects',
      objects.map((object) => ({ ...object, lastModifiedMs: 0 })),
    );
    const ageless = new Proxy(tables.ingest_objects, {
      get: (table, name) =>
        name === 'get'
          ? (id: string) => {
              const row = table.get(id);
              return row === undefined ? undefined : { ...row, lastModifiedMs: 0 };
            }
          : (Reflect.get(table, name, table) as unknown),
    });
    const rows = run({ ...transaction, tables: { ...tables, ingest_objects: ageless } }, values);
    temporary.set('sparkify_objects', objects);
    return rows;
  };
}

function asIfLoaded(batch: Batch): LoadOutcome {
  return {
    batchId: batch.id,
    files: batch.files.map((file) => ({ file, status: 'loaded' as const, reason: null, lastModifiedMs: null })),
    counts: { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0, removed: 0 },
    stageMs: { know: 0, read: 0, stage: 0, publish: 0 },
    roundTrips: 0,
    warehouseMs: 0,
    liveConsumers: 1,
    committedAtMs: 0,
  };
}

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
    complaint: /P2\/P3: users differs/,
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
    alter: without('load/ledger/45_superseded_files.sql'),
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
    alter: step('load/ledger/50_files_set_aside.sql', (run) => (transaction, values) => {
      const { ingest_files: files } = transaction.tables;
      const superseded = files.entries().filter(([, { status }]) => status === 'superseded');
      run(transaction, values);
      for (const [key, entry] of superseded) files.update(key, entry);
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
