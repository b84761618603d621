import type { BuildAppOptions } from 'fauxqs';

/** The library's stores for buckets, objects, queues and messages. It exports them by this type only. */
export type Stores = NonNullable<BuildAppOptions['stores']>;
export type S3Store = Stores['s3Store'];
export type SqsStore = Stores['sqsStore'];
export type SqsQueue = NonNullable<ReturnType<SqsStore['getQueue']>>;
export type StoredObject = ReturnType<S3Store['headObject']>;
export type Message = Parameters<SqsQueue['enqueue']>[0];
