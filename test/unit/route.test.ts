import { describe, expect, it } from 'vitest';
import { route } from '../../src/core/route.ts';
import type { RouteSettings } from '../../src/core/route.ts';

const PREFIXES = { songPrefix: 'song_data/', logPrefix: 'log_data/', workPrefix: 'sparkify-work/' };
const settings: RouteSettings = { bucket: 'data', ...PREFIXES, onDelete: 'keep' };
const routed = (key: string, bucket = 'data') => route({ change: 'put', bucket, key }, settings);
const routedDeletion = (key: string, onDelete: RouteSettings['onDelete']) =>
  route({ change: 'delete', bucket: 'data', key }, { ...settings, onDelete });

describe('routing a file', () => {
  it('sends songs, logs and compressed logs to their lanes', () => {
    expect(routed('song_data/A/B/C/TRABCEI128F424C983.json')).toEqual({ kind: 'load', lane: 'songs' });
    expect(routed('log_data/2018/11/2018-11-12-events.json')).toEqual({ kind: 'load', lane: 'logs' });
    expect(routed('log_data/2018/11/2018-11-12-events.json.gz')).toEqual({ kind: 'load', lane: 'logs' });
  });

  it('records what lies elsewhere, with a reason that names the prefixes', () => {
    expect(routed('backup/log_data/a.json')).toMatchObject({
      kind: 'record',
      reason: expect.stringContaining('log_data/') as string,
    });
    expect(routed('log_data')).toMatchObject({ kind: 'record', isElsewhere: true });
    expect(routed('log_data/2018/')).toMatchObject({
      kind: 'record',
      reason: expect.stringContaining('folder') as string,
    });
  });

  it('records a file of another bucket, whatever its key', () => {
    expect(routed('log_data/a.json', 'other')).toMatchObject({
      kind: 'record',
      reason: expect.stringContaining('"other"') as string,
    });
  });

  it('never records its own work files, also when they lie below a data prefix', () => {
    expect(routed('sparkify-work/manifests/1.json').kind).toBe('drop');
    const inside = { ...settings, workPrefix: 'log_data/work/' };
    expect(route({ change: 'put', bucket: 'data', key: 'log_data/work/1.json' }, inside).kind).toBe('drop');
  });

  it('records a deletion and names the setting, or sends it where the object would go', () => {
    for (const [key, lane] of [
      ['log_data/a.json', 'logs'],
      ['song_data/a.json', 'songs'],
    ] as const) {
      expect(routedDeletion(key, 'keep')).toEqual({
        kind: 'record',
        isElsewhere: false,
        reason: expect.stringContaining('SPARKIFY_ON_DELETE is keep') as string,
      });
      expect(routedDeletion(key, 'remove')).toEqual({ kind: 'load', lane });
    }
  });

  it('asks of a deletion first where the object was, whatever the setting', () => {
    for (const key of ['sparkify-work/batches/1/part-0001.json.gz', 'backup/a.json', 'log_data/2018/'])
      for (const onDelete of ['keep', 'remove'] as const) expect(routedDeletion(key, onDelete)).toEqual(routed(key));
  });
});
