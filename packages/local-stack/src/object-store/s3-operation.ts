import type { Creation } from './announce-changes.ts';
import { notImplemented } from './s3-refusal.ts';

export type HttpRequest = {
  readonly method: string;
  readonly bucket: string;
  /** Empty for requests on the bucket. */
  readonly key: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
};

/** What this store itself answers; everything else goes to the library. */
export type S3Operation =
  | { readonly kind: 'put-notification' }
  | { readonly kind: 'get-notification' }
  | { readonly kind: 'get-versioning' }
  | { readonly kind: 'get-location' }
  | { readonly kind: 'list-objects' }
  | { readonly kind: 'delete-objects' }
  | { readonly kind: 'library'; readonly creation: Creation };

/** Query parameters that select another operation and that the library does not know: it would take
 * `PUT key?tagging` for the object itself. */
const UNKNOWN_SUBRESOURCES = [
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'versionId',
  'versioning',
  'versions',
  'website',
];

/** @throws S3Refusal NotImplemented for operations that neither this store nor the library has. */
export function s3Operation(request: HttpRequest): S3Operation {
  const { method, key, query, headers } = request;
  if (key === '' && 'notification' in query && method === 'PUT') return { kind: 'put-notification' };
  if (key === '' && 'notification' in query && method === 'GET') return { kind: 'get-notification' };
  if (key === '' && 'versioning' in query && method === 'GET') return { kind: 'get-versioning' };
  if (key === '' && 'location' in query && method === 'GET') return { kind: 'get-location' };
  const unknown = UNKNOWN_SUBRESOURCES.find((name) => name in query);
  const listsUploads = 'uploads' in query && method === 'GET';
  if (unknown !== undefined || listsUploads) {
    throw notImplemented(`The embedded object store does not implement ${method} ?${unknown ?? 'uploads'}.`);
  }
  if (key === '' && method === 'GET' && !('lifecycle' in query)) return { kind: 'list-objects' };
  if (key === '' && method === 'POST' && 'delete' in query) return { kind: 'delete-objects' };
  if (method === 'POST') return { kind: 'library', creation: 'uploadId' in query ? 'CompleteMultipartUpload' : 'Post' };
  return { kind: 'library', creation: 'x-amz-copy-source' in headers ? 'Copy' : 'Put' };
}
