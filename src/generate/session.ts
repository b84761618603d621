import { PAGES } from './log-event.ts';
import type { Catalogue, Track } from './catalogue.ts';
import type { Dice } from './dice.ts';
import type { Listener } from './listener.ts';
import type { LogEvent, Page } from './log-event.ts';

/** Who pays right now. Shared by all sessions of a run, because a change outlives the session in which it happened. */
export interface Subscriptions {
  pays(userId: number): boolean;
  set(userId: number, pays: boolean): void;
}

type SessionInput = {
  readonly sessionId: number;
  readonly listener: Listener;
  readonly events: number;
  readonly startMs: number;
  /** The last event comes before this. */
  readonly endMs: number;
  readonly dice: Dice;
  readonly catalogue: Catalogue;
  readonly subscriptions: Subscriptions;
  readonly matchShare: number;
};

/** One visit of one listener: which pages in which order, and how long each takes. */
export class Session {
  readonly sessionId: number;
  readonly #input: SessionInput;
  #item = 0;
  #nowMs: number;
  #page: Page;
  #isLoggedIn: boolean;

  constructor(input: SessionInput) {
    this.#input = input;
    this.sessionId = input.sessionId;
    this.#nowMs = input.startMs;
    this.#isLoggedIn = !input.dice.chance(0.12);
    this.#page = this.#isLoggedIn && input.dice.chance(0.7) ? 'NextSong' : 'Home';
  }

  /** When the next event happens, epoch ms. */
  get nextMs(): number {
    return this.#nowMs;
  }

  get isOver(): boolean {
    return this.#item >= this.#input.events;
  }

  /** The next event; moves on to the one after it. */
  take(): LogEvent {
    const page = this.#page;
    const track = page === 'NextSong' ? this.#chooseTrack() : null;
    const event = this.#event(page, track);
    this.#item += 1;
    this.#applyConsequences(page);
    this.#page = this.#choosePage(page);
    const pauseMs = track === null ? 500 + this.#input.dice.next() * 40_000 : track.duration * 1000;
    // Whatever is left of the session fits in what is left of the time.
    const roomMs = (this.#input.endMs - 1 - this.#nowMs) / Math.max(1, this.#input.events - this.#item);
    this.#nowMs += Math.floor(Math.max(0, Math.min(pauseMs, roomMs)));
    return event;
  }

  #event(page: Page, track: Track | null): LogEvent {
    const { listener, subscriptions, sessionId } = this.#input;
    const who = this.#isLoggedIn ? listener : null;
    return {
      artist: track?.artist ?? null,
      auth: who === null ? 'Logged Out' : 'Logged In',
      firstName: who?.firstName ?? null,
      gender: who?.gender ?? null,
      itemInSession: this.#item,
      lastName: who?.lastName ?? null,
      length: track?.duration ?? null,
      level: subscriptions.pays(listener.userId) ? 'paid' : 'free',
      location: who?.location ?? null,
      method: PAGES[page].method,
      page,
      registration: who?.registration ?? null,
      sessionId,
      song: track?.title ?? null,
      status: PAGES[page].status,
      ts: this.#nowMs,
      userAgent: who?.userAgent ?? null,
      userId: who === null ? '' : String(who.userId),
    };
  }

  #applyConsequences(page: Page): void {
    const { listener, subscriptions } = this.#input;
    if (page === 'Login') this.#isLoggedIn = true;
    if (page === 'Logout') this.#isLoggedIn = false;
    if (page === 'Submit Upgrade') subscriptions.set(listener.userId, true);
    if (page === 'Submit Downgrade') subscriptions.set(listener.userId, false);
  }

  #choosePage(after: Page): Page {
    const { dice, listener, subscriptions } = this.#input;
    if (!this.#isLoggedIn) return after === 'Home' && dice.chance(0.8) ? 'Login' : 'Home';
    if (after === 'Upgrade' && dice.chance(0.6)) return 'Submit Upgrade';
    if (after === 'Downgrade' && dice.chance(0.3)) return 'Submit Downgrade';
    if (after === 'Settings' && dice.chance(0.4)) return 'Save Settings';
    const roll = dice.next();
    if (roll < 0.84) return 'NextSong';
    if (roll < 0.94) return 'Home';
    if (roll < 0.955) return 'Logout';
    if (roll < 0.965) return 'Settings';
    if (roll < 0.975) return 'Help';
    if (roll < 0.985) return 'About';
    if (roll < 0.987) return 'Error';
    return subscriptions.pays(listener.userId) ? 'Downgrade' : 'Upgrade';
  }

  /** A song of the catalogue, one that is not in the catalogue, or a near miss: a song with another duration. */
  #chooseTrack(): Track {
    const { dice, catalogue, matchShare } = this.#input;
    // The power makes a few songs popular and most rare.
    const popularity = dice.next() ** 1.5;
    if (catalogue.size > 0 && dice.chance(matchShare)) return catalogue.track(Math.floor(popularity * catalogue.size));
    if (catalogue.size > 0 && dice.chance(0.15)) {
      const track = catalogue.track(Math.floor(popularity * catalogue.size));
      return { ...track, duration: Math.round((track.duration + 1 + dice.next()) * 1e5) / 1e5 };
    }
    return catalogue.track(catalogue.size + Math.floor(popularity * Math.max(100, catalogue.size)));
  }
}
