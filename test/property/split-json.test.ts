import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitJson } from '../../src/core/split-json.ts';

const blank = fc.string({ unit: fc.constantFrom(' ', '\n', '\r\n', '\t'), maxLength: 5 });
const text = fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', '[', ',', 'ü', 'a', '\n') });
const anObject = fc.record({
  values: fc.dictionary(text, fc.oneof(text, fc.nat(), fc.array(text))),
  indent: fc.nat(2),
});

it('the objects of a file are split where they end, and each is told with the line on which it begins', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(blank, anObject)), blank, (pieces, end) => {
      let file = '';
      const expected: unknown[] = [];
      for (const [before, { indent, values }] of pieces) {
        file += before;
        const object = JSON.stringify(values, null, indent);
        expected.push({ kind: 'object', text: object, lineNumber: file.split('\n').length });
        file += object;
      }
      expect([...splitJson(file + end)]).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

it('what follows a broken place is not looked at, and the place is within the file', () => {
  const piece = fc.oneof(
    anObject.map(({ values }) => JSON.stringify(values)),
    fc.constantFrom('}', '[', '{"a"', 'null'),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const file = pieces.join('\n');
      const found = [...splitJson(file)];
      const lines = file.split('\n');
      for (const [index, one] of found.entries()) {
        if (one.kind === 'object') continue;
        expect(index).toBe(found.length - 1);
        expect(one.problem.lineNumber).toBeGreaterThanOrEqual(1);
        expect(one.problem.lineNumber).toBeLessThanOrEqual(lines.length);
        expect(one.problem.columnNumber).toBeLessThanOrEqual((lines[one.problem.lineNumber - 1]?.length ?? 0) + 1);
      }
    }),
    { numRuns: 300 },
  );
});
