import { RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyCursor } from './copy-cursor.ts';

/** The identity that reads S3: a chain of roles (the first is attached to the cluster, each assumes the next), or keys. */
export type Authorization = { readonly kind: 'role'; readonly arns: readonly string[] } | { readonly kind: 'keys' };

/** The form of authorization that comes next, its first words taken; `null` when an option comes next. */
export function takeAuthorization(cursor: CopyCursor): 'iam_role' | 'credentials' | 'access_key_id' | null {
  if (cursor.takeWords('iam_role')) return 'iam_role';
  if (cursor.takeWords('with', 'credentials') || cursor.takeWords('credentials')) return 'credentials';
  if (cursor.takeWords('access_key_id')) return 'access_key_id';
  return null;
}

/**
 * Reads what follows (Redshift docs, authorization parameters). Keys are checked for form and forgotten.
 *
 * @throws RedshiftError 42601 when the form is not one of the three.
 */
export function parseAuthorization(
  cursor: CopyCursor,
  form: 'iam_role' | 'credentials' | 'access_key_id',
): Authorization {
  cursor.takeWords('as');
  if (form === 'iam_role') return parseIamRole(cursor);
  if (form === 'credentials') return parseCredentials(cursor.expectString("'aws_iam_role=…'"));
  cursor.expectString('an access key id');
  cursor.expectWord('secret_access_key');
  cursor.takeWords('as');
  cursor.expectString('a secret access key');
  if (cursor.takeWords('session_token')) {
    cursor.takeWords('as');
    cursor.expectString('a session token');
  }
  return { kind: 'keys' };
}

function parseIamRole(cursor: CopyCursor): Authorization {
  if (cursor.takeWords('default')) {
    // The stand-in does not have a default role; on AWS the form works only when the cluster has one.
    throw new RedshiftError('0A000', 'IAM_ROLE default is not supported here: the cluster has no default role', {
      detail: "Name the role: IAM_ROLE 'arn:aws:iam::<account>:role/<name>'.",
    });
  }
  return { kind: 'role', arns: roleChain(cursor.expectString('a role ARN')) };
}

function parseCredentials(text: string): Authorization {
  const parts = new Map(text.split(';').map((part) => splitOnce(part)));
  const role = parts.get('aws_iam_role');
  if (role !== undefined && parts.size === 1) return { kind: 'role', arns: roleChain(role) };
  if (role === undefined && parts.has('aws_access_key_id') && parts.has('aws_secret_access_key'))
    return { kind: 'keys' };
  throw new RedshiftError(
    '42601',
    "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'",
  );
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
}

function roleChain(text: string): readonly string[] {
  const arns = text.split(',');
  for (const arn of arns) {
    if (!/^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/.test(arn)) {
      throw new RedshiftError('42601', `Invalid IAM role '${arn}': expected arn:aws:iam::<12 digits>:role/<name>`);
    }
  }
  return arns;
}
