/** One line of an activity log, with the keys in the order in which the event simulator writes them. */
export type LogEvent = {
  readonly artist: string | null;
  readonly auth: 'Logged In' | 'Logged Out';
  readonly firstName: string | null;
  readonly gender: string | null;
  readonly itemInSession: number;
  readonly lastName: string | null;
  readonly length: number | null;
  readonly level: 'free' | 'paid';
  readonly location: string | null;
  readonly method: 'GET' | 'PUT';
  readonly page: Page;
  /** Epoch ms. */
  readonly registration: number | null;
  readonly sessionId: number;
  readonly song: string | null;
  readonly status: number;
  /** Epoch ms. */
  readonly ts: number;
  readonly userAgent: string | null;
  /** Digits, or "" for a logged-out user. */
  readonly userId: string;
};

export type Page = keyof typeof PAGES;

export const PAGES = {
  NextSong: { method: 'PUT', status: 200 },
  Home: { method: 'GET', status: 200 },
  Login: { method: 'PUT', status: 307 },
  Logout: { method: 'PUT', status: 307 },
  Settings: { method: 'GET', status: 200 },
  'Save Settings': { method: 'PUT', status: 307 },
  About: { method: 'GET', status: 200 },
  Help: { method: 'GET', status: 200 },
  Upgrade: { method: 'GET', status: 200 },
  'Submit Upgrade': { method: 'PUT', status: 307 },
  Downgrade: { method: 'GET', status: 200 },
  'Submit Downgrade': { method: 'PUT', status: 307 },
  Error: { method: 'GET', status: 404 },
} as const;

/** As the event simulator writes it: slashes escaped, `registration` with a decimal point although it is whole. */
export function renderLogEvent(event: LogEvent): string {
  return `${JSON.stringify(event)
    .replaceAll('/', '\\/')
    .replace(/"registration":(\d+),/, '"registration":$1.0,')}\n`;
}
