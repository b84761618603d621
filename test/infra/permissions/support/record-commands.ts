import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { operationOf } from '../../../support/effect.ts';
import type { CrashStory } from '../../../faults/support/crash.ts';
import { obey } from '../../../support/fault-proxy.ts';
import type { ObservedCall } from '../../../support/fault-proxy.ts';
import { LOG_KEYS } from '../../../../src/datasets/logs/fields.ts';
import { Scene } from '../../../faults/support/scene.ts';
import * as stories from '../../../faults/support/stories.ts';
import { aPlay, aSong, lines } from '../../../support/log-events.ts';
import { distinct } from './asked.ts';
import type { Asked } from './asked.ts';
import type { RecordedWorld } from './recorded-world.ts';
import { askedBy } from './wire-to-iam.ts';
import type { RecordedPlace } from './wire-to-iam.ts';

/** What one run of a command asked of AWS. */
export type Recording = {
  readonly verb: string;
  /** A stack names the dead-letter queue; without its URL it is looked up. */
  readonly settings: 'as a stack sets them' | 'without the dead-letter queue';
  readonly story: string;
  /** By the program, with the identity that runs it. */
  readonly program: readonly Asked[];
  /** By COPY, with the role that it is given. */
  readonly copy: readonly Asked[];
  readonly operations: ReadonlySet<string>;
  /** Statements that the program asked about without having submitted them. */
  readonly foreignStatements: readonly string[];
};

type Story = Pick<CrashStory, 'name' | 'code' | 'prepare' | 'run'> & { readonly verb: string; readonly looksUp?: true };

const text = (body: string): Uint8Array => new TextEncoder().encode(body);

/** Announced, and gone before anybody reads them. */
const GONE: Story = {
  verb: 'consume',
  name: 'files that are gone, and a song after its plays',
  async prepare(scene) {
    await scene.migrate();
    await scene.put({ key: 'log_data/1.json', body: text(lines(aPlay())) });
    await scene.run(['consume', '--until-idle']);
    await scene.put({ key: 'song_data/A/late.json', body: text(JSON.stringify(aSong())) });
    for (const key of ['log_data/gone.json', 'song_data/A/gone.json']) {
      await scene.put({ key, body: text('{}') });
      await scene.world.s3.send(new DeleteObjectCommand({ Bucket: scene.place.bucket, Key: key }));
    }
  },
  run: async (scene) => await scene.start(['consume', '--until-idle']).end,
};

/** The JSONPaths file of the recorded stack. */
export const JSON_PATHS_KEY = 'config/paths.json';

/** The dead-letter queue by its URL, and not by the redrive policy, and a JSONPaths file: as a stack's settings name them. */
const OBEYS_SETTINGS: Story = {
  ...stories.PARKS,
  verb: 'consume',
  name: 'a consumer that reads a JSONPaths file and parks a message where its settings say',
  async prepare(scene) {
    await stories.PARKS.prepare(scene);
    const jsonpaths = LOG_KEYS.map((key) => `$['${key}']`);
    await scene.put({ key: JSON_PATHS_KEY, body: text(JSON.stringify({ jsonpaths })) });
  },
  run: async (scene) => {
    const paths = { SPARKIFY_LOG_JSONPATHS: `s3://${scene.place.bucket}/${JSON_PATHS_KEY}` };
    return await scene.start(['consume', '--until-idle'], { ...deadLetterQueueOf(scene), ...paths }).end;
  },
};

const plain = (verb: string, args: readonly string[], prepare?: CrashStory['prepare']): Story => ({
  verb,
  name: `sparkify ${args.join(' ')}`,
  prepare: prepare ?? (async (scene) => await scene.migrate()),
  run: async (scene) => await scene.start(args).end,
});

/** Of consumers, one of which has written its state. */
const STATUS: Story = {
  ...plain('status', ['status'], async (scene) => {
    await scene.migrate();
    await scene.run(stories.UNTIL_IDLE);
  }),
  run: async (scene) => await scene.start(['status'], deadLetterQueueOf(scene)).end,
};

/** As the program sees it: through the proxy. */
function deadLetterQueueOf(scene: Scene): Readonly<Record<string, string>> {
  return { SPARKIFY_DEAD_LETTER_QUEUE_URL: `${scene.proxy.environment['SPARKIFY_QUEUE_URL'] ?? ''}-dead-letters` };
}

const STORIES: readonly Story[] = [
  { ...stories.MIGRATES, verb: 'migrate' },
  { ...stories.RESETS, verb: 'migrate' },
  { ...stories.LOADS, verb: 'consume' },
  GONE,
  { ...stories.PARKS, verb: 'consume', looksUp: true },
  OBEYS_SETTINGS,
  { ...stories.RENEWS, verb: 'consume' },
  { ...stories.STOPS, verb: 'consume' },
  { ...stories.BACKFILLS, verb: 'backfill' },
  plain('backfill', ['backfill', '--prefix', 'log_data/2018/', '--dry-run']),
  { ...stories.VERIFIES, verb: 'verify' },
  { ...stories.RETRACTS, verb: 'retract' },
  { ...stories.RELOADS, verb: 'reload' },
  plain('analyze', ['analyze']),
  STATUS,
  plain('history', ['history']),
  plain('files', ['files']),
  plain('explain', ['explain', 'matches']),
  plain('generate', ['generate', '--to', 's3', '--songs', '2', '--events', '20', '--days', '1']),
];

/** Runs every command that talks to AWS, in every way that makes calls of its own, and notes what it asks. */
export async function recordCommands(world: RecordedWorld): Promise<readonly Recording[]> {
  const recordings: Recording[] = [];
  // One after the other: what COPY reads meanwhile belongs to the story that runs.
  for (const story of STORIES) recordings.push(await record(world, story));
  return recordings;
}

async function record(world: RecordedWorld, story: Story): Promise<Recording> {
  const scene = await Scene.open(world);
  try {
    await story.prepare(scene);
    const [program, copy]: [ObservedCall[], ObservedCall[]] = [[], []];
    scene.proxy.observe = (call) => program.push(call);
    world.observeCopy((call) => copy.push(call));
    const end = await story.run(scene, (decide) => scene.proxy.decide(decide));
    scene.proxy.decide(obey);
    world.observeCopy(() => undefined);
    expect(end, `${story.name}: ${end.stdout}${end.stderr}`).toMatchObject({ code: story.code ?? 0 });
    const place: RecordedPlace = {
      bucket: scene.place.bucket,
      queue: scene.place.bucket,
      deadLetterQueue: `${scene.place.bucket}-dead-letters`,
    };
    return {
      verb: story.verb,
      settings: story.looksUp === true ? 'without the dead-letter queue' : 'as a stack sets them',
      story: story.name,
      program: distinct(program.flatMap((call) => askedBy(call, place))),
      copy: distinct(copy.flatMap((call) => askedBy(call, place))),
      operations: new Set(program.map(({ request }) => operationOf(request))),
      foreignStatements: foreignStatements(program),
    };
  } finally {
    await scene.close();
  }
}

function foreignStatements(calls: readonly ObservedCall[]): readonly string[] {
  const own = new Set<string>();
  return calls.flatMap(({ request, body, answer }) => {
    const operation = operationOf(request);
    if (operation === 'BatchExecuteStatement') own.add(idIn(answer.body));
    if (!['DescribeStatement', 'GetStatementResult', 'CancelStatement'].includes(operation)) return [];
    const [id = ''] = idIn(body).split(':');
    return own.has(id) ? [] : [id];
  });
}

function idIn(body: Buffer): string {
  return (JSON.parse(body.toString()) as { Id?: string }).Id ?? '';
}
