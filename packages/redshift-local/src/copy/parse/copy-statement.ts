/** Compression of the data files; one for the whole COPY (manifest and JSONPaths file are never compressed). */
export type CopyCompression = 'none' | 'gzip' | 'zstd';

export type CopyEncoding = 'utf8' | 'utf16' | 'utf16le' | 'utf16be' | 'iso88591';

/** How a JSON document becomes columns. */
export type JsonFormat =
  | { readonly kind: 'auto'; readonly ignoreCase: boolean }
  | { readonly kind: 'jsonpaths'; readonly location: S3Location }
  | { readonly kind: 'noshred' };

export type S3Location = { readonly bucket: string; readonly key: string };

/** The options that change how a value becomes a column's value. */
export type ConversionOptions = {
  readonly acceptAnyDate: boolean;
  /** What replaces each byte that is not UTF-8; `null` = such a byte is an error. */
  readonly acceptInvalidChars: string | null;
  readonly blanksAsNull: boolean;
  readonly emptyAsNull: boolean;
  readonly trimBlanks: boolean;
  readonly truncateColumns: boolean;
  readonly roundDecimals: boolean;
  /** `null` = the default format, else `auto` or a format. */
  readonly dateFormat: string | null;
  /** `null` = the default format, else `auto`, `epochsecs`, `epochmillisecs` or a format. */
  readonly timeFormat: string | null;
};

/** A COPY as written: parsed and free of contradictions, nothing looked up. */
export type CopyStatement = {
  readonly schema: string | null;
  readonly table: string;
  /** `null` = no column list. */
  readonly columns: readonly string[] | null;
  /** A key prefix, or with `manifest` the key of one object. */
  readonly source: S3Location;
  readonly manifest: boolean;
  /** The role chain of IAM_ROLE (the first is assumed by the cluster); `null` = access keys. */
  readonly roleArns: readonly string[] | null;
  readonly region: string | null;
  readonly compression: CopyCompression;
  readonly encoding: CopyEncoding;
  readonly json: JsonFormat;
  readonly conversion: ConversionOptions;
  readonly explicitIds: boolean;
  /** Physical lines skipped at the start of each file. */
  readonly ignoreHeader: number;
  /** The load fails when it meets this many errors (at least 1); `null` = IGNOREALLERRORS. */
  readonly failAtErrors: number | null;
  readonly noLoad: boolean;
};
