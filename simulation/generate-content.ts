import type { Dice } from '../src/generate/dice.ts';
import { writtenFile } from './generate-file.ts';
import type { WrittenRow } from './generate-file.ts';
import {
  NOT_A_YEAR,
  NOT_DEGREES,
  NOT_SECONDS,
  NO_VALUE,
  UNSTORABLE,
  spelled,
  spelledDegrees,
  spelledName,
  spelledSeconds,
  spelledText,
  spelledWhole,
  spelledYear,
} from './generate-values.ts';
import type { Spelled } from './generate-values.ts';
import { REFUSED_AT } from './model/refusals.ts';
import type { EventTruth, Upload } from './uploads.ts';

const TITLES = ['Title 0', 'Title 0', 'Title 0', 'Title 0', 'Title 1', 'Ünïcode 🎵', '', 'a\u0007\t"\\\u007f\u2028b'];
const ARTISTS = ['Artist 0', 'Artist 1'];

/** One file in thirty has a row that the warehouse refuses. */
const REFUSED_SHARE = 0.03;

/** Dice that always throw the same, so that several files have the same row. */
export type SharedDice = (kind: 'song' | 'event', number: number) => Dice;

/** Of the rows. */
const SHARED_SHARE = 0.35;
/** Different ones. */
const SHARED_ROWS = 5;

/** A song object: usually one song, sometimes two or none; sometimes nothing that can be read. */
export function songUpload(d: Dice, key: string, shared: SharedDice): Upload {
  const refusal = someRefusal(d);
  const count = d.chance(0.05) ? 0 : d.chance(0.8) ? 1 : d.between(2, 3);
  return writtenFile(d, {
    key,
    rows: Array.from({ length: count }, () => song(rowDice(d, 'song', shared), refusal)),
    refusal,
  });
}

/** A log file of a few events, sometimes empty; sometimes nothing that can be read. */
export function logUpload(d: Dice, key: string, shared: SharedDice): Upload {
  const refusal = someRefusal(d);
  return writtenFile(d, {
    key,
    rows: Array.from({ length: d.between(0, 5) }, () => event(rowDice(d, 'event', shared), refusal)),
    refusal,
  });
}

function rowDice(d: Dice, kind: 'song' | 'event', shared: SharedDice): Dice {
  return d.chance(SHARED_SHARE) ? shared(kind, d.between(1, SHARED_ROWS)) : d;
}

function someRefusal(d: Dice): string | null {
  return d.chance(REFUSED_SHARE) ? d.pick([REFUSED_AT.stage, REFUSED_AT.publish]) : null;
}

type Members = WrittenRow['members'];

function song(d: Dice, refusal: string | null): WrittenRow {
  const artist = d.between(0, 1);
  const songId = spelledName(d, `SO${d.between(0, 3)}`);
  const artistId = spelledName(d, `AR${artist}`);
  const title = spelledText(d, d.chance(0.05) ? null : d.pick(TITLES));
  const artistName = spelledText(d, d.chance(0.8) ? (ARTISTS[artist] ?? null) : d.pick(ARTISTS));
  const location = spelledText(d, refusal ?? d.pick(['Town', 'City', '', null]));
  const [latitude, longitude] = [spelledDegrees(d), spelledDegrees(d)];
  const [year, duration] = [spelledYear(d), spelledSeconds(d)];
  const members: Members = [
    ['num_songs', '1'],
    ['song_id', songId.token],
    ['artist_id', artistId.token],
    ['title', title.token],
    ['artist_name', artistName.token],
    ['artist_location', location.token],
    ['duration', duration.token],
    ['year', year.token],
    ['artist_latitude', latitude.token],
    ['artist_longitude', longitude.token],
  ];
  const truth = {
    ...{ songId: songId.value, artistId: artistId.value, title: title.value, artistName: artistName.value },
    ...{ location: location.value, latitude: latitude.value, longitude: longitude.value },
    ...{ year: year.value, duration: duration.value },
  };
  if (d.chance(0.1)) return spoiled(members, d.pick(SONG_MISFITS)(d));
  return { members, truth: { kind: 'song', ...truth } };
}

