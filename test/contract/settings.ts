/** What a run of the contract needs to know. */
export type ContractSettings = {
  readonly target: {
    readonly clusterIdentifier: string | null;
    readonly workgroupName: string | null;
    readonly database: string;
    readonly dbUser: string | null;
  };
  readonly bucket: string;
  readonly roleArn: string;
  readonly region: string;
};

const NAMES = ['SPARKIFY_CONTRACT_TARGET', 'SPARKIFY_CONTRACT_BUCKET', 'SPARKIFY_CONTRACT_ROLE'] as const;

/**
 * @returns `null` when no setting of the contract is set.
 * @throws Error with a sentence for a setting that is missing or wrong.
 */
export function readContractSettings(
  environment: Readonly<Record<string, string | undefined>>,
): ContractSettings | null {
  const [target = '', bucket = '', roleArn = ''] = NAMES.map((name) => environment[name] ?? '');
  if ([target, bucket, roleArn].every((value) => value === '')) return null;
  const missing = NAMES.filter((name) => (environment[name] ?? '') === '');
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} must be set, too.`);
  const region = environment['AWS_REGION'] ?? '';
  if (region === '') throw new Error('AWS_REGION must be set, too.');
  const [, kind, name = '', database = '', dbUser = null] =
    /^(cluster|workgroup):([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(target) ?? [];
  if (kind === undefined || (kind === 'workgroup' && dbUser !== null)) {
    throw new Error(
      `SPARKIFY_CONTRACT_TARGET is "${target}"; expected cluster:<identifier>/<database>, ` +
        'cluster:<identifier>/<database>/<database user>, or workgroup:<name>/<database>.',
    );
  }
  const isCluster = kind === 'cluster';
  return {
    target: { clusterIdentifier: isCluster ? name : null, workgroupName: isCluster ? null : name, database, dbUser },
    bucket,
    roleArn,
    region,
  };
}
