import type { Finding } from './findings.ts';
import { failed, ok, warning } from './findings.ts';

/** Objects that the doctor tried to read. `unreadable`: with the error. */
export type ProbedObjects = {
  readonly readable: number;
  readonly unreadable: readonly { readonly key: string; readonly sentence: string }[];
};

/** Whether the role can read the objects below a prefix, by a sample. */
export function checkObjects(prefix: string, { readable, unreadable }: ProbedObjects): Finding {
  const check = `objects of ${prefix}`;
  const [first] = unreadable;
  if (first === undefined) {
    return readable === 0
      ? ok(check, 'no objects yet')
      : ok(check, `${readable} of a sample of ${readable} can be read`);
  }
  const sentence = `${unreadable.length} of a sample of ${readable + unreadable.length} cannot be read, such as ${first.key}: ${first.sentence}`;
  return readable === 0 ? failed(check, sentence) : warning(check, sentence);
}

/** Whether the bucket is in the region of the settings. */
export function checkRegion(bucketRegion: string, region: string): Finding {
  if (bucketRegion === region) return ok('bucket region', region);
  return failed(
    'bucket region',
    `the bucket is in ${bucketRegion}, and AWS_REGION is ${region}; set AWS_REGION=${bucketRegion}`,
  );
}

/** Endpoints that the environment names instead of AWS. */
export function checkEndpoints(environment: Readonly<Record<string, string | undefined>>): Finding {
  const named = Object.entries(environment).filter(
    ([name, value]) => name.startsWith('AWS_ENDPOINT_URL') && value !== undefined && value !== '',
  );
  if (named.length === 0) return ok('endpoints', 'those of AWS');
  return ok('endpoints', named.map(([name, value]) => `${name}=${value ?? ''}`).join(', '));
}
