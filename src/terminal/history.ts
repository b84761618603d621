import { printable } from '../core/printable.ts';
import type { BatchHistory } from '../look/history.ts';
import type { BatchEntry } from '../look/ledger-rows.ts';
import { renderFiles } from './files.ts';
import { renderRejected } from './rejected.ts';
import { shortTime } from './spans.ts';
import { formatNumber, renderTable } from './table.ts';

/** Batches, one line each. */
export function renderBatches(batches: readonly BatchEntry[], max: number): string {
  if (batches.length === 0) return 'no batch\n';
  const rows = batches.map(
    ({ action, batchId, closeReason, consumer, dataset, files, publishedAt, rows: counts, source, ...one }) => [
      shortTime(publishedAt),
      batchId,
      dataset,
      action ?? source,
      closeReason,
      files,
      counts.inserted,
      counts.updated + counts.repaired,
      counts.removed,
      counts.rejected,
      one.operator ?? consumer,
    ],
  );
  const head = [
    'published',
    'batch',
    'dataset',
    'source',
    'closed',
    'files',
    'new',
    'changed',
    'removed',
    'rejected',
    'by',
  ];
  const more = batches.length === max ? `there may be more (--max ${max})\n` : '';
  return `${renderTable(head, rows)}\n${more}`;
}

/** One batch from its opening to its commit, with its files. */
export function renderBatch({ batch, files, rejected }: BatchHistory, max: number): string {
  return [
    renderTable(['batch', batch.batchId], batchLines(batch)),
    '',
    renderFiles(files, max),
    ...(rejected.length === 0 ? [] : ['rejected rows:', '', renderRejected(rejected)]),
  ].join('\n');
}

/** What is known of a batch, as names and values. */
export function batchLines(batch: BatchEntry): readonly (readonly [string, string | null])[] {
  const { bytes, closeReason, closedAt, consumer, dataset, files, openedAt, publishedAt, queryIds } = batch;
  const { restedMs, rows, source, stageMs } = batch;
  const ms = (value: number | null) => (value === null ? '' : ` (${formatNumber(value)} ms)`);
  const at = (value: string | null) => value?.replace('T', ' ') ?? null;
  return [
    ['dataset', `${dataset}, ${source}, by ${consumer}`],
    ...(batch.operator === null
      ? []
      : [
          [
            batch.action ?? 'asked',
            `by ${printable(batch.operator)}: ${printable(batch.why ?? 'no reason given')}`,
          ] as const,
        ]),
    ['files', `${formatNumber(files)} (${formatNumber(bytes)} bytes)`],
    ['opened', at(openedAt)],
    [
      'closed',
      `${at(closedAt) ?? '?'} (${closeReason}${restedMs === 0 ? '' : `, rested ${formatNumber(restedMs)} ms`})`,
    ],
    ['read', stageMs.read === null ? null : `after${ms(stageMs.read)}`],
    ['staged', stageMs.stage === null ? null : `after${ms(stageMs.stage)}`],
    ['published', `${at(publishedAt) ?? '?'}${ms(stageMs.publish)}`],
    [
      'rows',
      `${rows.inserted} new, ${rows.updated} changed, ${rows.repaired} repaired, ${rows.removed} removed, ${rows.rejected} rejected`,
    ],
    ['query ids', queryIds.length === 0 ? null : queryIds.join(', ')],
    ['manifest', batch.manifestUri],
  ];
}
