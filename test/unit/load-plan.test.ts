import { describe, expect, it } from 'vitest';
import type { CopyStatement } from '../../src/core/copy.ts';
import type { Lane } from '../../src/core/dataset.ts';
import type { LoadPlan, PublishFacts } from '../../src/core/load-plan.ts';
import { committedPlan, knowPlan, publishPlan, stagePlan } from '../../src/core/load-plan.ts';
import type { Batch, BatchId } from '../../src/core/load.ts';
import { openSqlLibrary, planStatements } from '../../src/loaders/sql-library.ts';

const OPENED = Date.UTC(2018, 10, 15, 12);
const EVENTS = { minMs: OPENED - 5_000, maxMs: OPENED + 1 };
const STARTS = { minMs: Date.UTC(2018, 10, 12, 1), maxMs: Date.UTC(2018, 10, 12, 2, 0, 0, 3) };
const LIBRARY = openSqlLibrary();

const copyOf = (table: string): CopyStatement => ({
  ...{ table, from: `s3://b/${table}`, isManifest: false, roleArn: 'arn:aws:iam::1:role/r', region: null },
  isGzip: false,
});

function aBatch(lane: Lane, more: Partial<Batch> = {}): Batch {
  return {
    ...{ id: 'the-batch' as BatchId, lane, source: 'live', closeReason: 'age', restedMs: 33, files: [], bytes: 77 },
    ...{ openedAtMs: OPENED, closedAtMs: OPENED + 2_000, ...more },
  };
}

function facts(lane: Lane, more: Partial<PublishFacts> = {}): PublishFacts {
  return {
    ...{ batch: aBatch(lane), events: EVENTS, knownAtMs: OPENED + 3_000, stagedAtMs: OPENED + 4_000, consumer: 'me' },
    ...{ manifestUri: 's3://b/manifest', queryIds: [7, 8], outcomes: null, leavesUnread: false, rejectedRowsMax: 9 },
    ...{ staged: { rows: 5, rejected: 1, starts: STARTS }, repairReach: 'staged', ...more },
  };
}

/** What a plan does, in order: its files, and `copy <table>`. */
function order(plan: LoadPlan): readonly string[] {
  return plan.flatMap((step) => (step.kind === 'copy' ? [`copy ${step.copy.table}`] : step.files));
}

/** The plan's text as the warehouse gets it; fails when a placeholder has no value, or a value no placeholder. */
function text(plan: LoadPlan): string {
  return planStatements(LIBRARY, 'sparkify', plan).statements.join(';\n');
}

describe('what a batch knows', () => {
  it.each([
    ['live', '20_known_live', true],
    ['replay', '25_known_replay', true],
    ['backfill', '30_known_backfill', false],
  ] as const)('is asked by a %s batch with %s', (source, file, isRange) => {
    const plan = knowPlan(aBatch('logs', { source }), EVENTS, copyOf('batch_files'));
    expect(order(plan)).toEqual([
      'load/know/00_drop_temp_tables.sql',
      'load/know/10_create_batch_files.sql',
      'copy batch_files',
      `load/know/${file}.sql`,
      'load/know/40_forget_known.sql',
    ]);
    expect(
      text(plan).includes("between '2018-11-15 11:59:55.000'::timestamp and '2018-11-15 12:00:00.001'::timestamp"),
    ).toBe(isRange);
  });
});

describe('staging', () => {
  it('drops what was there, creates, copies, and prepares what came', () => {
    const logs = order(stagePlan('logs', copyOf('staging_events')));
    expect(logs.slice(0, 3)).toEqual([
      'load/logs/stage/00_drop_temp_tables.sql',
      'load/logs/stage/10_create_staging_events.sql',
      'copy staging_events',
    ]);
    const songs = order(stagePlan('songs', copyOf('staging_songs')));
    expect(songs.slice(0, 3)).toEqual([
      'load/songs/stage/00_drop_temp_tables.sql',
      'load/songs/stage/10_create_staging_songs.sql',
      'copy staging_songs',
    ]);
    expect(songs.at(-1)).toBe('load/songs/stage/90_reach.sql');
    for (const files of [logs, songs]) expect(files).toEqual([...files.slice(0, 3), ...files.slice(3).toSorted()]);
  });
});

