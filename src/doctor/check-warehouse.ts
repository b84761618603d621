import { countOf } from '../core/count-of.ts';
import type { Row } from '../core/ports.ts';
import type { Finding } from './findings.ts';
import { failed, ok, warning } from './findings.ts';

/** AWS refuses requests whose time differs by more than five minutes (IAM User Guide, "Signature Version 4 request signing"). */
const REFUSED_SECONDS = 300;
const STRANGE_SECONDS = 30;

/** The clock of this machine against that of the warehouse. */
export function checkClock(here: { readonly nowMs: number }, warehouseTime: string): Finding {
  const thereMs = Date.parse(`${warehouseTime.replace(' ', 'T')}Z`);
  if (Number.isNaN(thereMs)) return failed('clock', `the warehouse answered "${warehouseTime}" instead of a time`);
  const seconds = Math.round(Math.abs(here.nowMs - thereMs) / 1000);
  const differ = `this machine and the warehouse differ by ${seconds} s`;
  if (seconds >= REFUSED_SECONDS)
    return failed('clock', `${differ}; set the clock: AWS refuses requests of another time`);
  if (seconds >= STRANGE_SECONDS) return warning('clock', `${differ}; set the clock`);
  return ok('clock', differ);
}

const PRIVILEGES = ['select', 'insert', 'update', 'delete'] as const;

/**
 * What the database user may do with the tables of the program.
 *
 * @param rows of `sql/doctor/20_grants.sql`.
 * @param tables what the migrations create.
 */
export function checkGrants(rows: readonly Row[], tables: readonly string[], user: string): Finding {
  const check = 'grants';
  const own = rows.filter((row) => tables.includes(String(row['table_name'])));
  const lacking = own.flatMap((row) => {
    const missing = PRIVILEGES.filter((privilege) => row[`may_${privilege}`] === false);
    return missing.length === 0 ? [] : [`${missing.join(', ')} on ${String(row['table_name'])}`];
  });
  if (own.length === 0) return failed(check, `${user} sees no table of sparkify in the schema; run "sparkify migrate"`);
  if (lacking.length > 0) {
    const owners = [...new Set(own.map((row) => String(row['owner'])))].join(', ');
    return failed(
      check,
      `${user} lacks ${lacking.join('; ')}; let the owner (${owners}) grant them, or run the service as the owner`,
    );
  }
  const foreign = own.filter((row) => row['owner'] !== user);
  if (foreign.length === 0) return ok(check, `${user} owns all ${own.length} tables`);
  const owners = [...new Set(foreign.map((row) => String(row['owner'])))].join(', ');
  return warning(
    check,
    `${user} may load, but ${owners} owns ${countOf(foreign.length, 'table')}; only the owner can run "sparkify migrate"`,
  );
}

/** The role of COPY among the roles of the cluster; `null`: a workgroup, whose namespace the doctor does not see. */
export function checkCopyRole(roleArn: string, attached: readonly string[] | null): Finding {
  const check = 'COPY role';
  if (attached === null)
    return warning(
      check,
      `whether ${roleArn} is attached to the namespace was not looked at; "sparkify consume" checks it at its start`,
    );
  if (attached.includes(roleArn)) return ok(check, `${roleArn} is attached to the cluster`);
  const found = attached.length === 0 ? 'no role' : attached.join(', ');
  return failed(
    check,
    `${roleArn} is not attached to the cluster, which has ${found}; attach it, or correct SPARKIFY_COPY_ROLE_ARN`,
  );
}