/** A value that does not fit, the key under which it stands, and the column that is blamed. */
type Misfit = { readonly key: string; readonly token: string | null; readonly column: string };

function spoiled(members: Members, { column, key, token }: Misfit): WrittenRow {
  const spoilt = members.map(([name, before]) => [name, name === key ? token : before] as const);
  return { members: spoilt, truth: { kind: 'rejected', column } };
}

function unfit(key: string, tokens: readonly (string | null)[], column = key): (d: Dice) => Misfit {
  return (d) => ({ key, column, token: d.pick([...tokens, ...UNSTORABLE]) });
}

const longer = (bytes: number) => `"${'x'.repeat(bytes + 1)}"`;

const SONG_MISFITS = [
  unfit('song_id', [null, ...NO_VALUE, longer(64)]),
  unfit('artist_id', [null, ...NO_VALUE, `"${'ü'.repeat(33)}"`]),
  unfit('title', [longer(1024)]),
  unfit('artist_name', [longer(1024)]),
  unfit('duration', NOT_SECONDS),
  unfit('year', NOT_A_YEAR),
  unfit('artist_latitude', NOT_DEGREES),
  unfit('artist_longitude', NOT_DEGREES),
];

const NOT_WHOLE = ['"x"', '1.5', '5e-1', 'false', '{"a":1}'];
const OUTSIDE_BIGINT = ['9223372036854775808', '"-9223372036854775809"', '1e19', '1e99999'];

/** Of every event that the model keeps. */
const EVENT_MISFITS = [
  unfit('ts', [null, ...NO_VALUE, ...NOT_WHOLE, '1542326398000000', '1542326398', '4102444800000', '1542326398796.5']),
  unfit('userId', [...NOT_WHOLE, ...OUTSIDE_BIGINT, '"nobody"'], 'user_id'),
  unfit('sessionId', [null, ...NO_VALUE, ...NOT_WHOLE, ...OUTSIDE_BIGINT], 'session_id'),
  unfit('itemInSession', [null, ...NO_VALUE, ...NOT_WHOLE, '2147483648', '-2147483649'], 'item_in_session'),
  unfit('level', ['"ööööööööö"', longer(16)]),
  unfit('gender', [longer(16)]),
  unfit('firstName', [longer(256)], 'first_name'),
  unfit('lastName', [longer(256)], 'last_name'),
  // Without a page the kind of an event is unknown.
  unfit('page', [null, ...NO_VALUE]),
];

const PLAY_MISFITS = [
  unfit('userId', [null, ...NO_VALUE], 'user_id'),
  unfit('length', NOT_SECONDS, 'song_length'),
  unfit('location', [`"${'é'.repeat(257)}"`]),
  unfit('userAgent', [longer(2048)], 'user_agent'),
  unfit('song', [longer(1024)], 'song_title'),
  unfit('artist', [longer(1024)], 'artist_name'),
];

/** Values that only plays use. */
const UNASKED = [...UNSTORABLE, ...NOT_SECONDS, 'null', longer(2048), '{"song":"Title 0"}'];

const DAY_MS = 86_400_000;
/** From the usual one. The last two are further apart, and from it, than a user's earlier events are looked for at first. */
const MOMENTS_MS = [0, 0, 1, 2_000, 46 * DAY_MS, -54 * DAY_MS];
const SESSIONS = ['1', '1', '2', '2', '-9223372036854775808'];
const USERS = ['1', '1', '2', '2', '3', '9223372036854775807'];