describe('publishing', () => {
  it.each(['logs', 'songs', 'ignored'] as const)(
    'of %s takes the lock before anything else and ends with the ledger, in one transaction',
    (lane) => {
      const files = order(publishPlan(facts(lane, { outcomes: copyOf('batch_outcomes') })));
      expect(files.slice(0, 3)).toEqual([
        'load/ledger/00_take_lock.sql',
        'load/ledger/10_create_batch_outcomes.sql',
        'copy batch_outcomes',
      ]);
      expect(files.at(-1)).toBe('load/ledger/90_publish_ledger.sql');
      const folder = { logs: 'logs', songs: 'songs', ignored: 'ledger' }[lane];
      for (const file of files.slice(3, -1)) expect(file).toMatch(new RegExp(`^load/${folder}/`));
    },
  );

  it('forgets the files that another batch loads before it writes anything of them', () => {
    const files = order(publishPlan(facts('logs', { outcomes: copyOf('batch_outcomes'), leavesUnread: true })));
    expect(files.slice(2, 4)).toEqual(['copy batch_outcomes', 'load/ledger/15_leave_unread.sql']);
  });

  it('copies nothing when there is nothing to say of single files', () => {
    expect(order(publishPlan(facts('logs'))).filter((step) => step.startsWith('copy'))).toEqual([]);
  });

  it('of a batch that staged nothing writes the ledger and touches no other table', () => {
    for (const lane of ['logs', 'songs', 'ignored'] as const) {
      expect(order(publishPlan(facts(lane, { staged: null }))).slice(2)).toEqual([
        'load/ledger/20_empty_rejects_and_counts.sql',
        'load/ledger/90_publish_ledger.sql',
      ]);
    }
  });

  it('states what the batch is, for the ledger', () => {
    const stated = text(publishPlan(facts('logs')));
    for (const literal of [
      "'the-batch'",
      "'logs'",
      "'live'",
      "'age'",
      '77',
      "'me'",
      "'s3://b/manifest'",
      "'7,8'",
      "'2018-11-15 12:00:00.000'::timestamp",
      "'2018-11-15 12:00:02.000'::timestamp",
      "'2018-11-15 12:00:03.000'::timestamp",
      "'2018-11-15 12:00:04.000'::timestamp",
      "published_at >= '2018-11-14 12:00:00.000'::timestamp",
      'k.place <= 9',
    ]) {
      expect(stated).toContain(literal);
    }
    expect(text(publishPlan(facts('logs', { manifestUri: null })))).not.toContain('s3://b/manifest');
    const many = Array.from({ length: 500 }, (_, n) => 1_000_000 + n);
    expect(text(publishPlan(facts('logs', { queryIds: many })))).toMatch(/'1000000,[\d,]{1016}'/);
  });

  it('names the range of the plays to the millisecond, and of a batch without a play one in which none lies', () => {
    expect(text(publishPlan(facts('logs')))).toContain(
      "between '2018-11-12 01:00:00.000'::timestamp and '2018-11-12 02:00:00.003'::timestamp",
    );
    const staged = { rows: 5, rejected: 1, starts: null };
    expect(text(publishPlan(facts('logs', { staged })))).toContain(
      "between '1970-01-01 00:00:00.000'::timestamp and '1969-12-31 23:59:59.999'::timestamp",
    );
  });

  it('of songs looks at the staged days, and after a lost race at all', () => {
    expect(text(publishPlan(facts('songs')))).toContain("'2018-11-12 02:00:00.003'::timestamp");
    const again = text(publishPlan(facts('songs', { repairReach: 'all' })));
    expect(again).not.toContain('2018-11-12');
    expect(again).toContain("between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp");
  });

  it('is asked for behind the lock, since the day before the batch was opened', () => {
    const plan = committedPlan(aBatch('songs'));
    expect(order(plan)).toEqual(['load/ledger/00_take_lock.sql', 'load/ledger/05_committed_batch.sql']);
    expect(text(plan)).toContain("batch_id = 'the-batch'");
    expect(text(plan)).toContain("published_at >= '2018-11-14 12:00:00.000'::timestamp");
  });
});
