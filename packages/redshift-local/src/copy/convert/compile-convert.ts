import { convertBoolean, convertDecimal, convertFloat, convertInteger } from './convert-number.ts';
import type { Convert } from './convert-text.ts';
import { convertChar, convertSuper, convertVarchar } from './convert-text.ts';
import { convertDate, convertTimeOfDay, convertTimestamp } from './convert-time.ts';
import type { ConversionOptions } from '../parse/copy-statement.ts';
import type { TargetColumn } from './target-column.ts';

/** The conversion of a column's values, chosen once for the whole COPY. */
export function compileConvert(column: TargetColumn, options: ConversionOptions): Convert {
  switch (column.type) {
    case 'varchar':
      return convertVarchar(column, options);
    case 'char':
      return convertChar(column, options);
    case 'super':
      return convertSuper;
    case 'int2':
    case 'int4':
    case 'int8':
      return blankAsNull(convertInteger(column.type));
    case 'numeric':
      return blankAsNull(convertDecimal(column, options));
    case 'float4':
    case 'float8':
      return blankAsNull(convertFloat(column.type));
    case 'bool':
      return blankAsNull(convertBoolean);
    case 'date':
      return blankAsNull(convertDate(options));
    case 'timestamp':
    case 'timestamptz':
      return blankAsNull(convertTimestamp(column.type, options));
    case 'time':
    case 'timetz':
      return blankAsNull(convertTimeOfDay(column.type));
  }
}

/** Empty and blank texts are NULL for every type but CHAR, VARCHAR and SUPER (Redshift docs, BLANKSASNULL). */
function blankAsNull(convert: Convert): Convert {
  return (text) => (text.trim() === '' ? null : convert(text));
}
