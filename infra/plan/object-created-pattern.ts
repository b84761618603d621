/**
 * Which events of EventBridge announce files of ours: new objects of this bucket below the two prefixes (S3 docs,
 * "EventBridge event message structure"; EventBridge docs, "Prefix matching"). The service reads this form of event as it
 * reads S3's own.
 */
export function objectCreatedPattern(
  bucket: string,
  { logPrefix, songPrefix }: { readonly logPrefix: string; readonly songPrefix: string },
) {
  return {
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: {
      bucket: { name: [bucket] },
      object: { key: [{ prefix: logPrefix }, { prefix: songPrefix }] },
    },
  } as const;
}
