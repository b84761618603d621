import { gunzipSync, gzipSync } from 'node:zlib';
import { openObject } from '../../simulation/bucket.ts';
import type { Alter } from '../../simulation/service.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { Batch, LoadOutcome } from '../../src/core/load.ts';
import type { ObjectStore, Queue } from '../../src/core/ports.ts';
import { aroundTransactions } from '../support/around-transactions.ts';
import type { RunTransaction, TransactionInput } from '../support/around-transactions.ts';

/** A mistake that somebody could make, and the words in which the simulation should complain about it. */
export type PlantedBug = { readonly name: string; readonly alter: Alter; readonly complaint: RegExp };

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

function asIfLoaded(batch: Batch): LoadOutcome {
  return {
    batchId: batch.id,
    files: batch.files.map((file) => ({ file, status: 'loaded' as const, reason: null })),
    counts: { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0 },
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
    complaint: /twice/,
    alter: transactions(async (input, run) => {
      const statements = input.statements.map((statement) =>
        statement.replace(/"starts":\{"kind":"ranges","ranges":\[[^\]]*\]\}/, '"starts":{"kind":"ranges","ranges":[]}'),
      );
      return await run({ ...input, statements });
    }),
  },
  {
    name: 'two versions of a song within a second are not told apart',
    complaint: /differs from a full reload/,
    alter: store((port) => ({
      put: async (input) => {
        if (!input.key.includes('/part-')) await port.put(input);
        else {
          const text = gunzipSync(input.body).toString();
          await port.put({ ...input, body: gzipSync(text.replaceAll(/"sequencer":"[0-9A-F]+"/g, '"sequencer":"0"')) });
        }
      },
    })),
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
    complaint: /differs from a full reload/,
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
    complaint: /no other object could be read/,
    alter: store((port) => ({
      probe: async (input) => {
        try {
          return await port.probe(input);
        } catch {
          return true;
        }
      },
    })),
  },
];
