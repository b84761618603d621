import { describe, expect, it } from 'vitest';
import type { CopyStatement } from '../../src/core/sql/copy.ts';
import type { Lane } from '../../src/core/dataset.ts';
import type { LoadPlan, PublishFacts, ReadRows } from '../../src/core/loading/load-plan.ts';
import { committedPlan, knowPlan, publishPlan, stagePlan } from '../../src/core/loading/load-plan.ts';
import type { Batch, BatchId } from '../../src/core/load.ts';
import { createKeptTotals } from '../../src/loaders/kept-totals.ts';
import { openSqlLibrary, planSteps } from '../../src/sql/sql-library.ts';

const RELOAD = { action: 'reload', operator: 'a', why: null, undoesRetraction: false } as const;
const OPENED = Date.UTC(2018, 10, 15, 12);
const EVENTS = [{ minMs: OPENED - 5_000, maxMs: OPENED + 1 }];
const TIMES = [
  { minMs: Date.UTC(2017, 0, 1), maxMs: Date.UTC(2017, 0, 1, 1) },
  { minMs: Date.UTC(2018, 10, 12, 1), maxMs: Date.UTC(2018, 10, 12, 2, 0, 0, 3) },
];
const DAYS = { minMs: Date.UTC(2018, 10, 12), maxMs: Date.UTC(2018, 10, 13) - 1 };
const READ: ReadRows = { objects: 2, rows: 5, kept: 4, plays: 3, rejected: 1, times: TIMES };
const NOTHING: ReadRows = { objects: 0, rows: 0, kept: 0, plays: 0, rejected: 0, times: [] };
/** Its live version has rows on another day. */
const OTHER_DAY = { minMs: Date.UTC(2019, 0, 1), maxMs: Date.UTC(2019, 0, 1, 1) };
const REPLACED = [{ fileNumber: 1, key: 'a', rows: 2, times: OTHER_DAY }];
const LIBRARY = openSqlLibrary();

const copyOf = (table: string): CopyStatement => ({
  ...{ table, from: `s3://b/${table}`, isParts: false, roleArn: 'arn:aws:iam::1:role/r' },
});

function aBatch(lane: Lane, more: Partial<Batch> = {}): Batch {
  return {
    ...{ id: 'the-batch' as BatchId, lane, source: 'live', closeReason: 'age', restedMs: 33, files: [], bytes: 77 },
    ...{ openedAtMs: OPENED, closedAtMs: OPENED + 2_000, ...more },
  };
}

function facts(lane: Lane, more: Partial<PublishFacts> = {}): PublishFacts {
  return {
    ...{ batch: aBatch(lane), schema: 'sparkify', events: EVENTS, consumer: 'me' },
    ...{ readAtMs: OPENED + 3_000, stagedAtMs: OPENED + 4_000, manifestUri: 's3://b/manifest', queryIds: [7, 8] },
    ...{ rejectedRowsMax: 9, read: READ, reach: DAYS, hasChangeable: false, isAgain: false },
    ...{ replaced: [], objectsRemoved: 0, removalsMax: 100, hasSeenAgain: false, hasOpen: false, opens: false },
    ...{ isAlwaysExact: false, totalsSinceMs: null, ...more },
  };
}

