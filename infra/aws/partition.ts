/** The partition of a region: the second part of an ARN (AWS General Reference, "Amazon Resource Names"). */
export function partitionOf(region: string): 'aws' | 'aws-cn' | 'aws-us-gov' {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The account that an ARN names: what a plan learns of the account without asking AWS. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
