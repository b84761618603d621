import { Readable } from 'node:stream';
import type { GetObjectCommandOutput, ListObjectsV2CommandOutput, S3Client, _Object } from '@aws-sdk/client-s3';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore, OpenObject } from '../core/ports.ts';
import { sdkErrorCode } from './error-codes.ts';
import { fromSdkError } from './ingest-error.ts';

/** S3 behind the `ObjectStore` port. */
export function createS3ObjectStore(s3: S3Client): ObjectStore {
  return {
    put: async ({ bucket, key, body, contentType, signal }) => {
      try {
        const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType });
        await s3.send(command, { abortSignal: signal });
      } catch (error) {
        throw fromSdkError(error, `Writing s3://${bucket}/${key}`, { bucket, key });
      }
    },
    open: async ({ bucket, key, signal }) => {
      try {
        const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        return openObject(answer, { bucket, key, signal });
      } catch (error) {
        if (sdkErrorCode(error) === 'object_missing') return null;
        throw fromSdkError(error, `Reading s3://${bucket}/${key}`, { bucket, key });
      }
    },
    exists: async ({ bucket, key, signal }) => {
      try {
        await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        return true;
      } catch (error) {
        if (sdkErrorCode(error) === 'object_missing') return false;
        throw fromSdkError(error, `Asking for s3://${bucket}/${key}`, { bucket, key });
      }
    },
    list: (input) => listPages(s3, input),
  };
}

type Transfer = { readonly bucket: string; readonly key: string; readonly signal: AbortSignal };

function openObject(answer: GetObjectCommandOutput, transfer: Transfer): OpenObject {
  const { Body, ContentLength, ETag, LastModified } = answer;
  // In Node the SDK's body is always a stream, and S3 always says its length (API reference, GetObject).
  if (!(Body instanceof Readable) || ContentLength === undefined) {
    throw broken(new Error('S3 answered without a body or without its Content-Length'), transfer);
  }
  return {
    etag: withoutQuotes(ETag),
    size: ContentLength,
    lastModifiedMs: LastModified?.getTime() ?? 0,
    body: chunks(Body, transfer),
    close: () => void Body.destroy(),
  };
}

async function* chunks(body: Readable, transfer: Transfer): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    throw broken(error, transfer);
  }
}

/** Whatever ends a transfer that had begun is an error of the way, also where Node and the SDK have no name for it. */
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
    // A key may hold characters that XML cannot; then S3 gives all keys URL-encoded, if asked to.
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
    bucket,
    key: decode(object.Key ?? ''),
    etag: withoutQuotes(object.ETag),
    versionId: null,
    sequencer: null,
    size: object.Size ?? 0,
    eventTimeMs: object.LastModified?.getTime() ?? 0,
  };
}

function decodeListedKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

function withoutQuotes(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
