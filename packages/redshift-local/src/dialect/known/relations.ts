import type { RangeVar } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';

/** PostgreSQL catalogs and information views that are the same in Redshift; they live on the leader node. */
const catalogs = new Set(
  'pg_namespace pg_class pg_attribute pg_type pg_database pg_user pg_group pg_tables pg_views pg_description pg_depend pg_rewrite'.split(
    ' ',
  ),
);
const informationViews = new Set(['schemata', 'tables', 'columns', 'views']);
const systemPrefix = /^(stl|svl|stv|svv|svcs|sys)_/;

export type RelationKind = 'user' | 'system' | 'catalog';

/**
 * Decides what a relation is and points system views to where the stand-in keeps them (schema `redshift_compat`).
 * Changes `relation` in place.
 *
 * @throws RedshiftError 42P01 for a catalog that Redshift does not have, or that the stand-in does not show.
 */
export function resolveRelation(relation: RangeVar): RelationKind {
  const schema = relation.schemaname ?? '';
  const table = relation.relname ?? '';
  if (relation.catalogname !== undefined && relation.catalogname !== '') {
    throw new RedshiftError(
      '0A000',
      `cross-database reference to relation "${relation.catalogname}.${schema}.${table}" is not supported`,
    );
  }
  if (schema === 'information_schema') {
    if (informationViews.has(table)) return 'catalog';
    throw relationMissing(`${schema}.${table}`);
  }
  if (schema !== '' && schema !== 'pg_catalog') {
    if (schema === 'redshift_compat' || schema.startsWith('pg_')) throw relationMissing(`${schema}.${table}`);
    return 'user';
  }
  if (table === 'pg_table_def') {
    relation.schemaname = 'redshift_compat';
    return 'catalog';
  }
  if (systemPrefix.test(table)) {
    relation.schemaname = 'redshift_compat';
    return 'system';
  }
  if (catalogs.has(table)) {
    relation.schemaname = 'pg_catalog';
    return 'catalog';
  }
  if (schema === 'pg_catalog' || table.startsWith('pg_')) throw relationMissing(table);
  return 'user';
}

function relationMissing(relation: string): RedshiftError {
  return new RedshiftError('42P01', `relation "${relation}" does not exist`);
}
