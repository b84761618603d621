import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LocalStackError } from 'redshift-local';
import type { Message, S3Store, SqsQueue, SqsStore, StoredObject, Stores } from './fauxqs-types.ts';
import { keyOrder } from './object-listing.ts';
import type { KeyOrder } from './object-listing.ts';
import { transactionsOf } from './transactions.ts';
import type { Transactions } from './transactions.ts';
import { undoMessages, undoObjects } from './undo-in-memory.ts';

/*
 * The fauxqs library's stores, opened on one SQLite file, with their differences from S3 and SQS corrected: PATCHES.md
 * lists them. fauxqs exports only a complete server that listens on every interface and refuses bodies over 11 MiB. This
 * file imports the parts of that server from fauxqs's internal files, so its version is pinned exactly.
 */

/** What the stores of one data directory offer to the rest of the object store. */
export type OpenStores = Stores & {
  readonly database: DatabaseSync;
  /** Runs `act` as one transaction of the SQLite file; may be nested. */
  readonly transaction: Transactions['run'];
  readonly createMessage: (body: string) => Message;
  close(): void;
};

/** Opens (or creates) the stores in `dataDir`. No other process may have the directory open. */
export async function openStores(dataDir: string): Promise<OpenStores> {
  const internals = await loadInternals();
  keepPrivate(dataDir);
  const stores: Stores = {
    sqsStore: new internals.SqsStore(),
    snsStore: new internals.SnsStore(),
    s3Store: new internals.S3Store(),
  };
  const persistence = load(internals, dataDir, stores);
  // A kill of the process loses nothing that was committed; only a power cut could take the last moments.
  persistence.db.exec('pragma synchronous = normal');
  const transactions = transactionsOf(persistence.db);
  persistence.transaction = transactions.run;
  keepReceiveCountOnHandBack(persistence);

  Object.assign(stores.sqsStore, { persistence });
  Object.assign(stores.snsStore, { persistence });
  Object.assign(stores.s3Store, { persistence });
  for (const queue of stores.sqsStore.allQueues()) {
    Object.assign(queue, { persistence });
    undoMessages(queue, transactions);
  }
  const createQueue = stores.sqsStore.createQueue.bind(stores.sqsStore);
  stores.sqsStore.createQueue = (...input) => {
    const queue = createQueue(...input);
    undoMessages(queue, transactions);
    return queue;
  };
  wholeSeconds(persistence);
  const order = listInKeyOrder(stores.s3Store, persistence);
  undoObjects(stores.s3Store, transactions, (bucket) => order.forget(bucket));
  return {
    ...stores,
    database: persistence.db,
    transaction: transactions.run,
    createMessage: (body) => internals.SqsStore.createMessage(body),
    close: () => persistence.close(),
  };
}

/** Makes every queue's URL start with `baseUrl` (no trailing slash), those of earlier runs on another port as well. */
export function useQueueUrls(sqsStore: SqsStore, baseUrl: string): void {
  const queueUrl = (name: string): string => `${baseUrl}/000000000000/${name}`;
  sqsStore.buildQueueUrl = (name) => queueUrl(name);
  const byUrl = (sqsStore as unknown as { queues: Map<string, SqsQueue> }).queues;
  for (const queue of [...byUrl.values()]) {
    byUrl.delete(queue.url);
    Object.assign(queue, { url: queueUrl(queue.name) });
    byUrl.set(queue.url, queue);
  }
}

type Persistence = {
  db: DatabaseSync;
  transaction: Transactions['run'];
  load(sqsStore: SqsStore, snsStore: Stores['snsStore'], s3Store: S3Store): void;
  updateMessageReady(messageId: string): void;
  upsertObject(bucket: string, object: StoredObject): void;
  deleteObject(bucket: string, key: string): void;
  deleteBucket(bucket: string): void;
  close(): void;
};

type Internals = {
  PersistenceManager: new (dataDir: string) => Persistence;
  SqsStore: { new (): SqsStore; createMessage(body: string): Message };
  SnsStore: new () => Stores['snsStore'];
  S3Store: new () => S3Store;
};

async function loadInternals(): Promise<Internals> {
  const folder = dirname(fileURLToPath(import.meta.resolve('fauxqs')));
  const parts = await Promise.all(
    ['persistence.js', 'sqs/sqsStore.js', 'sns/snsStore.js', 's3/s3Store.js'].map(
      async (file) => (await import(pathToFileURL(join(folder, file)).href)) as object,
    ),
  );
  return Object.assign({}, ...parts) as Internals;
}

/** Before the stores get their persistence: loading must not write. */
function load(internals: Internals, dataDir: string, { sqsStore, snsStore, s3Store }: Stores): Persistence {
  try {
    const persistence = new internals.PersistenceManager(dataDir);
    persistence.load(sqsStore, snsStore, s3Store);
    return persistence;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalStackError(
      `The objects and messages in ${join(dataDir, 'fauxqs.db')} cannot be read (${why}). ` +
        'Restore the file, choose another directory with --data-dir, or delete this one to start afresh.',
      { cause },
    );
  }
}

/** The file and its companions, whose modes SQLite takes from the file: other users of the machine cannot read them. */
function keepPrivate(dataDir: string): void {
  const file = join(dataDir, 'fauxqs.db');
  closeSync(openSync(file, 'a', 0o600));
  for (const each of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(each)) chmodSync(each, 0o600);
}

function keepReceiveCountOnHandBack(persistence: Persistence): void {
  const handBack = persistence.db.prepare(
    'update sqs_messages set receipt_handle = null, visibility_deadline = null where message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => void handBack.run(messageId);
}

/** The store keeps the object that it passes to its persistence, so here both get the same time. */
function wholeSeconds(persistence: Persistence): void {
  const upsertObject = persistence.upsertObject.bind(persistence);
  persistence.upsertObject = (bucket, object) => {
    object.lastModified.setMilliseconds(0);
    upsertObject(bucket, object);
  };
}

function listInKeyOrder(s3Store: S3Store, persistence: Persistence): KeyOrder {
  const { buckets } = s3Store as unknown as { buckets: ReadonlyMap<string, ReadonlyMap<string, StoredObject>> };
  const libraryList = s3Store.listObjects.bind(s3Store);
  const order = keyOrder((bucket) => {
    const objects = buckets.get(bucket);
    // Lets the library raise its own error for a missing bucket.
    if (objects === undefined) libraryList(bucket);
    return objects ?? new Map();
  });
  s3Store.listObjects = (bucket, options = {}) => order.list(bucket, options);

  const upsertObject = persistence.upsertObject.bind(persistence);
  persistence.upsertObject = (bucket, object) => {
    upsertObject(bucket, object);
    if (buckets.get(bucket)?.has(object.key) !== true) order.forget(bucket);
  };
  const deleteObject = persistence.deleteObject.bind(persistence);
  persistence.deleteObject = (bucket, key) => {
    deleteObject(bucket, key);
    order.forget(bucket);
  };
  const deleteBucket = persistence.deleteBucket.bind(persistence);
  persistence.deleteBucket = (bucket) => {
    deleteBucket(bucket);
    order.forget(bucket);
  };
  return order;
}
