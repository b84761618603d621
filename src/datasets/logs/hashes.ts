import { remembered } from '../../core/remembered.ts';
import { hundredThousandths, lengthPrefixed, md5 } from '../hashes.ts';
import type { IDENTITY_FIELDS, PLAY_FIELDS, USER_FIELDS } from './fields.ts';

/** What an event's fields hold, by column. */
export type LogValues = Readonly<
  Record<(typeof IDENTITY_FIELDS)[number]['column'], string> &
    Record<(typeof USER_FIELDS | typeof PLAY_FIELDS)[number]['column'], string | null>
>;

// The tables hold these hashes, so none of the texts below ever changes.

/** A play's identity: the same in every reload. */
export function songplayId({ ts, user_id, session_id, item_in_session }: LogValues): string {
  return md5(`${session_id}|${item_in_session}|${user_id}|${ts}`);
}

/** A play's values beside its identity. When one identity comes with different values, the greater hash wins. */
export function playHash(values: LogValues): string {
  return md5(
    prefixed(values.level) +
      prefixed(values.location) +
      prefixed(values.user_agent) +
      lengthPrefixed(values.song_title) +
      lengthPrefixed(values.artist_name) +
      (values.song_length === null ? '-' : hundredThousandths(values.song_length)),
  );
}

/** What an event tells about its user. Of two events that are equally new the one with the greater hash wins. */
export function userHash(values: LogValues): string {
  return rememberedMd5(
    prefixed(values.first_name) + prefixed(values.last_name) + prefixed(values.gender) + prefixed(values.level),
  );
}

/** A user has many events. */
const rememberedMd5 = remembered(md5);
const rememberedPrefixed = remembered(lengthPrefixed);

/** `lengthPrefixed` of a value that comes again and again. */
function prefixed(value: string | null): string {
  return value === null ? lengthPrefixed(null) : rememberedPrefixed(value);
}