function event(d: Dice, refusal: string | null): WrittenRow {
  const isPlay = d.chance(0.8);
  const startMs = Date.UTC(2018, 10, 15, 23, 59, 58) + d.pick(MOMENTS_MS);
  const [user, session, item] = [d.pick(USERS), d.pick(SESSIONS), d.pick([0, 0, 1, 1, -1])];
  const [userId, sessionId] = [spelledWhole(d, user, user), spelledWhole(d, session, session)];
  const [ts, itemInSession] = [spelledWhole(d, String(startMs), startMs), spelledWhole(d, String(item), item)];
  const firstName = spelledText(d, refusal ?? d.pick(['Ada', 'Grace', '', null]));
  const level = spelledText(d, d.pick(['free', 'paid', 'paid', 'öööööööö']));
  const gender = spelledText(d, d.pick(['F', 'M']));
  const lastName = spelledText(d, 'L');
  const play = isPlay ? playPart(d) : otherPart(d);
  const page = isPlay ? spelledName(d, 'NextSong') : spelled(d, PAGES);
  const members: Members = [
    ['artist', play.tokens.artist],
    ['auth', d.chance(0.03) ? d.pick(UNSTORABLE) : '"Logged In"'],
    ['firstName', firstName.token],
    ['gender', gender.token],
    ['itemInSession', itemInSession.token],
    ['lastName', lastName.token],
    ['length', play.tokens.length],
    ['level', level.token],
    ['location', play.tokens.location],
    ['page', page.token],
    ['sessionId', sessionId.token],
    ['song', play.tokens.song],
    ['ts', ts.token],
    ['userAgent', play.tokens.userAgent],
    ['userId', userId.token],
  ];
  if (!isPlay && d.chance(0.2)) return notKept(d, members);
  if (d.chance(0.07)) return spoiled(members, d.pick(isPlay ? [...EVENT_MISFITS, ...PLAY_MISFITS] : EVENT_MISFITS)(d));
  const truth: EventTruth = {
    ...{ isPlay, startMs, userId: user, sessionId: session, item },
    ...{ level: level.value, gender: gender.value, firstName: firstName.value, lastName: lastName.value },
    ...play.values,
  };
  return { members, truth: { kind: 'event', ...truth } };
}

const PAGES: readonly (readonly [string, null])[] = ['"Home"', '"Logout"', '"nextsong"', '" NextSong"', '7'].map(
  (token) => [token, null],
);

/** An event that is not a play and names no user, whatever else it says. */
function notKept(d: Dice, members: Members): WrittenRow {
  const nobody = d.pick([null, ...NO_VALUE]);
  const others = members.map(([key, token]) => {
    if (key === 'userId') return [key, nobody] as const;
    return [key, key !== 'page' && d.chance(0.1) ? d.pick(UNASKED) : token] as const;
  });
  return { members: others, truth: { kind: 'not_kept' } };
}

type PlayTokens = Readonly<Record<'artist' | 'length' | 'location' | 'song' | 'userAgent', string | null>>;
type PlayValues = Pick<EventTruth, 'location' | 'userAgent' | 'title' | 'artistName' | 'length'>;
type PlayPart = { readonly tokens: PlayTokens; readonly values: PlayValues };

function playPart(d: Dice): PlayPart {
  const artist = spelledText(d, d.chance(0.1) ? null : d.pick(ARTISTS));
  const song = spelledText(d, d.chance(0.1) ? null : d.pick(TITLES));
  const location = spelledText(d, d.pick(['Here', 'There', '12', 'é'.repeat(256)]));
  const userAgent = spelledText(d, d.pick(['"Browser"', '"Browser"', null, 'x'.repeat(2048)]));
  const length: Spelled<number | null> = spelledSeconds(d);
  return {
    tokens: {
      ...{ artist: artist.token, length: length.token, location: location.token },
      ...{ song: song.token, userAgent: userAgent.token },
    },
    values: {
      ...{ artistName: artist.value, length: length.value, location: location.value },
      ...{ title: song.value, userAgent: userAgent.value },
    },
  };
}

function otherPart(d: Dice): PlayPart {
  const token = () => (d.chance(0.5) ? null : d.pick(UNASKED));
  const tokens = { artist: token(), length: token(), location: token(), song: token(), userAgent: token() };
  return { tokens, values: { artistName: null, length: null, location: null, title: null, userAgent: null } };
}
