/** An IAM or resource policy as a value. */
export type Policy = { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };

export type Statement = {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

/** A policy of these statements. */
export function policy(...statements: readonly Statement[]): Policy {
  return { Version: '2012-10-17', Statement: statements };
}

/** Refuses what comes without TLS, whoever sends it. */
export function onlyTls(service: 's3' | 'sqs', resources: readonly string[]): Statement {
  return {
    Sid: 'OnlyTls',
    Effect: 'Deny',
    Principal: '*',
    Action: [`${service}:*`],
    Resource: resources,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}
