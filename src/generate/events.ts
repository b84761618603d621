import { Catalogue } from './catalogue.ts';
import { DAY_MS, eventsPerDay, planDay } from './calendar.ts';
import { dice } from './dice.ts';
import { listener } from './listener.ts';
import { Session } from './session.ts';
import { TimeQueue } from './time-queue.ts';
import type { LogEvent } from './log-event.ts';
import type { PlannedSession } from './calendar.ts';
import type { Subscriptions } from './session.ts';

/** What is generated. The same values give the same events, files and bytes everywhere. */
export type GenerateOptions = {
  readonly seed: number;
  readonly users: number;
  /** Songs in the catalogue; each is one file. */
  readonly songs: number;
  readonly days: number;
  /** Midnight UTC of the first day, epoch ms. */
  readonly firstDayMs: number;
  /** Events in all files together, exactly. */
  readonly events: number;
  /** Log files at least; more where a day or a size limit ends one. `null`: one a day. */
  readonly files: number | null;
  /** Share of plays, 0 to 1, whose song is in the catalogue. */
  readonly matchShare: number;
  readonly logPrefix: string;
  readonly songPrefix: string;
};

/**
 * The events of all days in order of time. Memory is bounded by the users and by the sessions open at one moment,
 * never by the number of events.
 */
export function* generateEvents(options: GenerateOptions): Generator<LogEvent> {
  const world = openWorld(options);
  const open = new TimeQueue<Session>((session) => session.nextMs);
  for (const planned of planAllDays(options)) {
    yield* takeUntil(open, planned.startMs);
    open.push(world.startSession(planned));
  }
  yield* takeUntil(open, Infinity);
}

function* takeUntil(open: TimeQueue<Session>, untilMs: number): Generator<LogEvent> {
  for (let next = open.popBefore(untilMs); next !== null; next = open.popBefore(untilMs)) {
    yield next.take();
    if (!next.isOver) open.push(next);
  }
}

function* planAllDays(options: GenerateOptions): Generator<PlannedSession> {
  for (const [day, events] of eventsPerDay(options).entries()) {
    yield* planDay({ seed: options.seed, day, dayMs: options.firstDayMs + day * DAY_MS, events });
  }
}

/** Everything sessions share: the catalogue, the listeners and who of them pays. */
function openWorld(options: GenerateOptions) {
  const catalogue = new Catalogue(options);
  const subscriptions = openSubscriptions(options);
  let sessionId = 0;
  return {
    startSession: (planned: PlannedSession): Session => {
      sessionId += 1;
      const own = dice(options.seed, 'session', sessionId);
      const userId = 1 + Math.floor(own.next() ** 1.7 * options.users);
      return new Session({
        sessionId,
        listener: listener({ seed: options.seed, userId, firstDayMs: options.firstDayMs }),
        events: planned.events,
        startMs: planned.startMs,
        endMs: options.firstDayMs + options.days * DAY_MS,
        dice: own,
        catalogue,
        subscriptions,
        matchShare: options.matchShare,
      });
    },
  };
}

function openSubscriptions(options: GenerateOptions): Subscriptions {
  const changed = new Map<number, boolean>();
  return {
    pays: (userId) => changed.get(userId) ?? listener({ ...options, userId }).paysAtFirst,
    set: (userId, pays) => void changed.set(userId, pays),
  };
}
