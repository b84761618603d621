import type { CopyStatement } from '../parse/copy-statement.ts';
import type { CopySource } from './list-sources.ts';
import type { OpenSource } from './open-source.ts';
import { openSource } from './open-source.ts';
import type { CopyContext } from './copy-context.ts';

/**
 * Opens the files in order, a few ahead of the reader, so that small files do not cost a round trip each. Missing
 * files that are not mandatory are left out. Ending early closes the open files.
 */
export async function* openAhead(
  sources: readonly CopySource[],
  statement: CopyStatement,
  context: Pick<CopyContext, 's3' | 'signal'>,
): AsyncGenerator<OpenSource> {
  const waiting: Promise<OpenSource | null>[] = [];
  let next = 0;
  try {
    while (next < sources.length || waiting.length > 0) {
      for (; waiting.length < ahead && next < sources.length; next += 1) {
        const source = sources[next];
        if (source === undefined) break;
        const opening = openSource(source, statement, context);
        // Awaited in its turn; until then a refusal is not an unhandled one.
        opening.catch(() => undefined);
        waiting.push(opening);
      }
      const opened = await waiting.shift();
      if (opened === null || opened === undefined) continue;
      try {
        yield opened;
      } finally {
        opened.close();
      }
    }
  } finally {
    for (const opening of waiting) void opening.then((opened) => opened?.close()).catch(() => undefined);
  }
}

const ahead = 4;
