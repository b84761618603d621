import { RedshiftError } from '../../errors/redshift-error.ts';

const whole = ['int2', 'int4', 'int8'];
const times = ['date', 'timestamp', 'timestamptz'];

/** The types that an encoding takes (Redshift docs, Compression encodings); encodings that are not here take every type. */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  az64: [...whole, 'numeric', ...times],
  delta: [...whole, 'numeric', 'date', 'timestamp'],
  delta32k: ['int4', 'int8', 'numeric', 'date', 'timestamp'],
  mostly8: [...whole, 'numeric'],
  mostly16: ['int4', 'int8', 'numeric'],
  mostly32: ['int8', 'numeric'],
  text255: ['varchar'],
  text32k: ['varchar'],
  lzo: [...whole, 'numeric', ...times, 'time', 'timetz', 'bpchar', 'varchar'],
};

/** @throws RedshiftError 0A000 for an encoding that does not take the type of the column. */
export function checkEncoding(columnName: string, type: string, encoding: string | undefined): void {
  if (encoding === undefined) return;
  if (typesOf[encoding]?.includes(type) !== false) return;
  throw new RedshiftError('0A000', `invalid encoding type specified for column "${columnName}"`);
}
