import { afterAll } from 'vitest';

// The files of a worker run one after the other in one process: each finds the environment as the first one did.
const before = { ...process.env };

afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
});
