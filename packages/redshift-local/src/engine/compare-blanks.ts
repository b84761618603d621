import type pg from 'pg';

/**
 * Redshift ignores trailing blanks when it compares VARCHARs (Redshift docs, Character types, "Significance of trailing blanks").
 * PostgreSQL does so for `bpchar`. In the stand-in's own database the operators of `text` call the functions of `bpchar`, and the
 * operator classes that sort and hash `text` take the support functions of `bpchar`: then `=`, IN, joins, GROUP BY, DISTINCT, set
 * operations, windows and indexes all agree. LIKE, length and md5 do not change.
 */
const functions = {
  operators: {
    '=': 'bpchareq',
    '<>': 'bpcharne',
    '<': 'bpcharlt',
    '<=': 'bpcharle',
    '>': 'bpchargt',
    '>=': 'bpcharge',
  },
  btree: {
    1: 'bpcharcmp',
    2: 'bpchar_sortsupport',
  },
  hash: {
    1: 'hashbpchar',
    2: 'hashbpcharextended',
  },
} as const;

/**
 * Makes this database compare text without trailing blanks.
 *
 * @param client a superuser's connection, inside a transaction. Connections see the change from their start on.
 */
export async function ignoreTrailingBlanks(client: pg.ClientBase): Promise<void> {
  for (const [name, code] of Object.entries(functions.operators)) {
    await client.query(
      `update pg_catalog.pg_operator set oprcode = $2::regproc
       where oprname = $1 and oprleft = 'text'::regtype and oprright = 'text'::regtype and oprnamespace = 'pg_catalog'::regnamespace`,
      [name, `pg_catalog.${code}`],
    );
  }
  for (const method of ['btree', 'hash'] as const) {
    for (const [number, code] of Object.entries(functions[method])) {
      await client.query(`update pg_catalog.pg_amproc set amproc = $3::regproc where amprocnum = $2 and ${OF_TEXT}`, [
        method,
        Number(number),
        `pg_catalog.${code}`,
      ]);
    }
  }
  // Equal texts may have different bytes now, so an index must not keep one of them for all.
  await client.query(`delete from pg_catalog.pg_amproc where amprocnum = 4 and ${OF_TEXT}`, ['btree']);
}

/** Of the operator family `text_ops` of an access method, $1, for two values of type text. */
const OF_TEXT = `amproclefttype = 'text'::regtype and amprocrighttype = 'text'::regtype
  and amprocfamily = (select f.oid from pg_catalog.pg_opfamily f join pg_catalog.pg_am m on m.oid = f.opfmethod
                      where f.opfname = 'text_ops' and m.amname = $1)`;

/** Writes every index over text anew: its order was made by the other comparison. @param client a new connection. */
export async function reindexText(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select i.indexrelid::regclass::text as name
     from pg_catalog.pg_index i
     join pg_catalog.pg_class c on c.oid = i.indexrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema') and n.nspname not like 'pg\\_temp%'
       and exists (
         select 1 from unnest(i.indclass::oid[]) k (opclass)
         join pg_catalog.pg_opclass o on o.oid = k.opclass
         join pg_catalog.pg_opfamily f on f.oid = o.opcfamily
         where f.opfname = 'text_ops'
       )`,
  );
  for (const { name } of rows) await client.query(`reindex index ${name}`);
}
