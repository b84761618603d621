import { describe, expect, it } from 'vitest';
import { batchId } from '../../src/core/batch-id.ts';
import { inLoadOrder } from '../../src/core/intake/batch-order.ts';
import { OpenBatch } from '../../src/core/intake/batch.ts';
import type { Lane } from '../../src/core/dataset.ts';
import { fileIdentity } from '../../src/core/file-identity.ts';
import { aFile } from './file-events.ts';

const limits = { lingerMs: 2000, batchMaxFiles: 3, batchMaxBytes: 100, batchMaxAgeMs: 30_000 };

function aBatch(options: { atMs?: number; duringLoad?: boolean; files?: number; size?: number } = {}): OpenBatch {
  const batch = new OpenBatch({ lane: 'logs', atMs: options.atMs ?? 0, duringLoad: options.duringLoad ?? false });
  for (let n = 0; n < (options.files ?? 1); n += 1) batch.add(aFile({ key: `k${n}`, size: options.size ?? 10 }));
  return batch;
}

describe('an open batch', () => {
  it('closes idle when the linger is over, counted from its opening, and not before', () => {
    const batch = aBatch();
    expect(batch.shouldClose({ atMs: 1999, loadInFlight: false }, limits)).toBeNull();
    batch.add(aFile({ key: 'late' }));
    expect(batch.shouldClose({ atMs: 2000, loadInFlight: false }, limits)).toBe('idle');
  });

  it('stays open while a load is in flight until its age, and then closes by age', () => {
    const batch = aBatch();
    expect(batch.shouldClose({ atMs: 29_999, loadInFlight: true }, limits)).toBeNull();
    expect(batch.shouldClose({ atMs: 30_000, loadInFlight: true }, limits)).toBe('age');
  });

  it('closes when the clock was set back behind its opening by more than the linger', () => {
    const batch = aBatch({ atMs: 3_600_000 });
    expect(batch.shouldClose({ atMs: 3_598_000, loadInFlight: false }, limits)).toBeNull();
    expect(batch.shouldClose({ atMs: 3_597_999, loadInFlight: false }, limits)).toBe('age');
  });

  it('closes at once when the load ends that was in flight when it opened', () => {
    const batch = aBatch({ duringLoad: true });
    expect(batch.shouldClose({ atMs: 1, loadInFlight: true }, limits)).toBeNull();
    expect(batch.shouldClose({ atMs: 1, loadInFlight: false }, limits)).toBe('idle');
  });

  it('closes by count and by bytes at once, load in flight or not', () => {
    expect(aBatch({ files: 3 }).shouldClose({ atMs: 0, loadInFlight: true }, limits)).toBe('count');
    expect(aBatch({ files: 2, size: 50 }).shouldClose({ atMs: 0, loadInFlight: true }, limits)).toBe('bytes');
  });

  it('says that a file overflows it before the file is in, but takes an oversized file when it is empty', () => {
    const batch = aBatch({ files: 1, size: 60 });
    expect(batch.overflowsWith(aFile({ key: 'x', size: 41 }), limits)).toBe(true);
    expect(batch.overflowsWith(aFile({ key: 'x', size: 40 }), limits)).toBe(false);
    expect(aBatch({ files: 0 }).overflowsWith(aFile({ size: 101 }), limits)).toBe(false);
  });

  it('takes the same file event once and another version of the same key as another file', () => {
    const batch = aBatch({ files: 0 });
    expect(batch.add(aFile())).toBe('added');
    expect(batch.add(aFile())).toBe('already_there');
    expect(batch.add(aFile({ sequencer: '02', etag: 'e2' }))).toBe('added');
    expect([batch.size, batch.bytes]).toEqual([2, 20]);
  });

  it('has the oldest time of the files that S3 announced: a listing has no sequencer, and its objects may be old', () => {
    const batch = aBatch({ files: 0 });
    batch.add(aFile({ key: 'listed', sequencer: null, eventTimeMs: 1 }));
    expect(batch.oldestPutAtMs).toBe(Number.POSITIVE_INFINITY);
    batch.add(aFile({ key: 'announced', eventTimeMs: 5_000 }));
    expect(batch.oldestPutAtMs).toBe(5_000);
  });

  it('tells the timer the earliest time at which it closes by itself', () => {
    const batch = aBatch({ atMs: 1000 });
    expect(batch.closesAtMs({ loadInFlight: false }, limits)).toBe(3000);
    expect(batch.closesAtMs({ loadInFlight: true }, limits)).toBe(31_000);
    expect(batch.shouldClose({ atMs: 3000, loadInFlight: false }, limits)).toBe('idle');
  });
});

describe('the order of a round', () => {
  const batch = (lane: Lane, openedAtMs: number) => ({ lane, openedAtMs });

  it('takes songs before logs, then what is ignored, and the oldest first of each', () => {
    const [songs, moreSongs] = [batch('songs', 3), batch('songs', 4)];
    const [logs, moreLogs] = [batch('logs', 1), batch('logs', 2)];
    const ignored = batch('ignored', 0);
    const order = inLoadOrder([ignored, moreLogs, logs, moreSongs, songs]);
    expect(order).toEqual([songs, moreSongs, logs, moreLogs, ignored]);
  });
});

describe('a batch id', () => {
  const input = { consumer: 'c1', openedAtMs: Date.UTC(2018, 10, 12, 9, 5, 7), identities: [fileIdentity(aFile())] };

  it('reads as the time of opening and a hash, in the characters that a client token allows', () => {
    expect(batchId({ ...input, nonce: 'n' })).toMatch(/^20181112T090507-[0-9a-f]{12}$/);
  });

  it('differs for another consumer, nonce or content', () => {
    const ids = [
      batchId({ ...input, nonce: 'n' }),
      batchId({ ...input, nonce: 'm' }),
      batchId({ ...input, consumer: 'c2', nonce: 'n' }),
      batchId({ ...input, identities: [fileIdentity(aFile({ key: 'x' }))], nonce: 'n' }),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});
