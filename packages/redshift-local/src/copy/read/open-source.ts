import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyStatement, S3Location } from '../parse/copy-statement.ts';
import type { CopySource } from './list-sources.ts';
import { detailOf, isMissingObject, s3Failure } from './s3-failure.ts';
import { s3Url } from '../parse/s3-location.ts';

/** An open file: S3's metadata, and its content, decompressed and in UTF-8. */
export type OpenSource = {
  readonly location: S3Location;
  /** Bytes of the object as it lies in S3. */
  readonly bytes: number;
  readonly etag: string;
  readonly lastModified: Date | null;
  readonly content: AsyncIterable<Buffer>;
  close(): void;
};

/**
 * Opens one file. `null` when it does not exist and is not mandatory.
 *
 * @throws RedshiftError when a mandatory file does not exist, or when S3 refuses.
 */
export async function openSource(
  source: CopySource,
  statement: CopyStatement,
  { s3, signal }: { s3: S3Client; signal: AbortSignal },
): Promise<OpenSource | null> {
  const { location } = source;
  try {
    const command = new GetObjectCommand({ Bucket: location.bucket, Key: location.key });
    const object = await s3.send(command, { abortSignal: signal });
    const body = object.Body instanceof Readable ? object.Body : Readable.from([]);
    return {
      location,
      bytes: object.ContentLength ?? 0,
      etag: (object.ETag ?? '').replaceAll('"', ''),
      lastModified: object.LastModified ?? null,
      content: readContent(body, location, statement),
      close: () => void body.destroy(),
    };
  } catch (error) {
    if (!isMissingObject(error)) throw s3Failure(error, location);
    if (!source.mandatory) return null;
    if (!statement.manifest) throw s3Failure(error, location);
    const text = 'Mandatory url is not present in manifest file.';
    throw new RedshiftError('XX000', text, {
      detail: detailOf(text, 8001, `Manifest file location=${s3Url(statement.source)} url=${s3Url(location)}`),
      cause: error,
    });
  }
}

/** Unpacked at once: more than the default of Node, because each chunk is a turn of the event loop. */
const UNPACKED_BYTES = 64 * 1024;

async function* readContent(body: Readable, location: S3Location, statement: CopyStatement): AsyncGenerator<Buffer> {
  const decompress =
    statement.compression === 'gzip'
      ? createGunzip({ chunkSize: UNPACKED_BYTES })
      : statement.compression === 'zstd'
        ? createZstdDecompress({ chunkSize: UNPACKED_BYTES })
        : null;
  const plain = decompress === null ? body : body.on('error', (error) => decompress.destroy(error)).pipe(decompress);
  try {
    yield* statement.encoding === 'utf8' ? chunksOf(plain) : transcode(chunksOf(plain), statement.encoding);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z')) {
      throw new RedshiftError('XX000', `Failed to decompress ${s3Url(location)}: ${error.message}`, {
        detail: detailOf(`inflate returned an error: ${error.message}`, 9001, s3Url(location)),
        cause: error,
      });
    }
    throw s3Failure(error, location);
  }
}

async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    if (Buffer.isBuffer(chunk)) yield chunk;
    else if (chunk instanceof Uint8Array) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    else yield Buffer.from(String(chunk));
  }
}

/** Other encodings become UTF-8 before anything looks at the bytes (Redshift docs, ENCODING). */
async function* transcode(
  chunks: AsyncIterable<Buffer>,
  encoding: Exclude<CopyStatement['encoding'], 'utf8'>,
): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  for await (const chunk of chunks) {
    if (encoding === 'iso88591') {
      yield Buffer.from(chunk.toString('latin1'));
      continue;
    }
    decoder ??= new TextDecoder(utf16Label(encoding, chunk));
    yield Buffer.from(decoder.decode(chunk, { stream: true }));
  }
  if (decoder !== null) yield Buffer.from(decoder.decode());
}

/** UTF16 is recognised by its byte order mark, which must be present (Redshift docs, ENCODING). */
function utf16Label(encoding: 'utf16' | 'utf16le' | 'utf16be', first: Buffer): string {
  if (encoding === 'utf16le') return 'utf-16le';
  if (encoding === 'utf16be') return 'utf-16be';
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  if (first[0] === 0xfe && first[1] === 0xff) return 'utf-16be';
  throw new RedshiftError('XX000', 'ENCODING UTF16 needs a byte order mark (FF FE or FE FF) at the start of each file');
}
