import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** @throws Error when the child process, which has said why on standard error, ends before it sends a message. */
export async function firstMessage<Message>(child: ChildProcess): Promise<Message> {
  const ended = once(child, 'exit').then(([code, signal]: readonly unknown[]) => {
    const program = child.spawnargs.slice(1).join(' ');
    throw new Error(`${program} ended (${String(signal ?? code)}) before it sent a message; see above.`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [Message];
  return message;
}
