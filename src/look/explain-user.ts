import { sqlForeignText, sqlInteger } from '../core/sql/sql-literal.ts';
import type { Looking } from './ask.ts';
import { ask, numberOf, textOf, textOrNull, timeOrNull } from './ask.ts';
import type { Witness } from './explain-play.ts';
import { batchOf } from './files.ts';
import type { BatchEntry } from './ledger-rows.ts';

/** An object in which the user is, with the newest event of the user in it. */
type UserObject = Witness & {
  readonly status: string;
  readonly batchId: string;
  readonly eventAt: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly level: string | null;
};

export type UserExplained = {
  readonly userId: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly gender: string | null;
  readonly level: string | null;
  readonly lastEventAt: string | null;
  /** The line of the newest event, whose values the row has. */
  readonly witness: Witness | null;
  /** The batch that made the object's version live. */
  readonly batch: BatchEntry | null;
  readonly plays: { readonly count: number; readonly firstAt: string | null; readonly lastAt: string | null };
  /** `null`: not asked. */
  readonly objects: readonly UserObject[] | null;
};

/**
 * @param input.userId the digits of a BIGINT.
 * @returns `null` when the star has no such user.
 * @throws IngestError
 */
export async function explainUser(
  looking: Looking,
  input: { readonly userId: string; readonly isWithObjects: boolean; readonly max: number },
): Promise<UserExplained | null> {
  const { isWithObjects, max, userId } = input;
  // Quoted: a BIGINT may be greater than the whole numbers of JavaScript.
  const id = { user_id: sqlForeignText(userId) };
  const found = await ask(looking, {
    users: { file: '80_user.sql', values: id },
    plays: { file: '84_plays_of_user.sql', values: id },
    objects: { file: '82_objects_of_user.sql', values: { ...id, most: sqlInteger(isWithObjects ? max : 0) } },
  });
  const [user] = found.users;
  if (user === undefined) return null;
  const key = textOrNull(user, 'object_key');
  const [plays = {}] = found.plays;
  const batchId = textOrNull(user, 'batch_id');
  return {
    userId,
    firstName: textOrNull(user, 'first_name'),
    lastName: textOrNull(user, 'last_name'),
    gender: textOrNull(user, 'gender'),
    level: textOrNull(user, 'level'),
    lastEventAt: timeOrNull(user, 'last_event_at'),
    witness: key === null ? null : { bucket: textOf(user, 'bucket'), key, lineNumber: numberOf(user, 'line_number') },
    batch: batchId === null ? null : await batchOf(looking, batchId),
    plays: {
      count: numberOf(plays, 'plays'),
      firstAt: timeOrNull(plays, 'first_at'),
      lastAt: timeOrNull(plays, 'last_at'),
    },
    objects: isWithObjects
      ? found.objects.map((row) => ({
          bucket: textOf(row, 'bucket'),
          key: textOf(row, 'object_key'),
          lineNumber: numberOf(row, 'line_number'),
          status: textOf(row, 'status'),
          batchId: textOf(row, 'batch_id'),
          eventAt: timeOrNull(row, 'event_at'),
          firstName: textOrNull(row, 'first_name'),
          lastName: textOrNull(row, 'last_name'),
          level: textOrNull(row, 'level'),
        }))
      : null,
  };
}
