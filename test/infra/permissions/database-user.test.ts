import fc from 'fast-check';
import { parse } from 'libpg-query';
import { describe, expect, it } from 'vitest';
import { databaseUserSql, userOfRole } from '../../../infra/permissions/database-user.ts';

/** What the texts in quotes of a procedure's body say, in order. */
function texts(define: string): readonly string[] {
  return [...define.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? '').replaceAll("''", "'"));
}

describe('the statements that create the user of the service', () => {
  it('create a user without a password that may create schemas and temporary tables only', () => {
    const { define } = databaseUserSql({ user: 'sparkify_ingest', database: 'sparkify' });
    expect(texts(define)).toEqual([
      'sparkify_ingest',
      'create user "sparkify_ingest" password disable',
      'grant create, temporary on database "sparkify" to "sparkify_ingest"',
    ]);
  });

  it('may run any number of times: they replace the procedure, and create the user only when it is missing', () => {
    const { define, call } = databaseUserSql({ user: 'sparkify_ingest', database: 'sparkify' });
    expect(define).toMatch(/^create or replace procedure public\.sp_sparkify_database_user\(\)/);
    expect(define.indexOf('if known = 0 then')).toBeLessThan(define.indexOf('create user'));
    expect(call).toBe('call public.sp_sparkify_database_user()');
  });

  it('are one statement each, for every name of the user', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\w+=,.@'"$;-]{1,64}$/), async (name) => {
        const { define, call } = databaseUserSql({ user: userOfRole(name), database: 'sparkify' });
        for (const sql of [define, call]) {
          const { stmts } = (await parse(sql)) as { stmts: readonly unknown[] };
          expect(stmts).toHaveLength(1);
        }
        expect(texts(define.replaceAll('""', '"'))[0]).toBe(`IAMR:${name}`.replaceAll('""', '"'));
      }),
      { numRuns: 50 },
    );
  });
});
