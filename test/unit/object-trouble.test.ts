import { describe, expect, it, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { needsControl, objectVerdict, tooManyTroubles } from '../../src/core/loading/object-trouble.ts';
import type { Control } from '../../src/core/loading/object-trouble.ts';
import { ERROR_POLICY } from '../../src/core/verdict.ts';

const failed = (code: ErrorCode, what = 'song_data/a.json') =>
  new IngestError(code, `Reading ${what} failed: ${code}.`);
const READABLE: Control = { kind: 'readable' };
const NONE: Control = { kind: 'none' };
const unreadable = (code: ErrorCode): Control => ({ kind: 'unreadable', error: failed(code, 'song_data/b.json') });

/** What a load ends with when S3 delivers nothing. */
const outage = (code: ErrorCode): ErrorCode => (code === 'unknown' ? 'service_unavailable' : code);

/** What becomes of an error: the code of the ledger, `again`, or the code with which the load ends. */
function outcome(code: ErrorCode, control: Control, { isDeletion = false, tries = 3, spentMs = 0 } = {}): string {
  const verdict = objectVerdict({ error: failed(code), control, isDeletion, tries, spentMs });
  if (verdict.kind === 'not_loaded') {
    return verdict.trouble.status === 'released' ? 'released' : verdict.trouble.code;
  }
  return verdict.kind === 'try_again' ? 'again' : `ends: ${verdict.error.code}`;
}

const DENIED = ['access_denied', 'key_refused', 'request_refused'] as const;
const BROKEN = ['service_unavailable', 'throttled', 'endpoint_unreachable', 'unknown'] as const;
const OTHERS = (Object.keys(ERROR_POLICY) as ErrorCode[]).filter(
  (code) => ![...DENIED, ...BROKEN, 'object_unreadable'].includes(code),
);

describe('an error of one object, while another object can be read', () => {
  it.each([...DENIED, ...BROKEN])(
    '%s is tried three times, or for a minute, and then the object is quarantined',
    (code) => {
      const own = {
        access_denied: 'object_denied',
        key_refused: 'object_key_refused',
        request_refused: 'object_refused',
      };
      const ledgerCode = (own as Partial<Record<ErrorCode, string>>)[code] ?? 'object_transport';
      expect([1, 2, 3].map((tries) => outcome(code, READABLE, { tries }))).toEqual(['again', 'again', ledgerCode]);
      expect(outcome(code, READABLE, { tries: 1, spentMs: 60_000 })).toBe(ledgerCode);
    },
  );

  it('says what was seen, what to do and that a backfill tries again, also for the longest key', () => {
    const error = failed('access_denied', `s3://b/${'ü'.repeat(512)}`);
    const verdict = objectVerdict({ error, control: READABLE, isDeletion: false, tries: 3, spentMs: 0 });
    const reason = verdict.kind === 'not_loaded' ? verdict.trouble.reason : '';
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(1024);
    expect(reason).toMatch(/^Reading s3:\/\/b\/ü+ .*quarantined: check the owner .*run "sparkify backfill"\.$/);
  });
});

describe('an error of an object that was deleted, while another object can be read', () => {
  const isDeletion = true;

  it.each(BROKEN)('%s is tried as often, and then the notification is released: the object may not exist', (code) => {
    expect([1, 2, 3].map((tries) => outcome(code, READABLE, { isDeletion, tries }))).toEqual([
      ...['again', 'again', 'released'],
    ]);
    const verdict = objectVerdict({ error: failed(code), control: READABLE, isDeletion, tries: 3, spentMs: 0 });
    const reason = verdict.kind === 'not_loaded' ? verdict.trouble.reason : '';
    expect(reason).toMatch(
      /^Reading song_data\/a\.json failed.*SQS delivers the notification again.*dead-letters redrive/,
    );
    expect(reason).not.toContain('backfill');
  });

  it.each(DENIED)('%s shows that an object exists: it is quarantined, and a backfill finds it', (code) => {
    expect(outcome(code, READABLE, { isDeletion })).toBe(outcome(code, READABLE));
  });

  it('is an outage when no other object can be read', () => {
    for (const code of BROKEN) expect(outcome(code, NONE, { isDeletion })).toBe(`ends: ${outage(code)}`);
  });
});

describe('an error of one object, while no other object can be read', () => {
  it.each(DENIED)('%s is not the object’s: nothing is settled, and the load waits', (code) => {
    for (const control of [NONE, ...DENIED.map(unreadable)])
      expect(outcome(code, control)).toBe('ends: bucket_unreadable');
    expect(ERROR_POLICY.bucket_unreadable.then.kind).toBe('wait');
    // S3 is away: that is what there is to wait for.
    for (const other of BROKEN) expect(outcome(code, unreadable(other))).toBe(`ends: ${outage(other)}`);
  });

  it.each(BROKEN)('%s is an outage, unless the others are denied', (code) => {
    expect(outcome(code, NONE)).toBe(`ends: ${outage(code)}`);
    for (const other of BROKEN) expect(outcome(code, unreadable(other))).toBe(`ends: ${outage(other)}`);
    // The consumer pauses: an error that nobody knows would stop it after a few tries.
    expect(ERROR_POLICY[outage(code)].then.kind).toBe('wait');
    for (const other of DENIED) expect(outcome(code, unreadable(other))).toBe('ends: bucket_unreadable');
  });

  it('names what was seen of both objects', () => {
    const control = unreadable('key_refused');
    const verdict = objectVerdict({ error: failed('access_denied'), control, isDeletion: false, tries: 1, spentMs: 0 });
    expect(verdict).toMatchObject({
      error: {
        message: expect.stringMatching(/a\.json failed: access_denied\. .*b\.json failed: key_refused/) as unknown,
      },
    });
  });
});

test('many objects that S3 does not deliver are a fault of S3: nothing is settled; a few, or few of many, are their own', () => {
  const codes = (broken: number, of: number) =>
    Array.from({ length: of }, (_, n) => (n < broken ? 'object_transport' : null));
  expect(tooManyTroubles(codes(11, 100))).toMatchObject({
    code: 'service_unavailable',
    message: expect.stringContaining('11 of the 100 objects') as string,
  });
  for (const [broken, of] of [
    [10, 10],
    [11, 220],
    [0, 0],
  ] as const)
    expect(tooManyTroubles(codes(broken, of))).toBeNull();
  expect(tooManyTroubles(codes(20, 20).map((code) => code && 'object_denied'))).toBeNull();
});

test('an archived object is quarantined at once, and no other object is read', () => {
  expect(needsControl(failed('object_unreadable'))).toBe(false);
  expect(outcome('object_unreadable', NONE, { tries: 1 })).toBe('object_unreadable');
});

test.each(OTHERS)('%s is never about one object: the load ends with it', (code) => {
  expect(needsControl(failed(code))).toBe(false);
  expect(outcome(code, READABLE)).toBe(`ends: ${code}`);
});
