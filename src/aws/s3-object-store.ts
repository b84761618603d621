import { Readable } from 'node:stream';
import type {
  GetObjectCommandOutput,
  ListObjectsV2CommandOutput,
  S3Client,
  _Error as S3Error,
  _Object,
} from '@aws-sdk/client-s3';
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore, OpenObject } from '../core/ports.ts';
import { sdkErrorCode } from './recognise-error.ts';
import { fromSdkError, ingestError } from './ingest-error.ts';

/** S3 behind the `ObjectStore` port. */
export function createS3ObjectStore(s3: S3Client): ObjectStore {
  return {
    put: async ({ bucket, key, body, contentType, ifAbsent = false, signal }) => {
      const condition = ifAbsent ? { IfNoneMatch: '*' } : {};
      const input = { Bucket: bucket, Key: key, Body: body, ContentType: contentType, ...condition };
      try {
        await s3.send(new PutObjectCommand(input), { abortSignal: signal });
      } catch (error) {
        throw fromSdkError(error, `Writing s3://${bucket}/${key}`, { bucket, key }, 's3');
      }
    },
    remove: async ({ bucket, keys, signal }) => {
      const refused: S3Error[] = [];
      for (let from = 0; from < keys.length; from += DELETES_A_CALL) {
        refused.push(...(await removeSome(s3, { bucket, keys: keys.slice(from, from + DELETES_A_CALL), signal })));
      }
      const [first] = refused;
      if (first !== undefined) throw notRemoved(bucket, first, refused.length);
    },
    open: async ({ bucket, key, signal }) => {
      try {
        const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        return openObject(answer, { bucket, key, signal });
      } catch (error) {
        if (isGone(error)) return null;
        throw readError(error, { bucket, key });
      }
    },
    probe: async ({ bucket, key, signal }) => {
      const first = async (range: { Range?: string }): Promise<OpenObject> => {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key, ...range });
        const object = openObject(await s3.send(command, { abortSignal: signal }), { bucket, key, signal });
        await object.body[Symbol.asyncIterator]().next();
        object.close();
        return object;
      };
      try {
        return await first({ Range: 'bytes=0-0' });
      } catch (error) {
        if (isGone(error)) return null;
        // An empty object has no first byte, and this error does not show whether it is readable.
        if (!isEmpty(error)) throw readError(error, { bucket, key });
      }
      try {
        return await first({});
      } catch (error) {
        if (isGone(error)) return null;
        throw readError(error, { bucket, key });
      }
    },
    list: (input) => listPages(s3, input),
  };
}

/** Amazon S3 API Reference, DeleteObjects. */
const DELETES_A_CALL = 1000;

/** @returns what S3 refused to delete. */
async function removeSome(
  s3: S3Client,
  { bucket, keys, signal }: { bucket: string; keys: readonly string[]; signal: AbortSignal },
): Promise<readonly S3Error[]> {
  const input = { Bucket: bucket, Delete: { Objects: keys.map((key) => ({ Key: key })), Quiet: true } };
  try {
    const answer = await s3.send(new DeleteObjectsCommand(input), { abortSignal: signal });
    return answer.Errors ?? [];
  } catch (error) {
    throw fromSdkError(error, deleting({ bucket, key: keys[0], count: keys.length }), { bucket }, 's3');
  }
}

/** S3 answers for each key (Amazon S3 API Reference, DeleteObjects, "Response Syntax"), with 200 for the call. */
function notRemoved(
  bucket: string,
  { Code = 'unknown', Key: key, Message = Code }: S3Error,
  count: number,
): IngestError {
  const error = Object.assign(new Error(Message), { name: Code });
  return fromSdkError(error, deleting({ bucket, key, count }), { bucket, key }, 's3');
}

function deleting({ bucket, key, count }: { bucket: string; key: string | undefined; count: number }): string {
  return `Deleting s3://${bucket}/${key ?? ''}${count > 1 ? ` and ${count - 1} more` : ''}`;
}

/**
 * Whether S3 says that the object does not exist. S3 always names the error in its response to a GET (Amazon S3 API Reference, "Error
 * responses"); a 404 without a name comes from a proxy or another server.
 */
