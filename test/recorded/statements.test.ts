import { expect, test } from 'vitest';
import { recordStatements } from './record-statements.ts';
import type { RecordedTransaction } from './record-statements.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

const HEADER = `-- Every statement that the commands send, a transaction after the other: \`-- <story>\` and \`-- transaction <n>\` precede it.
-- Written by \`npx vitest run test/recorded/statements.test.ts --update\`.
`;

function page(transactions: readonly RecordedTransaction[]): string {
  let story = '';
  const blocks = transactions.map(({ statements, story: own }, index) => {
    const title = own === story ? '' : `\n-- ${own}\n`;
    story = own;
    return `${title}\n-- transaction ${index + 1}\n\n${statements.map((statement) => `${statement.trim()};\n`).join('\n')}`;
  });
  return HEADER + blocks.join('');
}

test('the commands send the statements of the recording', async () => {
  await expect(page(await recordStatements(stack))).toMatchFileSnapshot('statements.sql');
});
