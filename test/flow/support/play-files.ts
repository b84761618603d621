import { logLine } from '../../support/log-lines.ts';
import type { InputFile } from './sample.ts';
import type { Story } from './story.ts';

export const NOON = Date.UTC(2018, 10, 12, 12);

export function textFile(key: string, text: string): InputFile {
  return { key, body: new TextEncoder().encode(text) };
}

/** A log of one play; its session distinguishes it from other files. */
export function aLog(key: string, sessionId: number): InputFile {
  return textFile(key, logLine({ sessionId, ts: NOON + sessionId }));
}

/** The sessions of the plays that are loaded, a play each. */
export async function sessions(story: Story): Promise<readonly number[]> {
  const rows = await story.star.rows<{ session_id: string }>('select session_id from songplays order by session_id');
  return rows.map((row) => Number(row.session_id));
}
