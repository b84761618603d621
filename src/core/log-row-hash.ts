import { hash } from 'node:crypto';
import { stagedTexts } from './staged-text.ts';

/** The columns of `staging_events`, in their order. */
const LOG_COLUMNS = [
  'artist',
  'auth',
  'firstname',
  'gender',
  'iteminsession',
  'lastname',
  'length',
  'level',
  'location',
  'method',
  'page',
  'registration',
  'sessionid',
  'song',
  'status',
  'ts',
  'useragent',
  'userid',
] as const;

type Value = string | null;

/**
 * What `sql/load/logs/stage/50_batch_rejects.sql` computes of a staged row, from the JSON object that COPY read: MD5 over
 * the MD5s of its columns, `-` for null. A log row is recognised in its file by it. Where COPY turns a value into text in
 * another way than is assumed here, the row is only not recognised; `null` for an object that cannot be walked.
 */
export function createLogRowHash(): (object: string) => string | null {
  const textHash = rememberingHash();
  return (object) => {
    const texts = stagedTexts(object);
    if (texts === null) return null;
    // Keys are compared without case, and the last of equal ones counts, as COPY with JSON 'auto ignorecase' does it.
    const values = new Map(texts.map(([key, text]) => [key.toLowerCase(), text]));
    return md5(LOG_COLUMNS.map((column) => textHash(values.get(column) ?? null)).join(''));
  };
}

const KEPT_HASHES = 5_000;

/** Most values come again and again: names, places, user agents. */
function rememberingHash(): (text: Value) => string {
  const hashes = new Map<string, string>();
  return (text) => {
    if (text === null) return '-';
    if (text.length > 200) return md5(text);
    const known = hashes.get(text);
    if (known !== undefined) return known;
    if (hashes.size >= KEPT_HASHES) hashes.clear();
    const fresh = md5(text);
    hashes.set(text, fresh);
    return fresh;
  };
}

function md5(text: string): string {
  return hash('md5', text);
}
