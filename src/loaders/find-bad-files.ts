import { copyReason } from '../core/copy-reason.ts';
import { MAX_ERRORS } from '../core/copy.ts';
import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import type { NumberedFile } from '../core/ledger.ts';
import { checkPlan, loadErrorsPlan } from '../core/load-plan.ts';
import { manifestBody } from '../core/manifest.ts';
import type { Row } from '../core/ports.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import { readLogFiles } from './read-log-files.ts';
import type { BadFile, BadFiles, Prepared, StagingSource } from './staging-source.ts';

type Search = { readonly source: StagingSource; readonly prepared: Prepared; readonly error: IngestError };

/** Each names at least one file more; usually the first names all. */
const MAX_CHECKS = 4;
/** Halving finds one bad file among thousands in two dozen COPYs, each of which ends at its first error. */
const MAX_PROBES = 256;
/** `file_name` is CHAR(256) in the view. */
const VIEW_NAME_BYTES = 256;

/** What keeps the service from reading a file; COPY then says itself which it cannot read. */
const LEFT_TO_COPY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['access_denied', 'object_unreadable']);

const CORRUPT: BadFile = {
  status: 'quarantined',
  errorCode: 'gzip_invalid',
  reason: 'ends with .gz and is no gzip archive, or is cut off',
  lineNumber: null,
  columnName: null,
};

/**
 * Which files COPY refuses. One pass that only checks (NOLOAD, MAXERROR) meets the errors of all files at once, the load
 * error view names them. A pass that was refused itself (a file with more errors than MAXERROR counts, an archive that
 * cannot be unpacked) did not get to the end, and is run again without what is known by then. Where nothing names a file
 * (a name too long for the view, an error it does not log) the files are halved.
 */
export async function findBadFiles(context: LoadContext, search: Search): Promise<BadFiles> {
  const { prepared, source } = search;
  const bad = new Map<number, BadFile>();
  let rest = prepared.uris;
  let copyQueryId = queryIdOf(search.error);
  for (let checks = 0; checks < MAX_CHECKS && rest.length > 0; checks += 1) {
    const check = await probe(context, search, rest, { number: checks, upToErrors: MAX_ERRORS });
    const query = { copyQueryId, checkQueryId: check.queryId };
    const named = await filesInErrorView(context, search, query);
    const corrupt = check.refusal === null ? [] : await corruptArchives(context, prepared, rest);
    for (const [fileNumber, file] of [...corrupt, ...named]) bad.set(fileNumber, file);
    // A bundle's lines are of many objects: the loader makes new bundles without the bad ones.
    const isOver = check.refusal === null && bad.size > 0;
    if (isOver || source.dataset === 'songs') return bad;
    if (named.size + corrupt.length === 0) break;
    rest = rest.filter((uri) => prepared.locate(uri, 1).every(({ fileNumber }) => !bad.has(fileNumber)));
    copyQueryId = null;
  }
  // Every file is bad: there is nothing left to halve, and COPY refuses a manifest without files.
  if (rest.length === 0) return bad;
  const halved = await halve(context, search, rest, { made: MAX_CHECKS });
  return new Map([...bad, ...halved]);
}

/** COPY does not say which archive it could not unpack. Reading them costs no COPY. */
async function corruptArchives(
  context: LoadContext,
  prepared: Prepared,
  uris: readonly string[],
): Promise<readonly (readonly [number, BadFile])[]> {
  if (context.batch.lane !== 'logs_gzip') return [];
  const found: (readonly [number, BadFile])[] = [];
  const archives = uris.map((uri) => prepared.locate(uri, 1)).filter((files) => files.length > 0);
  try {
    const read = readLogFiles(context, archives, ([first]) => (first as NumberedFile).file);
    for await (const { log, source } of read) {
      if (log.kind === 'corrupt') found.push(...source.map(({ fileNumber }) => [fileNumber, CORRUPT] as const));
    }
    return found;
  } catch (error) {
    // The service may be allowed to read songs only, or one of them is archived; then the files are halved.
    if (error instanceof IngestError && LEFT_TO_COPY.has(error.code)) return [];
    throw error;
  }
}

/** Checks some of the files. `refusal`: what COPY said against them, `null` when nothing that stops a load. */
async function probe(
  context: LoadContext,
  { source }: Search,
  uris: readonly string[],
  { number, upToErrors }: { number: number; upToErrors: number },
): Promise<{ queryId: number | null; refusal: string | null }> {
  const { signal, store, work } = context;
  const key = work.probeManifestKey(number);
  await store.put({ bucket: work.bucket, key, body: manifestBody(uris), contentType: 'application/json', signal });
  const copy = copyInto(source.table, context, { key, isManifest: true, checkUpToErrors: upToErrors });
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
    reason: copyReason(Number(row['error_code']), String(row['error_message'] ?? '').trim()),
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
    // One error is answer enough.
    const { refusal, queryId } = await probe(context, search, half, { number: probes.made, upToErrors: 1 });
    if (refusal === null) continue;
    const isOne = half.length === 1;
    const found = isOne
      ? await refused(context, search, { uris: half, refusal, queryId })
      : await halve(context, search, half, probes);
    for (const [fileNumber, file] of found) bad.set(fileNumber, file);
  }
  return bad;
}

/** A file that was refused alone: what the view says of that COPY is about it, whatever name the view has. */
async function refused(
  context: LoadContext,
  { prepared }: Search,
  input: { uris: readonly string[]; refusal: string; queryId: number | null },
): Promise<BadFiles> {
  const query = { copyQueryId: null, checkQueryId: input.queryId };
  const { rows } = await runPlan(context, 'load-errors', loadErrorsPlan(query));
  const file = rows[0] === undefined ? unexplained(input.refusal) : badFile(rows[0], Number(rows[0]['line_number']));
  return new Map(input.uris.flatMap((uri) => prepared.locate(uri, 1)).map(({ fileNumber }) => [fileNumber, file]));
}

function unexplained(refusal: string): BadFile {
  return {
    status: 'quarantined',
    errorCode: 'copy_refused',
    reason: `cannot be loaded (${refusal})`,
    lineNumber: null,
    columnName: null,
  };
}

function queryIdOf(error: IngestError): number | null {
  const queryId = error.seen['queryId'];
  return typeof queryId === 'number' && queryId > 0 ? queryId : null;
}
