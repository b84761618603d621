import fc from 'fast-check';
import { expect, test } from 'vitest';
import { terminalLogger } from '../../src/observe/logger.ts';
import { report } from '../../src/cli/verb.ts';
import { renderTable } from '../../src/terminal/table.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { BatchId } from '../../src/core/load.ts';
import { printable } from '../../src/core/printable.ts';

/** Clears the screen, then writes from right to left. */
const HOSTILE = 'log_data/\u001b[2J\u202egnp.json\u0007\u2028x';
const SHOWN = 'log_data/\\u001b[2J\\u202egnp.json\\u0007\\u2028x';

test('no character of a printable text moves the cursor or turns the direction, and all others stay as they were', () => {
  expect(printable(HOSTILE)).toBe(SHOWN);
  expect(printable('a\nb\u001b', '\n')).toBe('a\nb\\u001b');
  expect(printable('\u{e0001}')).toBe('\\udb40\\udc01');
  expect(printable('\ud83c\udfb5 \ud83c')).toBe('\ud83c\udfb5 \\ud83c');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      const harmless = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
      expect(printable(harmless)).toBe(harmless);
    }),
  );
});

test('a hostile key reaches no terminal as it is: not in the log, not in a table, not in an error', () => {
  const seen: string[] = [];
  const write = (text: string): void => void seen.push(text);
  terminalLogger({ level: 'debug', nowMs: () => 0, write })({
    kind: 'file.missing',
    batchId: 'b-1' as BatchId,
    bucket: 'b',
    key: HOSTILE,
  });
  write(renderTable(['key'], [[HOSTILE]]));
  report({ out: write, err: write, isTerminal: false }, new IngestError('unknown', `${HOSTILE} cannot be read.`));
  expect(seen).toHaveLength(3);
  for (const text of seen) {
    expect(text).toContain(SHOWN);
    expect(text).not.toContain('\u202e');
    expect(text).not.toContain('\u001b[2J');
  }
});
