import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

test.each([1, 3])('a batch of nothing but %i archives that are none is settled, each set aside', async (count) => {
  const loading = await startLoading(stack);
  const names = Array.from({ length: count }, (_, n) => `log_data/${n}.json.gz`);
  const files = await Promise.all(names.map((name) => loading.put(name, lines(aPlay()))));
  const { files: settled } = await loading.load('logs_gzip', files);

  expect(settled.map(({ status }) => status)).toEqual(names.map(() => 'quarantined'));
  const codes = await loading.rows('select distinct error_code from ingest_files');
  expect(codes).toEqual([{ error_code: 'gzip_invalid' }]);
});
