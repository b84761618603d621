import { RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyCursor } from './copy-cursor.ts';
import { parseAuthorization, takeAuthorization } from './copy-authorization.ts';
import type { Authorization } from './copy-authorization.ts';
import type { CopyCompression, CopyEncoding, JsonFormat } from './copy-statement.ts';
import { parseS3Url } from './s3-location.ts';

/** The options read so far. `seen` holds every option's name, because an option may occur only once. */
export type CopyDraft = {
  readonly seen: Set<string>;
  authorization: Authorization | null;
  json: JsonFormat | null;
  region: string | null;
  compression: CopyCompression;
  encoding: CopyEncoding;
  acceptInvalidChars: string | null;
  dateFormat: string | null;
  timeFormat: string | null;
  ignoreHeader: number;
  maxError: number | null;
  ignoreAllErrors: boolean;
};

export function emptyDraft(): CopyDraft {
  return {
    seen: new Set(),
    authorization: null,
    json: null,
    region: null,
    compression: 'none',
    encoding: 'utf8',
    acceptInvalidChars: null,
    dateFormat: null,
    timeFormat: null,
    ignoreHeader: 0,
    maxError: null,
    ignoreAllErrors: false,
  };
}

/**
 * Reads one option with its arguments into the draft.
 *
 * @throws RedshiftError 42601 for an unknown or repeated option and for those that Redshift does not allow with JSON,
 *   0A000 for formats and compressions that this stand-in does not have.
 */
export function takeOption(cursor: CopyCursor, draft: CopyDraft): void {
  const authorization = takeAuthorization(cursor);
  if (authorization !== null) {
    once(draft, 'credentials');
    draft.authorization = parseAuthorization(cursor, authorization);
    return;
  }
  const name = cursor.peek().text;
  if (cursor.peek().kind !== 'word') cursor.fail('an option');
  const take = optionReaders.get(name);
  if (take === undefined) refuse(cursor, name);
  cursor.next();
  once(draft, take === takeFormat || take === takeJson ? 'format' : name);
  take(cursor, draft, name);
}

type OptionReader = (cursor: CopyCursor, draft: CopyDraft, name: string) => void;

const flag: OptionReader = () => undefined;

const takeRegion: OptionReader = (cursor, draft) => {
  cursor.takeWords('as');
  draft.region = cursor.expectString('a region');
  if (!region.test(draft.region))
    throw new RedshiftError('22023', `S3ServiceException: The region '${draft.region}' is not a region of S3`);
};

/** How regions are named: `eu-west-1`, `us-gov-east-1`. */
const region =
  /^(us|us-gov|us-iso|us-isob|eu|eusc|ap|sa|ca|me|af|il|mx|cn)-(north|south|east|west|central|northeast|northwest|southeast|southwest|de-east)-\d$/;

const takeCompression: OptionReader = (_, draft, name) => {
  if (draft.compression !== 'none') {
    throw new RedshiftError('42601', 'COPY takes one compression for all its files');
  }
  draft.compression = name === 'gzip' ? 'gzip' : 'zstd';
};

const takeFormat: OptionReader = (cursor, draft, name) => {
  cursor.takeWords('as');
  if (!cursor.takeWords('json')) refuseFormat(cursor.peek().text);
  takeJson(cursor, draft, name);
};

const takeJson: OptionReader = (cursor, draft) => {
  cursor.takeWords('as');
  // The argument may be missing: 'auto' is its default (Redshift docs, data format parameters).
  const argument = cursor.peek().kind === 'string' ? cursor.next().text : 'auto';
  draft.json = jsonFormat(argument);
};

function jsonFormat(argument: string): JsonFormat {
  if (argument === 'auto') return { kind: 'auto', ignoreCase: false };
  if (argument === 'auto ignorecase') return { kind: 'auto', ignoreCase: true };
  if (argument === 'noshred') return { kind: 'noshred' };
  if (argument.startsWith('s3://')) return { kind: 'jsonpaths', location: parseS3Url(argument) };
  throw new RedshiftError(
    '42601',
    `Invalid JSON option '${argument}': expected 'auto', 'auto ignorecase', 'noshred' or 's3://bucket/jsonpaths-file'`,
  );
}

