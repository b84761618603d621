import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCopyStand } from './copy-stand.ts';
import type { CopyStand } from './copy-stand.ts';

describe('[copy.round-trip] what COPY loads is what the files hold', () => {
  let stand: CopyStand;
  beforeAll(async () => {
    stand = await startCopyStand();
  });
  afterAll(async () => {
    await stand.stop();
  });

  it('keeps every text that JSON and VARCHAR can both hold, in any number of documents and any layout', async () => {
    await stand.client.query('create table texts (nr varchar(10), one varchar(65535), two varchar(65535))');
    // NUL is the one character that a VARCHAR here cannot hold.
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
    const special = fc.constantFrom(
      '\\',
      '\\N',
      '\\.',
      '\t',
      '\n',
      '\r\n',
      '"',
      '',
      ' ',
      '𝄞',
      'null',
      '{}',
      '}{',
      ',',
      "'",
    );
    const value = fc.option(
      fc.oneof(
        text,
        special,
        fc.array(fc.oneof(text, special)).map((parts) => parts.join('')),
      ),
    );
    const documents = fc.array(fc.record({ one: value, two: value }, { requiredKeys: ['one'] }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        documents,
        fc.constantFrom(0, 1, 2),
        fc.constantFrom('\n', '', ' \t\r\n'),
        async (rows, indent, between) => {
          const numbered = rows.map((row, index) => ({ nr: index, ...row }));
          await stand.put('texts.json', numbered.map((row) => JSON.stringify(row, null, indent)).join(between));
          await stand.client.query('truncate texts');
          const { loadedRows } = await stand.copy('texts', 'texts.json', 'json');
          expect(loadedRows).toBe(rows.length);
          const loaded = await stand.rows('select one, two from texts order by nr::int');
          expect(loaded).toEqual(rows.map(({ one, two }) => ({ one, two: two ?? null })));
        },
      ),
      { numRuns: 60 },
    );
  });
});
