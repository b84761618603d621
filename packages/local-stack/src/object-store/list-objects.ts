import { compareKeys } from './compare-keys.ts';
import type { OpenStores } from './fauxqs-stores.ts';
import { escapeXml } from './parse-xml.ts';
import { invalidArgument } from './s3-refusal.ts';
import type { HttpRequest } from './s3-operation.ts';

/** The most that one page holds (S3 API reference, ListObjectsV2). */
const PAGE = 1000;

/**
 * A page of ListObjects or, with `list-type=2`, of ListObjectsV2.
 *
 * With `encoding-type=url` keys, prefixes, markers and the delimiter are form-encoded, except for the slash: a blank
 * is `+`, a plus sign `%2B`, CR `%0D` (S3 API reference, ListObjectsV2, EncodingType; the blank as measured against S3 in
 * public issue threads). An empty parameter means the same as none.
 *
 * @throws S3Refusal InvalidArgument; the library's error for a bucket that does not exist.
 */
export function listObjects({ s3Store }: Pick<OpenStores, 's3Store'>, { bucket, query }: HttpRequest): string {
  const given = (name: string): string => parameter(query[name]);
  const isSecond = given('list-type') === '2';
  const maxKeys = readMaxKeys(given('max-keys'));
  const [prefix, delimiter] = [given('prefix'), given('delimiter')];
  const token = isSecond ? given('continuation-token') : '';
  const startAfter = isSecond ? given('start-after') : given('marker');
  const { objects, commonPrefixes, isTruncated } = s3Store.listObjects(bucket, {
    prefix,
    ...(delimiter === '' ? {} : { delimiter }),
    maxKeys,
    startAfter: token === '' ? startAfter : Buffer.from(token, 'base64').toString('utf8'),
  });
  const isCutOff = isTruncated && maxKeys > 0;
  const last = isCutOff
    ? [...objects.map(({ key }) => key), ...commonPrefixes].toSorted(compareKeys).at(-1)
    : undefined;

  const encoding = given('encoding-type');
  const encode = encoder(encoding);
  const element = (name: string, text: string | undefined): string =>
    text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`;
  const optional = (name: string, text: string): string => (text === '' ? '' : element(name, text));
  const paging = isSecond
    ? [
        element('KeyCount', String(objects.length + commonPrefixes.length)),
        optional('StartAfter', encode(startAfter)),
        optional('ContinuationToken', token),
        element('NextContinuationToken', last === undefined ? last : Buffer.from(last).toString('base64')),
      ]
    : [
        element('Marker', encode(startAfter)),
        // Without a delimiter the last key is the marker of the next page.
        element('NextMarker', last === undefined || delimiter === '' ? undefined : encode(last)),
      ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    element('Name', bucket),
    element('Prefix', encode(prefix)),
    ...paging,
    element('MaxKeys', String(maxKeys)),
    optional('Delimiter', encode(delimiter)),
    optional('EncodingType', encoding),
    element('IsTruncated', String(isCutOff)),
    ...objects.map((object) =>
      [
        '<Contents>',
        element('Key', encode(object.key)),
        element('LastModified', object.lastModified.toISOString()),
        element('ETag', object.etag),
        element('Size', String(object.contentLength)),
        '<StorageClass>STANDARD</StorageClass></Contents>',
      ].join(''),
    ),
    ...commonPrefixes.map((folder) => `<CommonPrefixes>${element('Prefix', encode(folder))}</CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');
}

/** The first value when a parameter comes twice. */
function parameter(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : '';
}

function readMaxKeys(text: string): number {
  if (text === '') return PAGE;
  if (!/^\d+$/.test(text)) {
    throw invalidArgument('Provided max-keys not an integer or within integer range', { ArgumentName: 'max-keys' });
  }
  return Math.min(Number(text), PAGE);
}

function encoder(encoding: string): (text: string) => string {
  if (encoding === '') return (text) => text;
  if (encoding !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', { ArgumentName: 'encoding-type' });
  }
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');
}
