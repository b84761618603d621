import type { Convert } from './convert-text.ts';
import { convertChar, convertSuper, convertVarchar } from './convert-text.ts';
import type { ConversionOptions } from './copy-statement.ts';
import type { TargetColumn } from './target-column.ts';
import { notSupported } from '../redshift-error.ts';

/** The conversion of a column's values, chosen once for the whole COPY. */
export function compileConvert(column: TargetColumn, options: ConversionOptions): Convert {
  switch (column.type) {
    case 'varchar':
      return convertVarchar(column, options);
    case 'char':
      return convertChar(column, options);
    case 'super':
      return convertSuper;
    default:
      throw notSupported(`COPY into a column of type ${column.type}`);
  }
}
