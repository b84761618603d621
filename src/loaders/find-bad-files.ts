import { MAX_ERRORS } from '../core/copy.ts';
import { IngestError } from '../core/errors.ts';
import { checkPlan, loadErrorsPlan } from '../core/load-plan.ts';
import { manifestBody } from '../core/manifest.ts';
import type { Row } from '../core/ports.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import type { BadFile, BadFiles, Prepared, StagingSource } from './staging-source.ts';

type Search = { readonly source: StagingSource; readonly prepared: Prepared; readonly error: IngestError };

/** Halving finds one bad file among thousands in about a dozen COPYs; beyond this a person has to look. */
const MAX_PROBES = 64;
/** `file_name` is CHAR(256) in the view. */
const VIEW_NAME_BYTES = 256;

/**
 * Which files COPY refuses. One pass that only checks (NOLOAD, MAXERROR) meets the errors of all files at once, the load
 * error view names them. Where it does not (a name too long for it, an error it does not log) the files are halved.
 */
export async function findBadFiles(context: LoadContext, search: Search): Promise<BadFiles> {
  const check = await probe(context, search, search.prepared.uris, 0);
  const named = await filesInErrorView(context, search, {
    copyQueryId: queryIdOf(search.error),
    checkQueryId: check.queryId,
  });
  // A bundle that is refused for no reason given has no single object to blame.
  if (named.size > 0 || search.source.dataset === 'songs') return named;
  return await halve(context, search, search.prepared.uris, { made: 0 });
}

/** Checks some of the files. `refusal`: what COPY said against them, `null` when nothing that stops a load. */
async function probe(
  context: LoadContext,
  { source }: Search,
  uris: readonly string[],
  number: number,
): Promise<{ queryId: number | null; refusal: string | null }> {
  const { store, work } = context;
  const key = work.probeManifestKey(number);
  await store.put({ bucket: work.bucket, key, body: manifestBody(uris), contentType: 'application/json' });
  // The first probe looks for all errors and succeeds; the halves only ask whether there is one.
  const checkUpToErrors = number === 0 ? MAX_ERRORS : 1;
  const copy = copyInto(source.table, context, { key, isManifest: true, checkUpToErrors });
  try {
    const { copyQueryId } = await runPlan(context, `check-${number}`, checkPlan(source.dataset, copy));
    return { queryId: copyQueryId, refusal: null };
  } catch (error) {
    if (!(error instanceof IngestError) || error.code !== 'copy_bad_data') throw error;
    return { queryId: queryIdOf(error), refusal: error.message };
  }
}

async function filesInErrorView(
  context: LoadContext,
  { prepared }: Search,
  query: { copyQueryId: number | null; checkQueryId: number | null },
): Promise<BadFiles> {
  const { rows } = await runPlan(context, 'load-errors', loadErrorsPlan(query));
  const uris = urisByViewName(prepared.uris);
  const bad = new Map<number, BadFile>();
  for (const row of rows) {
    const uri = uris.get(String(row['file_name']).trim());
    const lineNumber = Number(row['line_number']);
    if (uri === undefined) continue;
    for (const { fileNumber } of prepared.locate(uri, lineNumber)) bad.set(fileNumber, badFile(row, lineNumber));
  }
  return bad;
}

/** Names as the view shows them. One that two files share tells nothing. */
function urisByViewName(uris: readonly string[]): ReadonlyMap<string, string> {
  const byName = new Map<string, string>();
  const shared = new Set<string>();
  for (const uri of uris) {
    const name = Buffer.from(uri).subarray(0, VIEW_NAME_BYTES).toString().trim();
    if (byName.has(name)) shared.add(name);
    byName.set(name, uri);
  }
  for (const name of shared) byName.delete(name);
  return byName;
}

function badFile(row: Row, lineNumber: number): BadFile {
  const columnName = String(row['column_name'] ?? '').trim();
  return {
    status: 'quarantined',
    errorCode: `copy_${String(row['error_code'])}`,
    reason: String(row['error_message'] ?? '').trim(),
    lineNumber,
    columnName: columnName === '' ? null : columnName,
  };
}

async function halve(
  context: LoadContext,
  search: Search,
  uris: readonly string[],
  probes: { made: number },
): Promise<BadFiles> {
  const middle = Math.ceil(uris.length / 2);
  const halves = uris.length === 1 ? [uris] : [uris.slice(0, middle), uris.slice(middle)];
  const bad = new Map<number, BadFile>();
  for (const half of halves) {
    if (probes.made >= MAX_PROBES) break;
    probes.made += 1;
    const { refusal } = await probe(context, search, half, probes.made);
    if (refusal === null) continue;
    const found =
      half.length === 1 ? refused(search.prepared, half, refusal) : await halve(context, search, half, probes);
    for (const [fileNumber, file] of found) bad.set(fileNumber, file);
  }
  return bad;
}

function refused(prepared: Prepared, uris: readonly string[], refusal: string): BadFiles {
  const file: BadFile = {
    status: 'quarantined',
    errorCode: 'copy_refused',
    reason: refusal,
    lineNumber: null,
    columnName: null,
  };
  return new Map(uris.flatMap((uri) => prepared.locate(uri, 1)).map(({ fileNumber }) => [fileNumber, file]));
}

function queryIdOf(error: IngestError): number | null {
  const queryId = error.seen['queryId'];
  return typeof queryId === 'number' && queryId > 0 ? queryId : null;
}
