import { expect, test } from 'vitest';
import { recordStatements } from './record-statements.ts';
import type { RecordedTransaction } from './record-statements.ts';
import { useStack } from '../support/stack.ts';

// A stack of its own: what other tests leave in a shared one is not what a deployed stack's user finds.
const stack = useStack({});

const HEADER = `-- Every statement that the commands send, each transaction once.
-- Written by \`npx vitest run test/recorded/statements.test.ts --update\`.
`;

function page(transactions: readonly RecordedTransaction[]): string {
  const blocks = transactions.map(
    ({ statements, story }, index) =>
      `\n-- transaction ${index + 1}: ${story}\n\n${statements.map((statement) => `${statement.trim()};\n`).join('\n')}`,
  );
  return HEADER + blocks.join('');
}

test('the commands send the statements of the recording', async () => {
  await expect(page(await recordStatements(stack))).toMatchFileSnapshot('statements.sql');
});
