/**
 * Rules of COPY that Redshift's documentation leaves open. Each switch has the answer chosen here and the reason; a
 * test on a cluster may change it, in one line. The stricter answer was chosen, so that a load that passes here should
 * not fail on a cluster.
 *
 * Decided without a switch, because the stand-in cannot do otherwise: NULL for a NOT NULL column is 1213 even where the column
 * has a default; TRUNCATECOLUMNS cuts before a character that does not fit whole; a zone in a text for TIMESTAMP is
 * ignored; numbers and booleans go into VARCHAR as they are written.
 */
export const unconfirmed: UnconfirmedRules = {
  duplicateKey: 'last',
  nestedText: 'compact',
  nulCharacter: 'error',
  byteOrderMark: 'error',
  malformedJsonCode: 1216,
  epochWithFraction: 'error',
  multibyteFileName: 'as_it_is',
};

export type UnconfirmedRules = {
  /** A key twice in one object, into scalar columns: 'last' is what JSON parsers commonly do. */
  readonly duplicateKey: 'first' | 'last';
  /**
   * Text of an object or array that goes into a VARCHAR: 'compact' is the source without the white space between
   * its tokens, numbers and escapes as written; 'source' keeps the white space.
   */
  readonly nestedText: 'compact' | 'source';
  /**
   * The escape `\u0000` in a string: 'error' is 1220, as for other code points that a VARCHAR does not hold; 'strip'
   * leaves it out. PostgreSQL cannot store it either way.
   */
  readonly nulCharacter: 'error' | 'strip';
  /** A UTF-8 byte order mark at the start of a file: 'error' counts it as characters between documents. */
  readonly byteOrderMark: 'error' | 'skip';
  /** The code of a document that is not JSON, with scalar columns: 1216 "invalid input line". */
  readonly malformedJsonCode: 1200 | 1216;
  /** `1540664184796.0` under TIMEFORMAT 'epochmillisecs': 'error' is 1206; 'truncate' drops what is below the unit. */
  readonly epochWithFraction: 'error' | 'truncate';
  /**
   * Multibyte characters in `file_name` of the load views: the documentation says of `raw_line` that they become
   * points, and says nothing of the file's name; 'as_it_is' keeps them, cut at 256 bytes.
   */
  readonly multibyteFileName: 'as_it_is' | 'points';
};
