import { UsageError } from './verb.ts';

/** The longest key of S3, in bytes of UTF-8. */
const KEY_BYTES = 1024;

/** An object as a person names it: a key of the bucket, or `s3://bucket/key`. @throws UsageError */
export function objectArgument(text: string, bucket: string): { readonly bucket: string; readonly key: string } {
  const uri = /^s3:\/\/([^/]+)\/(.+)$/s.exec(text);
  const object = { bucket: uri?.[1] ?? bucket, key: uri?.[2] ?? text };
  const bytes = Buffer.byteLength(object.key);
  if (object.key === '' || bytes > KEY_BYTES) {
    throw new UsageError(
      `expected the key of an object, 1 to ${KEY_BYTES} bytes, or s3://bucket/key; found ${bytes} bytes`,
    );
  }
  return object;
}
