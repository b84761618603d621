import type { DataSettings } from '../settings/settings.ts';

/**
 * Events of EventBridge that announce files: new objects of this bucket below the two prefixes, and with `onDelete`
 * remove also deleted ones (S3 docs, "EventBridge event message structure"; EventBridge docs, "Comparison operators": prefix
 * and $or). An object that a lifecycle rule expires is "Object Deleted" too, with another reason (S3 docs, "Using
 * EventBridge"): the rule leaves expirations out. The service reads this form of event as it reads S3's own.
 */
export function announcementPattern(
  bucket: string,
  { logPrefix, onDelete, songPrefix }: Pick<DataSettings, 'logPrefix' | 'onDelete' | 'songPrefix'>,
) {
  const source = ['aws.s3'];
  const ofBucket = {
    bucket: { name: [bucket] },
    object: { key: [{ prefix: logPrefix }, { prefix: songPrefix }] },
  };
  const created = { 'detail-type': ['Object Created'], detail: ofBucket };
  if (onDelete === 'keep') return { source, ...created };
  const deleted = { 'detail-type': ['Object Deleted'], detail: { ...ofBucket, reason: ['DeleteObject'] } };
  return { source, $or: [created, deleted] };
}
