import { randomBytes } from 'node:crypto';
import type { buildApp } from 'fauxqs';
import { announceChanges, isThere } from './announce-changes.ts';
import { bucketNotifications } from './bucket-notifications.ts';
import type { Unpleasantness } from './bucket-notifications.ts';
import type { RequestIdentity } from './event-record.ts';
import { deleteObjects } from './delete-objects.ts';
import type { OpenStores } from './fauxqs-stores.ts';
import { listObjects } from './list-objects.ts';
import { s3Operation } from './s3-operation.ts';
import type { HttpRequest, S3Operation } from './s3-operation.ts';
import { S3Refusal, toS3Refusal } from './s3-refusal.ts';

type App = ReturnType<typeof buildApp>;

/**
 * Answers what the library does not know (bucket notifications, versioning, location) or does unlike S3 (listings,
 * DeleteObjects), refuses what neither knows, lets the library serve the rest, and announces changes. Every error is an
 * XML document.
 */
export function serveS3(
  app: App,
  stores: OpenStores,
  options: { region: string; unpleasantness?: Unpleasantness },
): void {
  const nowMs = (): number => Date.now();
  const notifications = bucketNotifications(stores, { unpleasantness: options.unpleasantness ?? null, nowMs });
  const whileServing = announceChanges(stores, notifications);

  app.addHook('preHandler', (request, reply, done) => {
    const params = request.params as { bucket?: string; '*'?: string };
    if (params.bucket === undefined) {
      done();
      return;
    }
    const { method, headers } = request;
    const query = request.query as Record<string, unknown>;
    const at: HttpRequest = { method, bucket: params.bucket, key: params['*'] ?? '', query, headers };
    const identity = identify(request.ip, headers.authorization, options.region);
    reply.headers({ 'x-amz-request-id': identity.requestId, 'x-amz-id-2': identity.hostId });
    // A request without a body and a content type: the library fails when it parses an absent body.
    request.body ??= Buffer.alloc(0);
    try {
      const operation = s3Operation(at);
      refuseFailedCondition(stores, at);
      if (operation.kind === 'library') {
        whileServing({ creation: operation.creation, identity }, done);
        return;
      }
      const body = textOf(request.body);
      let xml = '';
      if (operation.kind === 'list-objects') xml = listObjects(stores, at);
      else if (operation.kind === 'delete-objects') {
        whileServing({ creation: 'Post', identity }, () => (xml = deleteObjects(stores, at.bucket, body)));
      } else if (operation.kind === 'put-notification') {
        const validate = headers['x-amz-skip-destination-validation'] !== 'true';
        notifications.put(at.bucket, body, identity, { validate });
      } else xml = documentOf(operation, notifications.get(at.bucket), options.region);
      void reply.status(200).type('application/xml').send(xml);
    } catch (error) {
      done(error as Error);
    }
  });

  app.setErrorHandler((error, request, reply) => {
    if ((request.params as { bucket?: string } | undefined)?.bucket === undefined) return reply.send(error);
    const refusal = toS3Refusal(error);
    const requestId = reply.getHeader('x-amz-request-id');
    const xml = refusal.toXml(typeof requestId === 'string' ? requestId : '');
    return reply.status(refusal.statusCode).type('application/xml').send(xml);
  });
}

function documentOf(operation: S3Operation, notification: string, region: string): string {
  if (operation.kind === 'get-notification') return notification;
  const xmlns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  if (operation.kind === 'get-versioning') return `<VersioningConfiguration ${xmlns}/>`;
  // S3 leaves the oldest region's name out.
  return `<LocationConstraint ${xmlns}>${region === 'us-east-1' ? '' : region}</LocationConstraint>`;
}

/** `If-None-Match: *` (S3 docs, conditional writes): create, never overwrite. */
function refuseFailedCondition(stores: OpenStores, { method, bucket, key, headers }: HttpRequest): void {
  if (headers['if-none-match'] !== '*' || key === '' || (method !== 'PUT' && method !== 'POST')) return;
  if (!isThere(stores, bucket, key)) return;
  const message = 'At least one of the pre-conditions you specified did not hold';
  throw new S3Refusal('PreconditionFailed', 412, message, { Condition: 'If-None-Match' });
}

function identify(sourceIp: string, authorization: string | undefined, defaultRegion: string): RequestIdentity {
  const region = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(authorization ?? '')?.[1] ?? defaultRegion;
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  return { requestId, hostId: randomBytes(48).toString('base64'), sourceIp, region };
}

function textOf(body: unknown): string {
  return Buffer.isBuffer(body) ? body.toString('utf8') : '';
}
