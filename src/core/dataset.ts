/**
 * What the service ingests. A *dataset* is a kind of content; a *lane* is a stream of files that may share one load
 * (one COPY has one compression, and songs are bundled where logs are not).
 */
export type Dataset = 'logs' | 'songs';

export type Lane = 'songs' | 'logs' | 'logs_gzip' | 'ignored';

/** Lanes in the order in which waiting batches are loaded: songs first, so that plays find them. */
export const LANES_BY_PRIORITY: readonly Lane[] = ['songs', 'logs', 'logs_gzip', 'ignored'];
