import type { Row } from '../core/ports.ts';
import { sqlInteger, sqlTimestamp } from '../core/sql/sql-literal.ts';
import type { Looking } from './ask.ts';
import { ask, numberOf, numberOrNull, textOf, textOrNull } from './ask.ts';
import { repairedUtf8 } from './doubled-utf8.ts';
import type { Heard } from './explain-play.ts';

/** What the reasons of `90_matches.sql` mean. */
export const MATCH_REASONS = {
  matched: 'a song matches',
  incomplete: 'the event has no title, artist or length',
  no_such_artist: 'no song has the artist name',
  no_such_title: 'songs have the artist name, and none of them the title',
  other_spelling: 'a song has title and artist in another spelling (upper case, blanks at the ends)',
  other_duration: 'a song has title and artist, and another duration',
} as const;

type MatchReason = keyof typeof MATCH_REASONS;

export type MatchExample = Heard & {
  readonly plays: number;
  readonly songplayId: string;
  /** To the nearest duration of the songs with this title and artist. */
  readonly nearestSeconds: number | null;
  /** The text as it was before UTF-8 was encoded twice; `null`: it is not damaged in this way. */
  readonly repaired: string | null;
};

export type MatchShare = {
  readonly reason: MatchReason;
  readonly plays: number;
  readonly share: number;
  /** Plays of the most played titles of the reason whose title or artist was encoded twice. */
  readonly damagedPlays: number;
  readonly examples: readonly MatchExample[];
};

/** Titles of each reason that are looked at for damaged text. */
const LOOKED_AT = 1000;
const EXAMPLES = 3;

/** Why plays since a time have a song or do not, the greatest share first. @throws IngestError */
export async function explainMatches(looking: Looking, sinceMs: number): Promise<readonly MatchShare[]> {
  const values = { since: sqlTimestamp(sinceMs), most: sqlInteger(LOOKED_AT) };
  const { matches } = await ask(looking, { matches: { file: '90_matches.sql', values } });
  const reasons = Map.groupBy(matches, (row) => textOf(row, 'reason') as MatchReason);
  const playsOf = ([first]: readonly Row[]) => (first === undefined ? 0 : numberOf(first, 'plays_of_reason'));
  const all = [...reasons.values()].reduce((sum, rows) => sum + playsOf(rows), 0);
  return [...reasons]
    .map(([reason, rows]) => {
      const looked = rows.map(matchExample);
      const damaged = looked.filter(({ repaired }) => repaired !== null);
      const plays = playsOf(rows);
      return {
        reason,
        plays,
        share: plays / all,
        damagedPlays: damaged.reduce((sum, one) => sum + one.plays, 0),
        // A damaged one shows what the number means.
        examples: [...damaged.slice(0, 1), ...looked.filter((one) => one !== damaged[0])].slice(0, EXAMPLES),
      };
    })
    .sort((one, other) => other.plays - one.plays);
}

function matchExample(row: Row): MatchExample {
  const [title, artist] = [textOrNull(row, 'song_title'), textOrNull(row, 'artist_name')];
  const [realTitle, realArtist] = [repairedUtf8(title ?? ''), repairedUtf8(artist ?? '')];
  const repaired =
    realTitle === null && realArtist === null ? null : `${realTitle ?? title ?? ''} by ${realArtist ?? artist ?? ''}`;
  return {
    title,
    artist,
    length: numberOrNull(row, 'song_length'),
    plays: numberOf(row, 'plays'),
    songplayId: textOf(row, 'songplay_id'),
    nearestSeconds: numberOrNull(row, 'nearest_seconds'),
    repaired,
  };
}
