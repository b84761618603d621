import { expect, it } from 'vitest';
import * as source from '../src/index.ts';

it('exports what its source exports', async () => {
  expect(Object.keys(await import('local-stack')).toSorted()).toEqual(Object.keys(source).toSorted());
});
