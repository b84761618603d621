import { RedshiftError } from '../../src/errors/redshift-error.ts';
import { translate } from '../../src/dialect/translate.ts';

/** `SQLSTATE message` of a statement that must be refused, or its translation when it was not. */
export function refusal(sql: string): string {
  try {
    return `accepted: ${JSON.stringify(translate(sql))}`;
  } catch (error) {
    if (error instanceof RedshiftError) return `${error.sqlState} ${error.message}`;
    throw error;
  }
}
