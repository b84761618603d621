import { readFile } from 'node:fs/promises';
import { IngestError } from '../core/errors.ts';
import type { ObjectStore } from '../core/ports.ts';
import { readLogJsonPaths } from '../datasets/logs/json-paths.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';

/** A file with eighteen paths has about one kilobyte. */
const MAX_BYTES = 1024 * 1024;

/**
 * The keys of the log files, from the JSONPaths file that `SPARKIFY_LOG_JSONPATHS` names.
 *
 * @param location `s3://bucket/key` or the path of a local file; `null`: the setting is not set.
 * @returns `undefined`: the usual keys.
 * @throws IngestError `config_invalid` for a wrong file; as the store does when the object cannot be read.
 */
export async function readLogKeyNames(
  store: ObjectStore,
  location: string | null,
  signal: AbortSignal,
): Promise<LogKeyNames | undefined> {
  if (location === null) return undefined;
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(location) ?? [];
  const bytes =
    bucket === undefined || key === undefined
      ? await readLocal(location)
      : await readObject(store, { location, bucket, key, signal });
  try {
    return readLogJsonPaths(new TextDecoder().decode(bytes));
  } catch (cause) {
    if (!(cause instanceof IngestError)) throw cause;
    throw invalid(`${cause.message} Correct ${location}, which SPARKIFY_LOG_JSONPATHS names`, cause);
  }
}

async function readLocal(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const seen = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`SPARKIFY_LOG_JSONPATHS names ${path}, which cannot be read (${seen}). Correct the path`, cause);
  }
}

async function readObject(
  store: ObjectStore,
  { location, ...object }: { location: string; bucket: string; key: string; signal: AbortSignal },
): Promise<Uint8Array> {
  const opened = await store.open(object);
  if (opened === null) {
    throw invalid(`SPARKIFY_LOG_JSONPATHS names ${location}, which does not exist. Upload the JSONPaths file`);
  }
  try {
    if (opened.size > MAX_BYTES) {
      throw invalid(
        `SPARKIFY_LOG_JSONPATHS names ${location}, which has ${opened.size} bytes; expected at most ${MAX_BYTES}. ` +
          'Name a JSONPaths file',
      );
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    opened.close();
  }
}

function invalid(sentence: string, cause?: unknown): IngestError {
  return new IngestError('config_invalid', `${sentence}, or unset the setting if the logs have the usual keys.`, {
    cause,
  });
}
