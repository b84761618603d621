/** A span of time for people: the two largest units. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A time of an ISO text for a table, in UTC: `2026-01-31 18:00:00`. */
export function shortTime(iso: string | null): string | null {
  return iso === null ? null : iso.replace('T', ' ').slice(0, 19);
}
