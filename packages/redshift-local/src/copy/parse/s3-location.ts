import { RedshiftError } from '../../errors/redshift-error.ts';
import type { S3Location } from './copy-statement.ts';

/**
 * Splits `s3://bucket/key`. The key is taken as it stands: COPY decodes nothing.
 *
 * @throws RedshiftError when it is not such a URL or names no bucket.
 */
export function parseS3Url(url: string): S3Location {
  const match = /^s3:\/\/([^/]+)\/?([\s\S]*)$/.exec(url);
  if (match?.[1] === undefined) {
    throw new RedshiftError('22023', `Invalid S3 location '${url}': expected s3://bucket/key`);
  }
  return { bucket: match[1], key: match[2] ?? '' };
}

export function s3Url(location: S3Location): string {
  return `s3://${location.bucket}/${location.key}`;
}