const takeEncoding: OptionReader = (cursor, draft) => {
  cursor.takeWords('as');
  const name = (
    cursor.peek().kind === 'string' ? cursor.next().text : cursor.expectIdentifier('an encoding')
  ).toLowerCase();
  const encoding = encodings.find((known) => known === name);
  if (encoding === undefined) {
    throw new RedshiftError('42601', `Unknown ENCODING '${name}': expected ${encodings.join(', ')}`);
  }
  draft.encoding = encoding;
};

const encodings: readonly CopyEncoding[] = ['utf8', 'utf16', 'utf16le', 'utf16be', 'iso88591'];

const takeInvalidChars: OptionReader = (cursor, draft) => {
  cursor.takeWords('as');
  const replacement = cursor.peek().kind === 'string' ? cursor.next().text : '?';
  // eslint-disable-next-line no-control-regex -- any ASCII character but NUL, as documented
  if (!/^[\u0001-\u007f]$/.test(replacement)) {
    throw new RedshiftError('22023', 'ACCEPTINVCHARS takes one ASCII character other than NUL');
  }
  draft.acceptInvalidChars = replacement;
};

const takeMaxError: OptionReader = (cursor, draft) => {
  cursor.takeWords('as');
  draft.maxError = cursor.expectNumber('MAXERROR', 0, 100_000);
};

const takeSwitch: OptionReader = (cursor, _, name) => {
  const values = name === 'compupdate' ? ['on', 'off', 'true', 'false', 'preset'] : ['on', 'off', 'true', 'false'];
  values.some((value) => cursor.takeWords(value));
};

/** Every option that may stand in a COPY of JSON, by its first word. */
const optionReaders = new Map<string, OptionReader>([
  ['manifest', flag],
  ['region', takeRegion],
  ['gzip', takeCompression],
  ['zstd', takeCompression],
  ['format', takeFormat],
  ['json', takeJson],
  ['encoding', takeEncoding],
  ['acceptanydate', flag],
  ['acceptinvchars', takeInvalidChars],
  ['blanksasnull', flag],
  ['emptyasnull', flag],
  ['trimblanks', flag],
  ['truncatecolumns', flag],
  ['roundec', flag],
  ['explicit_ids', flag],
  ['noload', flag],
  ['maxerror', takeMaxError],
  ['ignoreallerrors', (_, draft) => (draft.ignoreAllErrors = true)],
  [
    'dateformat',
    (cursor, draft) => {
      cursor.takeWords('as');
      draft.dateFormat = cursor.expectString('a date format');
    },
  ],
  [
    'timeformat',
    (cursor, draft) => {
      cursor.takeWords('as');
      draft.timeFormat = cursor.expectString('a time format');
    },
  ],
  [
    'ignoreheader',
    (cursor, draft) => {
      cursor.takeWords('as');
      draft.ignoreHeader = cursor.expectNumber('IGNOREHEADER', 0, 2_147_483_647);
    },
  ],
  ['compupdate', takeSwitch],
  ['statupdate', takeSwitch],
  ['comprows', (cursor) => void cursor.expectNumber('COMPROWS', 1000, 2_147_483_647)],
]);

const notWithJson = new Set(
  'csv delimiter escape fillrecord fixedwidth ignoreblanklines null readratio removequotes quote'.split(' '),
);
const otherFormats = new Set('avro parquet orc shapefile'.split(' '));
const otherParts = new Set('bzip2 lzop encrypted master_symmetric_key ssh'.split(' '));

function refuse(cursor: CopyCursor, name: string): never {
  const upper = name.toUpperCase();
  if (notWithJson.has(name)) {
    throw new RedshiftError('42601', `${upper} is not supported with JSON`, {
      detail: `COPY of JSON does not take ${upper}; the other text formats, which do, are not supported here.`,
      position: cursor.peek().offset + 1,
    });
  }
  if (otherFormats.has(name)) refuseFormat(name);
  if (otherParts.has(name)) {
    throw new RedshiftError('0A000', `COPY with ${upper} is not supported here; supported: no compression, GZIP, ZSTD`);
  }
  cursor.fail('an option of COPY');
}

function refuseFormat(name: string): never {
  throw new RedshiftError(
    '0A000',
    `COPY FORMAT ${name.toUpperCase()} is not supported here; supported: JSON 'auto', 'auto ignorecase', 'noshred' and JSONPaths`,
  );
}

function once(draft: CopyDraft, name: string): void {
  if (draft.seen.has(name)) {
    throw new RedshiftError('42601', 'conflicting or redundant options', {
      detail: `${name.toUpperCase()} stands twice in the COPY.`,
    });
  }
  draft.seen.add(name);
}
