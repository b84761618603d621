/** A play for a log file; what is not given is the same in every line. */
export type PlayOptions = {
  readonly sessionId: number;
  readonly itemInSession?: number;
  readonly userId?: string;
  /** Epoch ms. */
  readonly ts: number;
  readonly song?: string | null;
  readonly artist?: string | null;
  readonly length?: number | null;
  readonly level?: 'free' | 'paid';
  readonly page?: string;
  readonly firstName?: string;
  readonly location?: string;
};

/** One line of an activity log, with its line end, as the event simulator writes it. */
export function logLine(play: PlayOptions): string {
  const event = {
    artist: play.artist === undefined ? 'An Artist' : play.artist,
    auth: 'Logged In',
    firstName: play.firstName ?? 'Celeste',
    gender: 'F',
    itemInSession: play.itemInSession ?? 0,
    lastName: 'Williams',
    length: play.length === undefined ? 215.5 : play.length,
    level: play.level ?? 'free',
    location: play.location ?? 'Klamath Falls, OR',
    method: 'PUT',
    page: play.page ?? 'NextSong',
    registration: 1541077528796,
    sessionId: play.sessionId,
    song: play.song === undefined ? 'A Song' : play.song,
    status: 200,
    ts: play.ts,
    userAgent: '"Mozilla/5.0 (X11; Linux x86_64)"',
    userId: play.userId ?? '53',
  };
  return `${JSON.stringify(event)}\n`;
}
