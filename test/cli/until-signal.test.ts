import { expect, onTestFinished, test } from 'vitest';
import { action } from '../../src/cli/verb.ts';
import { untilSignal } from '../../src/cli/until-signal.ts';
import type { ExitCode } from '../../src/cli/verb.ts';

/** Runs a body that a signal meets, and that then ends so. */
async function interrupted(end: () => ExitCode): Promise<{ exitCode: ExitCode; order: readonly string[] }> {
  const order: string[] = [];
  const io = { out: () => undefined, err: (text: string) => void order.push(text.trim()), isTerminal: false };
  const exitCode = await untilSignal(io, 'stopping', async (signal, closing) => {
    for (const name of ['first', 'second']) closing({ close: () => void order.push(`closes ${name}`) });
    process.emit('SIGHUP', 'SIGHUP');
    expect(signal.aborted).toBe(true);
    return await Promise.resolve(end());
  });
  return { exitCode, order };
}

test('a command that completes after a signal keeps its own exit code, and closes what it opened, the last first', async () => {
  expect(await interrupted(() => 1)).toEqual({ exitCode: 1, order: ['stopping', 'closes second', 'closes first'] });
});

test('a command that fails after a signal ends with 130', async () => {
  const failing = () => {
    throw new Error('The work was cut off.');
  };
  expect(await interrupted(failing)).toMatchObject({ exitCode: 130 });
});

test('with --json, a command that a signal cut short prints an error', async () => {
  const out: string[] = [];
  const io = { out: (text: string) => void out.push(text), err: () => undefined, isTerminal: false };
  const before = process.exitCode;
  onTestFinished(() => void (process.exitCode = before));
  await action<object>(io, async () => await Promise.resolve(130 as const))({ json: true });
  expect(process.exitCode).toBe(130);
  expect(JSON.parse(out.join(''))).toEqual({
    error: { code: 'aborted', message: 'A signal ended the command early.' },
  });
});
