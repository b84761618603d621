/** What the service ingests: a kind of content. */
export type Dataset = 'logs' | 'songs';

/** A stream of files that may share one load. */
export type Lane = Dataset | 'ignored';

/** Lanes in the order in which waiting batches are loaded: songs first, so that plays find them. */
export const LANES_BY_PRIORITY: readonly Lane[] = ['songs', 'logs', 'ignored'];
