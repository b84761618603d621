import { readFileSync } from 'node:fs';

const files = [
  '10-text.sql',
  '20-dates.sql',
  '30-casts.sql',
  '40-aggregates.sql',
  '50-hashes.sql',
  '60-json.sql',
  '70-tables.sql',
  '80-catalog.sql',
];

/**
 * Functions, aggregates and views that translated statements use: schema `redshift_compat`. May run again over itself.
 * The schema must come *last* in a session's search path: tables without a schema are created in the first one.
 */
export function preludeSql(): string {
  return files.map((file) => readFileSync(new URL(`../../prelude/${file}`, import.meta.url), 'utf8')).join('\n');
}
