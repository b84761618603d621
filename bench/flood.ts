import { createHash } from 'node:crypto';
import { logLine } from '../test/support/log-lines.ts';

export type WaitingObject = { readonly key: string; readonly body: string; readonly etag: string };

const PLAYS_PER_FILE = 5;
const FIRST_MINUTE_MS = Date.UTC(2018, 10, 1);

/** Small files, four logs to one song, with keys as long as real ones. */
export function waitingObjects(count: number): readonly WaitingObject[] {
  return Array.from({ length: count }, (_, number) => (number % 5 === 4 ? songObject(number) : logObject(number)));
}

/** What S3 would send when the object is put once more (S3 docs, "Event message structure"). */
export function eventBody(bucket: string, object: WaitingObject, number: number): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: new Date().toISOString(),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:AIDALOCALLOCALLOCAL00' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: {
          'x-amz-request-id': 'C3D13FE58DE4C810',
          'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S',
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'sparkify',
          bucket: { name: bucket, ownerIdentity: { principalId: 'A0LOCALLOCAL00' }, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: object.key,
            size: Buffer.byteLength(object.body),
            eTag: object.etag,
            // Greater than any that the embedded S3 gave so far.
            sequencer: `FF${number.toString(16).toUpperCase().padStart(14, '0')}`,
          },
        },
      },
    ],
  });
}

function logObject(number: number): WaitingObject {
  const lines = Array.from({ length: PLAYS_PER_FILE }, (_, item) =>
    logLine({ sessionId: 1 + number, itemInSession: item, ts: FIRST_MINUTE_MS + number * 60_000 + item * 1_000 }),
  );
  return withEtag(`log_data/2018/11/2018-11-01-events-${String(number).padStart(8, '0')}.json`, lines.join(''));
}

function songObject(number: number): WaitingObject {
  const id = String(number).padStart(10, '0');
  const song = {
    num_songs: 1,
    artist_id: `AR${id}`,
    artist_latitude: null,
    artist_longitude: null,
    artist_location: 'Somewhere',
    artist_name: `Artist ${number}`,
    song_id: `SO${id}`,
    title: `Song ${number}`,
    duration: 215.5,
    year: 2018,
  };
  return withEtag(`song_data/A/B/C/TR${id}.json`, JSON.stringify(song));
}

function withEtag(key: string, body: string): WaitingObject {
  return { key, body, etag: createHash('md5').update(body).digest('hex') };
}
