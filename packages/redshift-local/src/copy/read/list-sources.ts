import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyStatement, S3Location } from '../parse/copy-statement.ts';
import { parseS3Url, s3Url } from '../parse/s3-location.ts';
import { detailOf, isMissingObject, s3Failure } from './s3-failure.ts';

/** One file to load; a file that a manifest lists twice is loaded twice. */
export type CopySource = {
  readonly location: S3Location;
  /** Whether the load fails when the file is not there. */
  readonly mandatory: boolean;
};

type Reading = { readonly s3: S3Client; readonly signal: AbortSignal };

/**
 * The files of a COPY: the manifest's entries in their order, or every object whose key begins with the prefix.
 *
 * @throws RedshiftError for a manifest that is missing or malformed, and for a prefix that no key has.
 */
export async function listSources(statement: CopyStatement, reading: Reading): Promise<readonly CopySource[]> {
  return statement.manifest
    ? await readManifest(statement.source, reading)
    : await listPrefix(statement.source, reading);
}

/** The whole text of one mandatory object. */
export async function readText(location: S3Location, { s3, signal }: Reading): Promise<string> {
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: location.bucket, Key: location.key }), {
      abortSignal: signal,
    });
    return (await object.Body?.transformToString('utf-8')) ?? '';
  } catch (error) {
    throw s3Failure(error, location);
  }
}

async function listPrefix(source: S3Location, { s3, signal }: Reading): Promise<readonly CopySource[]> {
  const sources: CopySource[] = [];
  try {
    const pages = paginateListObjectsV2(
      { client: s3 },
      { Bucket: source.bucket, Prefix: source.key },
      { abortSignal: signal },
    );
    for await (const page of pages) {
      for (const object of page.Contents ?? []) {
        if (object.Key === undefined) continue;
        sources.push({ location: { bucket: source.bucket, key: object.Key }, mandatory: true });
      }
    }
  } catch (error) {
    throw s3Failure(error, source);
  }
  if (sources.length > 0) return sources;
  throw new RedshiftError('XX000', `The specified S3 prefix '${source.key}' does not exist`, {
    detail: detailOf(`The specified S3 prefix '${source.key}' does not exist`, 8001, s3Url(source)),
  });
}

async function readManifest(source: S3Location, reading: Reading): Promise<readonly CopySource[]> {
  if (source.key === '' || source.key.endsWith('/')) throw notFullPath(source);
  let text: string;
  try {
    text = await readText(source, reading);
  } catch (error) {
    // A prefix that names several objects, or none, is not the manifest (Redshift docs, load error 8001).
    const cause = error instanceof RedshiftError ? error.cause : error;
    throw isMissingObject(cause) ? await missingManifest(source, reading) : error;
  }
  return parseManifest(text, source);
}

async function missingManifest(source: S3Location, reading: Reading): Promise<RedshiftError> {
  try {
    await listPrefix(source, reading);
  } catch {
    const text =
      'Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey';
    return new RedshiftError('XX000', text, { detail: detailOf(text, 8001, s3Url(source)) });
  }
  return notFullPath(source);
}

function notFullPath(source: S3Location): RedshiftError {
  const text = 'COPY with MANIFEST parameter requires full path of an Amazon S3 object.';
  return new RedshiftError('XX000', text, { detail: detailOf(text, 8001, s3Url(source)) });
}

function parseManifest(text: string, source: S3Location): readonly CopySource[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw malformedManifest(source, error instanceof Error ? error.message : 'not JSON');
  }
  const entries = isRecord(parsed) ? parsed['entries'] : undefined;
  if (!Array.isArray(entries)) throw malformedManifest(source, '"entries" is not an array');
  return entries.map((entry: unknown, index) => {
    if (!isRecord(entry)) throw malformedManifest(source, `entry ${index} is not an object`);
    const { url, mandatory } = entry;
    if (typeof url !== 'string' || !url.startsWith('s3://'))
      throw malformedManifest(source, `"url" of entry ${index} is not s3://bucket/key`);
    if (mandatory !== undefined && typeof mandatory !== 'boolean') {
      throw malformedManifest(source, `"mandatory" of entry ${index} is neither true nor false`);
    }
    return { location: parseS3Url(url), mandatory: mandatory ?? false };
  });
}

function malformedManifest(source: S3Location, what: string): RedshiftError {
  const text = 'Manifest file is not in correct json format';
  return new RedshiftError('XX000', text, { detail: detailOf(`${text}: ${what}`, 8001, s3Url(source)) });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
