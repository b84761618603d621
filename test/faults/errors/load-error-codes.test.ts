import { afterAll, beforeAll, expect, it } from 'vitest';
import { useStack } from '../../support/stack.ts';
import { Consuming } from './support/consuming.ts';

const stack = useStack();
let consuming: Consuming;

beforeAll(async () => {
  consuming = await Consuming.begin(stack);
});
afterAll(async () => {
  await consuming.end();
});

/** Redshift docs, "Load error reference". */
const CODES = [...Array.from({ length: 25 }, (_, n) => 1200 + n), 8001, 9005];

it('whatever load error code COPY gives a file, the file is set aside with it and the batch is loaded', async () => {
  const given: number[] = [];
  consuming.wire.decide(({ operation }) =>
    operation === 'GetStatementResult' ? { kind: 'changed', change: (body) => withCodes(body, given) } : null,
  );
  const good = await consuming.put('log');
  const bad: string[] = [];
  while (bad.length < CODES.length) bad.push(await consuming.put('log', '{"sessionId": 1,,}'));
  await consuming.until('a consumer', () => consuming.consumer);
  expect((await consuming.settled(good)).status).toBe('loaded');
  const codes: string[] = [];
  for (const key of bad) {
    const { error_code: code, reason, status } = await consuming.settled(key);
    expect(status).toBe('quarantined');
    expect(reason).toContain(`COPY error ${code?.replace('copy_', '') ?? ''}`);
    expect(consuming.receiveCount(key)).toBe(1);
    codes.push(code ?? '');
  }
  expect(codes.toSorted()).toEqual(CODES.map((code) => `copy_${code}`).toSorted());
});

type Result = {
  readonly ColumnMetadata?: readonly { readonly name: string }[];
  readonly Records?: readonly Record<string, unknown>[][];
};

/** Gives each row of the load-error view the next code. */
function withCodes(body: string, given: number[]): string {
  const result = JSON.parse(body) as Result;
  const at = result.ColumnMetadata?.findIndex(({ name }) => name === 'error_code') ?? -1;
  if (at === -1) return body;
  for (const row of result.Records ?? []) {
    const code = CODES[given.length % CODES.length] ?? 0;
    given.push(code);
    row[at] = { longValue: code };
  }
  return JSON.stringify(result);
}
