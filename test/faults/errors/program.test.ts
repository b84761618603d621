import { expect, it, onTestFinished } from 'vitest';
import type { ConsumerSnapshot } from '../../../src/core/intake/consumer-snapshot.ts';
import { freePort } from '../../support/free-port.ts';
import { Story } from '../../flow/support/story.ts';
import type { Settings } from '../../flow/support/story.ts';
import { logLine } from '../../support/log-lines.ts';
import { useStack } from '../../support/stack.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { errorAnswer } from './support/error-answer.ts';
import type { Fate, WireService } from './support/wire.ts';
import { WIRE_SERVICES, Wire } from './support/wire.ts';

const stack = useStack();

/** A place, and the settings with which the program sees it through a wire. */
async function throughWire(): Promise<{ story: Story; wire: Wire; settings: Settings }> {
  const story = await Story.begin(stack);
  const { environment, queueUrl } = story.place;
  const at = (name: string): string => environment[name] ?? '';
  const wire = await Wire.start({
    s3: at('AWS_ENDPOINT_URL_S3'),
    sqs: new URL(queueUrl).origin,
    data_api: at('AWS_ENDPOINT_URL_REDSHIFT_DATA'),
  });
  onTestFinished(async () => await wire.stop());
  const settings = {
    AWS_ENDPOINT_URL_S3: wire.origin('s3'),
    AWS_ENDPOINT_URL_SQS: wire.origin('sqs'),
    AWS_ENDPOINT_URL_REDSHIFT_DATA: wire.origin('data_api'),
    SPARKIFY_QUEUE_URL: queueUrl.replace(new URL(queueUrl).origin, wire.origin('sqs')),
  };
  return { story, wire, settings };
}

async function putDay(story: Story): Promise<void> {
  const line = logLine({ sessionId: 1, ts: Date.UTC(2018, 10, 12) });
  await story.put({ key: 'log_data/day.json', body: new TextEncoder().encode(line) });
}

const EXPIRED = { name: 'ExpiredTokenException', message: 'The security token is expired', status: 400 };
const BUSY = { name: 'ServiceUnavailable', message: 'Service is unable to handle the request', status: 503 };

it.each<[string, readonly WireService[], typeof EXPIRED, string]>([
  ['credentials that expire, as S3 sees it', ['s3'], EXPIRED, 'load: credentials_expired'],
  ['credentials that expire, as the Data API sees it', ['data_api'], EXPIRED, 'load: credentials_expired'],
  ['credentials that expire, as SQS sees it', ['sqs'], EXPIRED, 'queue: credentials_expired'],
  ['credentials that expire for all of them', WIRE_SERVICES, EXPIRED, 'queue: credentials_expired'],
  ['an outage of S3', ['s3'], BUSY, 'load: service_unavailable'],
  ['an outage of SQS', ['sqs'], BUSY, 'queue: service_unavailable'],
  ['an outage of the Data API', ['data_api'], BUSY, 'load: warehouse_unavailable'],
])(
  '%s: the program pauses, says since when and why in its log and as JSON, and resumes automatically',
  async (_what, services, error, reason) => {
    const { settings, story, wire } = await throughWire();
    const http = `127.0.0.1:${await freePort()}`;
    const program = story.start(['consume', '--http', http], settings);
    await program.waitFor('the start', ({ text }) => text.includes('consumer.started') || undefined);
    const look = async (path: string) => await (await fetch(`http://${http}${path}`)).json();
    await waitUntil(async () => ((await look('/')) as ConsumerSnapshot).state === 'consuming', { what: 'consuming' });
    const beganAtMs = Date.now();
    wire.decide(({ service }) => (services.includes(service) ? refusal(service, error) : null));
    if (!services.includes('sqs')) await putDay(story);

    const pause = await waitUntil(
      async () => ((await look('/')) as ConsumerSnapshot).pauses.find((one) => one.reason === reason),
      { what: `the pause "${reason}"` },
    );
    expect(pause.sinceMs).toBeGreaterThanOrEqual(beganAtMs);
    expect(pause.sentence).toContain(error.message);
    const ready = await fetch(`http://${http}/readyz`);
    expect(ready.status).toBe(503);
    expect(((await ready.json()) as { reason: string }).reason).toContain(new Date(pause.sinceMs).toISOString());
    const line = program.logLines().find(({ event }) => event === 'intake.paused');
    expect(line).toMatchObject({ level: 'warn', reason, sentence: pause.sentence });

    if (services.includes('sqs')) await putDay(story);
    wire.decide(null);
    await waitUntil(async () => (await story.star.files())['log_data/day.json'] === 'loaded', { what: 'the file' });
    await waitUntil(async () => (await story.messagesLeft()) === 0, { what: 'an empty queue' });
    const back = (await look('/')) as ConsumerSnapshot;
    expect(back).toMatchObject({ state: 'consuming', pauses: [] });
    expect(program.logLines().some(({ event }) => event === 'intake.resumed')).toBe(true);
    expect(wire.deliveries.map(({ receiveCount }) => receiveCount)).toEqual([1]);
    program.kill('SIGTERM');
    expect(await program.end).toMatchObject({ code: 0, signal: null });
  },
);

it('a program that starts during an outage of the Data API logs it, starts anyway and loads when the Data API is back', async () => {
  const { settings, story, wire } = await throughWire();
  wire.decide(({ service }) => (service === 'data_api' ? refusal(service, BUSY) : null));
  await putDay(story);
  const program = story.start(['consume'], settings);
  const text = await program.waitFor(
    'the pause',
    (one) => (one.text.includes('intake.paused') ? one.text : undefined),
    90_000,
  );
  expect(text).toMatch(/Starting anyway/);
  wire.decide(null);
  await waitUntil(async () => (await story.star.files())['log_data/day.json'] === 'loaded', {
    what: 'the file',
    timeoutMs: 60_000,
  });
  expect(wire.deliveries.map(({ receiveCount }) => receiveCount)).toEqual([1]);
  program.kill('SIGTERM');
  expect(await program.end).toMatchObject({ code: 0, signal: null });
});

it.each([
  ['SQL that the warehouse refuses', 'ERROR: syntax error at or near "mergee"', /syntax error at or near "mergee"/],
  [
    'a role that may not read the bucket',
    'ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied',
    /SPARKIFY_COPY_ROLE_ARN/,
  ],
])('%s: the program ends with 1 and one sentence; the message is in the queue', async (_what, text, sentence) => {
  const { settings, story, wire } = await throughWire();
  wire.decide(({ operation, stage }) =>
    operation === 'BatchExecuteStatement' && stage === 'stage' ? { kind: 'failed_statement', text } : null,
  );
  await putDay(story);
  const end = await story.run(['consume', '--until-idle'], settings);
  expect(end, end.stderr).toMatchObject({ code: 1, signal: null });
  const spoken = end.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(spoken).toHaveLength(1);
  expect(spoken[0]).toMatch(sentence);
  expect(await stack.queueCounts(story.place.queueUrl)).toMatchObject({ visible: 1, inFlight: 0 });
  // Tried once: the same statement would fail in the same way.
  expect(wire.calls.filter(({ stage }) => stage === 'stage')).toHaveLength(1);
});

function refusal(service: WireService, error: { name: string; message: string; status: number }): Fate {
  return { kind: 'answer', answer: errorAnswer(service, error) };
}
