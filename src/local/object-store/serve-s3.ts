import { randomBytes } from 'node:crypto';
import type { buildApp } from 'fauxqs';
import { announceChanges, isThere } from './announce-changes.ts';
import { bucketNotifications } from './bucket-notifications.ts';
import type { Unpleasantness } from './bucket-notifications.ts';
import type { RequestIdentity } from './event-record.ts';
import type { OpenStores } from './fauxqs-stores.ts';
import { s3Operation } from './s3-operation.ts';
import type { HttpRequest, S3Operation } from './s3-operation.ts';
import { S3Refusal } from './s3-refusal.ts';

type App = ReturnType<typeof buildApp>;

/**
 * Answers what the library does not know (bucket notifications, versioning, location), refuses what neither knows, and
 * lets the library serve the rest while changes are announced.
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
    const answer = answerOrRefusal(() => {
      const operation = s3Operation(at);
      refuseFailedCondition(stores, at);
      if (operation.kind === 'library') return operation;
      if (operation.kind !== 'put-notification') {
        return { kind: 'document', xml: documentOf(operation, notifications.get(at.bucket), options.region) };
      }
      const validate = headers['x-amz-skip-destination-validation'] !== 'true';
      notifications.put(at.bucket, textOf(request.body), identity, { validate });
      return { kind: 'document', xml: '' };
    });
    if (answer instanceof S3Refusal) {
      void reply.status(answer.statusCode).type('application/xml').send(answer.toXml(identity.requestId));
    } else if (answer.kind === 'document') {
      void reply.status(200).type('application/xml').send(answer.xml);
    } else {
      whileServing({ creation: answer.creation, identity }, done);
    }
  });
}

type Answer = Extract<S3Operation, { kind: 'library' }> | { readonly kind: 'document'; readonly xml: string };

function answerOrRefusal(answer: () => Answer): Answer | S3Refusal {
  try {
    return answer();
  } catch (error) {
    if (error instanceof S3Refusal) return error;
    throw error;
  }
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
