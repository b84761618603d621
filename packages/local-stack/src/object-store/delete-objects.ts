import type { OpenStores } from './fauxqs-stores.ts';
import { escapeXml, parseXml } from './parse-xml.ts';
import { malformedXml } from './s3-refusal.ts';

/** The most that one request names (S3 API reference, DeleteObjects). */
const MOST_KEYS = 1000;

/**
 * DeleteObjects. The library does not decode character references (`&#10;`) in keys, and so deletes the wrong objects.
 *
 * @throws S3Refusal MalformedXML; the library's error for a bucket that does not exist.
 */
export function deleteObjects({ s3Store }: Pick<OpenStores, 's3Store'>, bucket: string, body: string): string {
  const root = parseXml(body);
  const named = root?.children.filter(({ name }) => name === 'Object') ?? [];
  const keys = named.map(({ children }) => children.find(({ name }) => name === 'Key')?.text ?? '');
  if (root?.name !== 'Delete' || keys.length === 0 || keys.length > MOST_KEYS || keys.includes(''))
    throw malformedXml();
  const deleted = s3Store.deleteObjects(bucket, keys);
  const isQuiet = root.children.some(({ name, text }) => name === 'Quiet' && text === 'true');
  const told = isQuiet ? [] : deleted.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`);
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${told.join('')}</DeleteResult>`
  );
}
