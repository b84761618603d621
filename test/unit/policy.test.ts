import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/core/backoff.ts';
import { IngestError } from '../../src/core/errors.ts';
import { ingestErrorFrom } from '../../src/core/ingest-error-from.ts';
import { RELEASE_AFTER_MS, LEASE_MAX_MS, leaseAction, leaseFrom } from '../../src/core/intake/lease.ts';
import { ERROR_POLICY } from '../../src/core/verdict.ts';

describe('the error policy', () => {
  it('never tries anything again without a delay, a maximum and, unless the other side is away, a limit', () => {
    for (const [code, { then: verdict }] of Object.entries(ERROR_POLICY)) {
      if (verdict.kind === 'retry' || verdict.kind === 'wait') {
        expect(verdict.minMs, code).toBeGreaterThanOrEqual(100);
        expect(verdict.maxMs, code).toBeGreaterThan(verdict.minMs);
        expect(verdict.maxMs, code).toBeLessThanOrEqual(120_000);
      }
      if (verdict.kind === 'retry') expect(verdict.limit, code).toBeLessThanOrEqual(10);
    }
  });

  it('calls an error that is in no table unknown, with its own sentence and cause', () => {
    const thrown = new TypeError('x is not a function');
    expect(ingestErrorFrom(thrown)).toMatchObject({ code: 'unknown', cause: thrown });
    expect(ingestErrorFrom(thrown).message).toContain('x is not a function');
    const known = new IngestError('timeout', 'Too long.');
    expect(ingestErrorFrom(known)).toBe(known);
  });
});

describe('back-off', () => {
  const range = { minMs: 100, maxMs: 5000 };

  it('stays within its range for any attempt and any dice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, dice) => {
          const delayMs = backoffMs(n, range, () => dice);
          expect(delayMs).toBeGreaterThanOrEqual(range.minMs);
          expect(delayMs).toBeLessThanOrEqual(range.maxMs);
        },
      ),
    );
  });

  it('doubles its ceiling with every attempt and spreads below it', () => {
    const highest = [1, 2, 3, 4].map((attempt) => backoffMs(attempt, range, () => 0.999_999));
    expect(highest).toEqual([200, 400, 800, 1600]);
    expect(backoffMs(4, range, () => 0)).toBe(100);
  });
});

describe('a lease', () => {
  const visibilitySeconds = 120;
  const lease = leaseFrom(0, visibilitySeconds);

  it('is kept for the first half, renewed from then on, and given up when it has been over for as long as it lasts', () => {
    expect(leaseAction(lease, { atMs: 59_999, visibilitySeconds })).toEqual({ kind: 'keep', untilMs: 60_000 });
    expect(leaseAction(lease, { atMs: 60_000, visibilitySeconds })).toEqual({ kind: 'renew', visibilitySeconds });
    expect(leaseAction(lease, { atMs: 119_999, visibilitySeconds })).toEqual({ kind: 'renew', visibilitySeconds });
    expect(leaseAction(lease, { atMs: 239_999, visibilitySeconds })).toEqual({ kind: 'renew', visibilitySeconds });
    expect(leaseAction(lease, { atMs: 240_000, visibilitySeconds })).toEqual({ kind: 'lost', reason: 'expired' });
  });

  it('never asks beyond twelve hours from the receipt', () => {
    const nearEnd = { receivedAtMs: 0, endsAtMs: LEASE_MAX_MS - 50_000 };
    const action = leaseAction(nearEnd, { atMs: LEASE_MAX_MS - 60_000, visibilitySeconds });
    expect(action).toEqual({ kind: 'renew', visibilitySeconds: 60 });
    const atEnd = { receivedAtMs: 0, endsAtMs: LEASE_MAX_MS };
    expect(leaseAction(atEnd, { atMs: LEASE_MAX_MS - 1000, visibilitySeconds })).toMatchObject({ reason: 'too_old' });
  });

  it('ends after the time at which a batch that waits gives its messages back', () => {
    expect(RELEASE_AFTER_MS).toBeLessThan(LEASE_MAX_MS - 300_000);
  });
});
