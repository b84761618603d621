import { numbered } from '../core/loading/ledger.ts';
import type { FindLacking } from '../core/load.ts';
import type { Warehouse } from '../core/ports.ts';
import { know } from './know.ts';
import type { LoadParts } from './load-context.ts';
import { loadContext } from './load-context.ts';
import { SessionPool } from './session-pool.ts';

/** The loader's first step alone: writes a file list below the work prefix and a temporary table. */
export function createFindLacking(parts: LoadParts & { readonly warehouse: Warehouse }): FindLacking {
  const nonce = Math.floor(parts.random() * 2 ** 30).toString(36);
  const sessions = new SessionPool(parts.warehouse, parts.settings.schema);
  let tokens = 0;
  return async (batch, signal) => {
    const token = (stage: string) => `look-${stage}-${nonce}-${(tokens += 1).toString(36)}`;
    const session = sessions.take();
    const context = loadContext(parts, { batch, session, signal, token, refusal: null });
    const files = numbered(batch);
    const known = await know(context, files);
    sessions.giveBack(session);
    const withStatus = (is: (status: string | undefined) => boolean) =>
      files.flatMap(({ file, fileNumber }) => (is(known.get(fileNumber)?.status) ? [file] : []));
    return {
      lacking: withStatus((status) => status === undefined),
      retracted: withStatus((status) => status === 'retracted'),
    };
  };
}
