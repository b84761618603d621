import { countOf } from '../core/count-of.ts';
import type { DeadLetters } from '../app/compose-dead-letters.ts';
import type { ExplainedLetter } from '../core/intake/dead-letter.ts';
import { renderTable } from './table.ts';

/** Shown characters of a message that announces no file. */
const BEGINNING = 60;

/** One line per message: time, reason, and the files that it announces or how it begins. */
export function renderDeadLetters({ queueUrl, letters }: DeadLetters, max: number): string {
  if (letters.length === 0) return `no dead letters in ${queueUrl}\n`;
  const rows = letters.map((letter) => [letter.sentAt, letter.messageId, letter.reason, announces(letter)]);
  const count = countOf(letters.length, 'dead letter');
  const more = letters.length === max ? `; there may be more (--max ${max})` : '';
  return `${renderTable(['sent', 'message', 'reason', 'announces'], rows)}\n\n${count} in ${queueUrl}${more}\n`;
}

function announces({ files, body }: ExplainedLetter): string {
  const [first, ...others] = files;
  if (first === undefined) return `no file: ${beginning(body)}`;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function beginning(body: string): string {
  return body.length <= BEGINNING ? body : `${body.slice(0, BEGINNING)} …`;
}
