/** The current image and those before it that the repository keeps for a way back. */
export const IMAGES_KEPT = 5;
/** A build may leave the image, its index and what buildx attests of it. */
const MANIFESTS_PER_IMAGE = 3;

/** What the repository keeps: the newest images, for a way back. */
export function imageLifecycle() {
  return {
    rules: [
      {
        rulePriority: 1,
        description: `Keep the newest ${IMAGES_KEPT} images`,
        selection: {
          tagStatus: 'any',
          countType: 'imageCountMoreThan',
          countNumber: IMAGES_KEPT * MANIFESTS_PER_IMAGE,
        },
        action: { type: 'expire' },
      },
    ],
  } as const;
}
