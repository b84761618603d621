import type { Dice } from '../src/generate/dice.ts';

/** One in ten objects is broken in the middle: nothing of it can be read. */
const BROKEN = '{"song_id":"SO0","title":';

const TITLES = ['Title 0', 'Title 0', 'Title 0', 'Title 1', 'Ünïcode 🎵'];
const ARTISTS = ['Artist 0', 'Artist 1'];
// Numbers as they stand in the file: the fifth rounds to the fourth.
const LENGTHS = ['200.5', '200.5', '200.5', '123.45679', '123.456785', '200.50001', null];

/** A song object: usually one song, sometimes two, none, one that does not fit, or broken. */
export function songText(d: Dice): string {
  if (d.chance(0.1)) return BROKEN;
  if (d.chance(0.05)) return '';
  return lines(Array.from({ length: d.chance(0.85) ? 1 : 2 }, () => song(d)));
}

/** A log file of a few events, sometimes empty, sometimes broken. */
export function logText(d: Dice): string {
  if (d.chance(0.06)) return `${lines([event(d, false)])}${BROKEN}`;
  return lines(Array.from({ length: d.between(0, 5) }, () => event(d, d.chance(0.06))));
}

/**
 * A log file that COPY takes and of which every row fits. For archives: the loader looks into those that are not sound, and
 * unpacks them on a thread of its own, which no virtual time can hold.
 */
export function soundLogText(d: Dice): string {
  return lines(Array.from({ length: d.between(0, 3) }, () => event(d, false)));
}

function song(d: Dice): readonly (readonly [string, string])[] {
  const artist = d.between(0, 1);
  const isRejected = d.chance(0.08);
  return [
    ['num_songs', '1'],
    ['song_id', text(isRejected && d.chance(0.5) ? null : `SO${d.between(0, 3)}`)],
    ['title', text(d.chance(0.05) ? null : d.pick(TITLES))],
    ['artist_id', text(`AR${artist}`)],
    ['artist_name', text(d.chance(0.8) ? (ARTISTS[artist] ?? null) : d.pick(ARTISTS))],
    ['artist_location', text(d.pick(['Town', 'City', '', null]))],
    ['artist_latitude', d.pick(['35.14968', '-90.04892', 'null'])],
    ['artist_longitude', d.pick(['12', '-0.5', 'null'])],
    ['year', isRejected ? '"soon"' : d.pick(['0', '1999', '2004'])],
    ['duration', d.pick(LENGTHS) ?? 'null'],
  ];
}

function event(d: Dice, isRejected: boolean): readonly (readonly [string, string])[] {
  const bad = isRejected ? d.pick(['item', 'ts', 'user', 'page', 'level', 'length'] as const) : null;
  const page = d.chance(0.8) ? 'NextSong' : d.pick(['Home', 'Logout', 'Downgrade']);
  const user = d.chance(0.9) ? text(String(d.between(1, 3))) : page === 'Home' ? text('') : '7';
  const ts = Date.UTC(2018, 10, 15, 23, 59, 58) + d.pick([0, 0, 1, 2_000, 46 * 86_400_000]);
  return [
    ['artist', text(d.chance(0.1) ? null : d.pick(ARTISTS))],
    ['auth', text('Logged In')],
    ['firstName', text(d.pick(['Ada', 'Grace', null]))],
    ['gender', text(d.pick(['F', 'M']))],
    ['itemInSession', bad === 'item' ? '-1' : String(d.between(0, 1))],
    ['lastName', text('L')],
    ['length', bad === 'length' ? text('long') : (d.pick(LENGTHS) ?? 'null')],
    ['level', text(bad === 'level' ? 'öööööööööööö' : d.pick(['free', 'paid']))],
    ['location', text(d.pick(['Here', 'There']))],
    ['page', text(bad === 'page' ? null : page)],
    ['sessionId', String(d.between(1, 2))],
    ['song', text(d.chance(0.1) ? null : d.pick(TITLES))],
    ['ts', bad === 'ts' ? d.pick(['1.5e12', '1542326398000000', '1542326398', '4102444800000']) : String(ts)],
    ['userAgent', text('"Browser"')],
    ['userId', bad === 'user' ? d.pick([text(''), text('nobody'), 'null']) : user],
  ];
}

function text(value: string | null): string {
  return JSON.stringify(value);
}

/** One JSON object a line. Values are written already: a number keeps its digits. */
function lines(objects: readonly (readonly (readonly [string, string])[])[]): string {
  return objects
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}\n`)
    .join('');
}