/** What a plan does, in order: its files without their folders, and `copy <table>`. */
function order(plan: LoadPlan): readonly string[] {
  return plan.steps.flatMap((step) =>
    step.kind === 'copy' ? [`copy ${step.copy.table}`] : step.files.map((file) => file.replace(/^load\//, '')),
  );
}

/** The plan's text as the warehouse gets it; fails when a placeholder has no value, or a value no placeholder. */
function text(plan: LoadPlan): string {
  return planSteps(LIBRARY, plan)
    .flatMap(({ statements }) => statements)
    .join(';\n');
}

/** The answers of a plan, with the beginning of the statement that gives each. */
function answers(plan: LoadPlan): Record<string, string> {
  const asked = planSteps(LIBRARY, plan).flatMap(({ answer, statements }) =>
    answer === undefined ? [] : [[answer, statements.at(-1)?.split(/[\s,]+/)[1] ?? '']],
  );
  return Object.fromEntries(asked) as Record<string, string>;
}

describe('a backfill', () => {
  it('asks by object what is settled before it reads, and then asks for the live versions only', () => {
    const plan = knowPlan(copyOf('sparkify_listed_files'));
    expect(order(plan)).toEqual([
      'know/00_drop_temp_tables.sql',
      'know/10_create_listed_files.sql',
      'copy sparkify_listed_files',
      'know/30_known_backfill.sql',
    ]);
    expect(answers(plan)).toEqual({ known: 'b.file_number' });
    const batch = aBatch('logs', { source: 'backfill' });
    expect(answers(stagePlan({ batch, read: READ, events: EVENTS, copy: copyOf('sparkify_staging') }))).toEqual({
      known: 's.file_number',
    });
    expect(text(stagePlan({ batch, read: READ, events: EVENTS, copy: copyOf('sparkify_staging') }))).toMatch(
      /\(\s*0 = 1\s+or/,
    );
  });
});

describe('staging', () => {
  const plan = (lane: Lane, more: Partial<Batch> = {}, read = READ) =>
    stagePlan({ batch: aBatch(lane, more), read, events: EVENTS, copy: copyOf('sparkify_staging') });

  it('drops what was there, creates, copies, prepares what came, and asks what is settled already', () => {
    expect(order(plan('logs'))).toEqual([
      'logs/stage/00_drop_temp_tables.sql',
      'logs/stage/10_create_staging.sql',
      'copy sparkify_staging',
      'ledger/20_batch_objects.sql',
      'logs/stage/40_batch_plays.sql',
      'logs/stage/50_batch_users.sql',
      'ledger/10_known.sql',
    ]);
    expect(answers(plan('logs'))).toEqual({ known: 's.file_number' });
    expect(order(plan('songs'))).toEqual([
      'songs/stage/00_drop_temp_tables.sql',
      'songs/stage/10_create_staging.sql',
      'copy sparkify_staging',
      'ledger/20_batch_objects.sql',
      'songs/stage/30_batch_sources.sql',
      'songs/stage/90_reach.sql',
      'ledger/10_known.sql',
    ]);
    expect(answers(plan('songs'))).toEqual({ reach: 'to_char(min(k.first_day)', known: 's.file_number' });
  });

  it('prepares nothing for files that were not read', () => {
    for (const lane of ['logs', 'songs', 'ignored'] as const) {
      expect(order(plan(lane, {}, NOTHING)).slice(2)).toEqual([
        'copy sparkify_staging',
        'ledger/20_batch_objects.sql',
        'ledger/10_known.sql',
      ]);
    }
  });

  it('names the times of the notices', () => {
    const range = "between '2018-11-15 11:59:55.000'::timestamp and '2018-11-15 12:00:00.001'::timestamp";
    expect(text(plan('logs'))).toContain(`(f.event_time ${range})`);
    expect(text(plan('logs'))).toMatch(/\(\s*1 = 1\s+or/);
  });
});

describe('publishing', () => {
  it.each(['logs', 'songs', 'ignored'] as const)(
    'of %s takes the lock of its schema before anything else and ends with the ledger, in one transaction',
    (lane) => {
      const plan = publishPlan(facts(lane));
      expect(planSteps(LIBRARY, plan)[0]?.statements[0]).toBe('lock "sparkify".ingest_lock_9');
      expect(order(plan).slice(-2)).toEqual(['ledger/80_batch.sql', 'ledger/05_committed_batch.sql']);
      expect(answers(plan)).toEqual({ counts: 'b.rows_staged' });
      expect(text(plan)).not.toMatch(/(?:^|;\n)\s*(?:copy|create|merge|drop)\b/i);
    },
  );

  it('does nothing for what the batch does not have', () => {
    const ledger = ['ledger/60_files.sql', 'ledger/80_batch.sql', 'ledger/05_committed_batch.sql'];
    for (const lane of ['logs', 'songs', 'ignored'] as const) {
      expect(order(publishPlan(facts(lane, { read: NOTHING }))).slice(1)).toEqual(ledger);
    }
    const noPlays = { ...READ, plays: 0, rejected: 0 };
    const counts = ['logs/publish/40_objects.sql', 'logs/append/80_counts.sql'];
    expect(order(publishPlan(facts('logs', { read: noPlays }))).slice(1)).toEqual([
      'logs/append/30_users.sql',
      ...counts,
      ...ledger,
    ]);
    const empty = { ...NOTHING, objects: 1 };
    expect(order(publishPlan(facts('logs', { read: empty }))).slice(1)).toEqual([...counts, ...ledger]);
    expect(order(publishPlan(facts('songs', { reach: null })))).not.toContain('songs/publish/50_repair_songplays.sql');
  });

  it('changes entries of the ledger where the stage step saw some, in a second attempt, and outside live traffic', () => {
    const changes = (more: Partial<PublishFacts>) =>
      order(publishPlan(facts('logs', more))).filter((file) => /ledger.(40|50)_/.test(file));
    const [solve, update] = ['ledger/40_solve_quarantined.sql', 'ledger/50_changed_files.sql'];
    expect(changes({})).toEqual([]);
    expect(changes({ hasChangeable: true })).toEqual([update]);
    expect(changes({ isAgain: true })).toEqual([update]);
    expect(changes({ batch: aBatch('logs', { source: 'operator' }) })).toEqual([update]);
    expect(changes({ batch: aBatch('logs', { source: 'backfill' }) })).toEqual([solve, update]);
  });

  it('brings the totals up to date when that is due: in the first publish of a process, and every hour', () => {
    const plan = (totalsSinceMs: number | null) => publishPlan(facts('logs', { totalsSinceMs }));
    expect(order(plan(null))).not.toContain('ledger/76_totals.sql');
    expect(order(plan(0))).toContain('ledger/76_totals.sql');
    expect(text(plan(OPENED))).toContain("t.totalled_until >= '2018-11-15 12:00:00.000'::timestamp");

    const totals = createKeptTotals();
    expect(totals.dueSinceMs(OPENED)).toBe(0);
    totals.onPublished(OPENED);
    totals.onPublished(OPENED + 3_599_999);
    expect(totals.dueSinceMs(OPENED + 3_599_999)).toBeNull();
    const twoDaysBefore = OPENED - 172_800_000;
    expect(totals.dueSinceMs(OPENED + 3_600_000)).toBe(twoDaysBefore);
    expect(totals.dueSinceMs(OPENED - 3_600_000)).toBe(twoDaysBefore);
  });

  it('runs the files of the ledger in the order of their numbers, so that no file changes what a later one has to see', () => {
    const batch = aBatch('logs', { source: 'backfill' });
    const all = order(publishPlan(facts('logs', { batch, hasSeenAgain: true, replaced: REPLACED })));
    const ledger = all.filter((file) => /^ledger\/[3-8]/.test(file));
    expect(ledger).toContain('ledger/38_superseded_files.sql');
    expect(ledger).toEqual(ledger.toSorted());
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
    const many = Array.from({ length: 500 }, (_, n) => 1_000_000 + n);
    expect(text(publishPlan(facts('logs', { queryIds: many })))).toMatch(/'1000000,[\d,]{1016}'/);
  });

  it('names the ranges of the plays to the millisecond, and no range without plays', () => {
    const [first, second] = [
      "s.start_time between '2017-01-01 00:00:00.000'::timestamp and '2017-01-01 01:00:00.000'::timestamp",
      "s.start_time between '2018-11-12 01:00:00.000'::timestamp and '2018-11-12 02:00:00.003'::timestamp",
    ];
    expect(text(publishPlan(facts('logs')))).toContain(`(${first} or ${second})`);
    expect(text(publishPlan(facts('logs', { read: { ...NOTHING, objects: 1 } })))).toContain('where 1 = 0');
  });

  it('appends where no object has a live version, and is exact where one has, in a second attempt, and when it reloads', () => {
    const plan = (more: Partial<PublishFacts>) => publishPlan(facts('logs', more));
    const isExact = (more: Partial<PublishFacts>) => order(plan(more)).includes('logs/exact/10_play_choice.sql');
    expect(isExact({})).toBe(false);
    expect(isExact({ replaced: REPLACED })).toBe(true);
    expect(isExact({ isAgain: true })).toBe(true);
    expect(isExact({ batch: aBatch('logs', { decision: RELOAD }) })).toBe(true);
    for (const more of [{ replaced: REPLACED }, { isAgain: true }, {}]) {
      expect(order(plan(more)).includes('ledger/38_superseded_files.sql')).toBe(isExact(more));
    }
    expect(text(plan({ replaced: REPLACED }))).toContain(
      "p.start_time between '2019-01-01 00:00:00.000'::timestamp and '2019-01-01 01:00:00.000'::timestamp",
    );
    // Five weeks before, for users who lost their newest event; then all of time.
    expect(text(plan({ replaced: REPLACED }))).toContain("between '2018-11-27 00:00:00.000'::timestamp");
    expect(text(plan({ replaced: REPLACED, isAgain: true }))).toContain('2286-11-20');
  });

  it('of songs looks at the staged days, and after a lost race at all', () => {
    expect(text(publishPlan(facts('songs')))).toContain("'2018-11-12 23:59:59.999'::timestamp");
    const again = text(publishPlan(facts('songs', { isAgain: true })));
    expect(again).not.toContain('2018-11-12');
    expect(again).toContain("between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp");
  });

  it('is asked for behind the lock, since the day before the batch was opened', () => {
    const plan = committedPlan(aBatch('songs'), 'sparkify');
    expect(order(plan)).toEqual(['ledger/00_take_lock.sql', 'ledger/05_committed_batch.sql']);
    expect(text(plan)).toContain("batch_id = 'the-batch'");
    expect(text(plan)).toContain("published_at >= '2018-11-14 12:00:00.000'::timestamp");
  });
});