function isGone(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NoSuchVersion');
}

function readError(error: unknown, { bucket, key }: { bucket: string; key: string }): IngestError {
  const doing = `Reading s3://${bucket}/${key}`;
  if (error instanceof IngestError || sdkErrorCode(error, 's3') !== 'object_missing') {
    return fromSdkError(error, doing, { bucket, key }, 's3');
  }
  const text = 'HTTP 404 without the error code of S3 (NoSuchKey): a proxy or another server may have answered';
  return ingestError('service_unavailable', doing, text, { seen: { bucket, key }, cause: error });
}

function isEmpty(error: unknown): boolean {
  return error instanceof Error && error.name === 'InvalidRange';
}

type Transfer = { readonly bucket: string; readonly key: string; readonly signal: AbortSignal };

function openObject(answer: GetObjectCommandOutput, transfer: Transfer): OpenObject {
  const { Body, ContentLength, ETag, LastModified } = answer;
  if (!(Body instanceof Readable)) throw broken(new Error('S3 answered without a body'), transfer);
  // A transfer may end before it is read; reading then reports the error.
  Body.on('error', () => undefined);
  if (ContentLength === undefined) {
    // S3 always sends it (API reference, GetObject, "Response Syntax").
    Body.destroy();
    throw broken(new Error('S3 answered without a Content-Length'), transfer);
  }
  return {
    etag: withoutQuotes(ETag),
    size: ContentLength,
    lastModifiedMs: LastModified?.getTime() ?? 0,
    body: chunks(Body, ContentLength, transfer),
    close: () => void Body.destroy(),
  };
}

async function* chunks(body: Readable, size: number, transfer: Transfer): AsyncIterable<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      received += chunk.byteLength;
      yield chunk;
    }
    if (received !== size) throw new Error(`S3 announced ${size} bytes and sent ${received}`);
  } catch (error) {
    throw broken(error, transfer);
  }
}

/** Any error during a transfer is a network error, even if Node and the SDK have no name for it. */
function broken(error: unknown, { bucket, key, signal }: Transfer): IngestError {
  const doing = `Reading s3://${bucket}/${key}`;
  if (signal.aborted) return new IngestError('aborted', `${doing} was stopped.`, { cause: error });
  const known = fromSdkError(error, doing, { bucket, key });
  if (known.code !== 'unknown') return known;
  return new IngestError('endpoint_unreachable', known.message, { seen: { bucket, key }, cause: error });
}

async function* listPages(
  s3: S3Client,
  { bucket, prefix, signal }: { bucket: string; prefix: string; signal: AbortSignal },
): AsyncIterable<readonly FileEvent[]> {
  let token: string | undefined;
  do {
    const page = await listPage(s3, { bucket, prefix, token, signal });
    // Keys may contain characters that XML cannot; with `EncodingType` S3 URL-encodes all keys.
    const decode = page.EncodingType === 'url' ? decodeListedKey : (key: string) => key;
    yield (page.Contents ?? []).map((object) => listedFile(bucket, object, decode));
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function listPage(
  s3: S3Client,
  input: { bucket: string; prefix: string; token: string | undefined; signal: AbortSignal },
): Promise<ListObjectsV2CommandOutput> {
  const { bucket, prefix, token, signal } = input;
  try {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      EncodingType: 'url',
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    return await s3.send(command, { abortSignal: signal });
  } catch (error) {
    throw fromSdkError(error, `Listing s3://${bucket}/${prefix}`, { bucket, prefix });
  }
}

function listedFile(bucket: string, object: _Object, decode: (key: string) => string): FileEvent {
  return {
    change: 'put',
    bucket,
    key: decode(object.Key ?? ''),
    etag: withoutQuotes(object.ETag),
    versionId: null,
    sequencer: null,
    size: object.Size ?? 0,
    eventTimeMs: object.LastModified?.getTime() ?? 0,
  };
}

/** Form encoding: a blank is `+`, a plus sign is `%2B`. */
function decodeListedKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

function withoutQuotes(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
