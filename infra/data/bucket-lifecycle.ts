/** A rule as S3 takes it (S3 API, "LifecycleRule"). */
export type LifecycleRule = {
  readonly id: string;
  readonly status: 'Enabled';
  readonly filter: { readonly prefix: string };
  readonly expiration?: { readonly days: number };
  readonly noncurrentVersionExpiration?: { readonly noncurrentDays: number };
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
};

/** Parts of an upload that never ended cost money and show in no listing. */
const ABANDONED_UPLOAD_DAYS = 7;
/** Long enough to look into a load that failed. */
const WORK_EXPIRY_DAYS = 7;

/**
 * Rules that delete the service's own files and uploads that never ended. Logs and songs stay, because a full reload
 * reads them.
 */
export function bucketLifecycle(input: {
  readonly workPrefix: string;
  readonly versioned: boolean;
}): readonly LifecycleRule[] {
  const { workPrefix, versioned } = input;
  return [
    {
      id: 'work-files',
      status: 'Enabled',
      filter: { prefix: workPrefix },
      expiration: { days: WORK_EXPIRY_DAYS },
      ...(versioned ? { noncurrentVersionExpiration: { noncurrentDays: WORK_EXPIRY_DAYS } } : {}),
    },
    {
      id: 'abandoned-uploads',
      status: 'Enabled',
      filter: { prefix: '' },
      abortIncompleteMultipartUpload: { daysAfterInitiation: ABANDONED_UPLOAD_DAYS },
    },
  ];
}
