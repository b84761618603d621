import type { DeadLetters } from '../../app/compose-dead-letters.ts';
import type { ExplainedLetter } from '../../core/dead-letter.ts';
import { renderTable } from './table.ts';

/** Of a message that announces no file, so much shows what it is. */
const BEGINNING = 60;

/** One line for each message: when, why, and what it announces or begins with. */
export function renderDeadLetters({ queueUrl, letters }: DeadLetters, max: number): string {
  if (letters.length === 0) return `no dead letters in ${queueUrl}\n`;
  const rows = letters.map((letter) => [letter.sentAt, letter.messageId, oneLine(letter.reason), announces(letter)]);
  const count = `${letters.length} dead letter${letters.length === 1 ? '' : 's'}`;
  const more = letters.length === max ? `; there may be more (--max ${max})` : '';
  return `${renderTable(['sent', 'message', 'reason', 'announces'], rows)}\n\n${count} in ${queueUrl}${more}\n`;
}

function announces({ files, body }: ExplainedLetter): string {
  const [first, ...others] = files;
  if (first === undefined) return `no file: ${beginning(body)}`;
  return oneLine(others.length === 0 ? first : `${first} and ${others.length} more`);
}

function beginning(body: string): string {
  const line = oneLine(body);
  return line.length <= BEGINNING ? line : `${line.slice(0, BEGINNING)} …`;
}

/** Whoever sent the message must not move the cursor of whoever reads it. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
