/** Log events and songs as the bucket holds them, for tests that need certain values. */
export type LogEvent = Readonly<Record<string, string | number | null>>;

/** A play of a song; every value may be replaced. */
export function aPlay(values: LogEvent = {}): LogEvent {
  return {
    artist: 'The Killers',
    auth: 'Logged In',
    firstName: 'Jayden',
    gender: 'M',
    itemInSession: 32,
    lastName: 'Graves',
    length: 246.80444,
    level: 'paid',
    location: 'Marinette, WI-MI',
    method: 'PUT',
    page: 'NextSong',
    registration: 1540664184796.0,
    sessionId: 594,
    song: 'Read My Mind',
    status: 200,
    ts: 1542672042796,
    userAgent: '"Mozilla/5.0 (Windows NT 6.3; WOW64)"',
    userId: '25',
    ...values,
  };
}

/** A song that `aPlay()` matches. */
export function aSong(values: LogEvent = {}): LogEvent {
  return {
    num_songs: 1,
    artist_id: 'ARKILLERS',
    artist_latitude: 36.16997,
    artist_longitude: null,
    artist_location: 'Las Vegas, NV',
    artist_name: 'The Killers',
    song_id: 'SOREADMYMIND',
    title: 'Read My Mind',
    duration: 246.80444,
    year: 2006,
    ...values,
  };
}

/** A file of events, one a line. */
export function lines(...events: readonly LogEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}
