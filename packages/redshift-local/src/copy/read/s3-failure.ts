import { S3ServiceException } from '@aws-sdk/client-s3';
import { RedshiftError } from '../../errors/redshift-error.ts';
import type { S3Location } from '../parse/copy-statement.ts';
import { s3Url } from '../parse/s3-location.ts';

/** Whether S3 answered that the object does not exist (rather than the bucket, or access to it). */
export function isMissingObject(error: unknown): boolean {
  return error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound');
}

/** COPY's error when S3 refuses or fails: S3's text, status and code, as Redshift passes them on. */
export function s3Failure(error: unknown, location: S3Location): RedshiftError {
  if (error instanceof RedshiftError) return error;
  if (isMissingObject(error)) {
    return new RedshiftError('XX000', 'No such file or directory', {
      detail: detailOf('The specified key does not exist', 2, `S3 key being read : ${s3Url(location)}`),
      cause: error,
    });
  }
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    const text = `S3ServiceException:${error.message},Status ${status},Error ${error.name},Rid ${error.$metadata.requestId ?? ''}`;
    return new RedshiftError('XX000', text, {
      detail: detailOf(text, 8001, `Failed to read ${s3Url(location)}`),
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new RedshiftError('XX000', `S3CurlException: ${message}`, {
    detail: detailOf(`S3CurlException: ${message}`, 9001, `Failed to read ${s3Url(location)}`),
    cause: error,
  });
}

/** The block of lines that Redshift puts under its internal errors. */
export function detailOf(error: string, code: number, context: string): string {
  const rule = '-----------------------------------------------';
  return [rule, `error:  ${error}`, `code:      ${code}`, `context:   ${context}`, rule].join('\n  ');
}
