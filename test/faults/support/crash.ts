import { expect } from 'vitest';
import type { ProcessEnd } from '../../support/sparkify-process.ts';
import type { Effect } from '../../support/effect.ts';
import type { Decide } from '../../support/fault-proxy.ts';
import { obey } from '../../support/fault-proxy.ts';
import { Scene } from './scene.ts';
import type { World } from './world.ts';

/** A piece of the program's life that is to be survived at every step. */
export type CrashStory = {
  readonly name: string;
  /** The exit code of an undisturbed run; absent: 0. */
  readonly code?: number;
  /** Calls that the story is there for. A recording without them would leave out its cases silently. */
  readonly about: readonly string[];
  /** What is there before the program starts. */
  prepare(scene: Scene): Promise<unknown>;
  /**
   * Starts the program through the proxy and waits until it ends in any way. What it decides about a call
   * is done unless the crash comes first.
   */
  run(scene: Scene, decide: (decide: Decide) => void): Promise<ProcessEnd>;
  /** What a person or a supervisor does after the crash: start another process. */
  recover(scene: Scene): Promise<unknown>;
  /** The state that must equal the state after an undisturbed run. Throws when a state is never allowed. */
  look(scene: Scene): Promise<unknown>;
  /** Shows that what the undisturbed run left is right; every crash is then compared with that, row by row. */
  prove?(scene: Scene): Promise<unknown>;
};

/** The steps of an undisturbed run, in order, and its final state. */
export type Recording = {
  readonly story: CrashStory;
  readonly steps: readonly Effect[];
  readonly outcome: unknown;
};

/** Runs the story once, undisturbed, and writes down every call that has an effect. */
export async function record(world: World, story: CrashStory): Promise<Recording> {
  const scene = await Scene.open(world);
  try {
    await story.prepare(scene);
    const steps: Effect[] = [];
    const end = await runWith(scene, story, (effect) => {
      if (effect !== null) steps.push(effect);
      return Promise.resolve('go on');
    });
    expect(end, `${story.name}, undisturbed: ${end.stderr}`).toMatchObject({ code: story.code ?? 0 });
    expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining([...story.about]));
    await scene.endLeases();
    await story.recover(scene);
    const outcome = await story.look(scene);
    await story.prove?.(scene);
    return { story, steps, outcome };
  } finally {
    await scene.close();
  }
}

/**
 * One case for each step of the recordings; a step that several recordings share belongs to the first one.
 *
 * @param before recordings whose steps other tests look at.
 */
export function crashes(
  recordings: readonly Recording[],
  before: readonly Recording[] = [],
): readonly { recording: Recording; step: Effect; name: string }[] {
  const seen = new Set(before.flatMap(({ steps }) => steps.map(({ id }) => id)));
  const names = new Map<string, number>();
  return recordings.flatMap((recording) =>
    recording.steps.flatMap((step) => {
      if (seen.has(step.id)) return [];
      seen.add(step.id);
      const variant = (names.get(step.name) ?? 0) + 1;
      names.set(step.name, variant);
      const name = `${recording.story.name}: ${step.name}${variant === 1 ? '' : ` (kind ${variant})`}`;
      return [{ recording, step, name }];
    }),
  );
}

/**
 * Runs the story again in a separate place, kills the program after this step was done, its answer lost, and lets another
 * one finish. A program that is killed before it sends a step leaves what it leaves after the step before.
 */
export async function crash(world: World, { story, outcome }: Recording, step: Effect): Promise<void> {
  const scene = await Scene.open(world);
  try {
    await story.prepare(scene);
    const end = await runWith(scene, story, killAfter(scene, step));
    expect(end.signal, `${step.name} was not reached: ${end.stderr}`).toBe('SIGKILL');
    scene.proxy.decide(obey);
    await scene.endLeases();
    await story.recover(scene);
    expect(await story.look(scene)).toEqual(outcome);
  } finally {
    await scene.close();
  }
}

/**
 * As `crash`, at one step after the other in one and the same place; another program finishes in the end. Each run takes
 * up what the run before left, so that its own step is still to come.
 *
 * @param steps in the order of the recording.
 */
export async function crashInARow(world: World, recording: Recording, steps: readonly Effect[]): Promise<void> {
  const { story } = recording;
  const scene = await Scene.open(world);
  try {
    await story.prepare(scene);
    for (const step of steps) {
      const end = await runWith(scene, story, killAfter(scene, step));
      expect(end.signal, `${step.name} was not reached: ${end.stderr}`).toBe('SIGKILL');
      await scene.endLeases();
    }
    scene.proxy.decide(obey);
    await story.recover(scene);
    expect(await story.look(scene)).toEqual(recording.outcome);
  } finally {
    await scene.close();
  }
}

/**
 * Runs the story again and loses the first answers of each of these steps; the program must finish without a restart.
 *
 * @param times more than the attempts of the SDK: what comes after them is the program's own.
 */
export async function loseAnswers(
  world: World,
  recording: Recording,
  { steps = recording.steps, times = 1 }: { steps?: readonly Effect[]; times?: number } = {},
): Promise<void> {
  const { story } = recording;
  const scene = await Scene.open(world);
  try {
    await story.prepare(scene);
    const left = new Map(steps.map(({ id }) => [id, times]));
    const end = await runWith(scene, story, async (effect, forward) => {
      const toLose = left.get(effect?.id ?? '') ?? 0;
      if (effect === null || toLose === 0) return 'go on';
      left.set(effect.id, toLose - 1);
      await forward();
      // What a lost receive took with it comes back in time, before an idle consumer ends.
      if (effect.name === 'ReceiveMessage') await scene.endLeases();
      return 'lose';
    });
    expect(end, end.stderr).toMatchObject({ code: recording.story.code ?? 0 });
    expect([...left].filter(([, toLose]) => toLose > 0)).toEqual([]);
    await scene.endLeases();
    await story.recover(scene);
    expect(await story.look(scene)).toEqual(recording.outcome);
  } finally {
    await scene.close();
  }
}

/** A fault applies first; for the other calls the story decides. */
type Fault = (effect: Effect | null, forward: () => Promise<void>) => Promise<'go on' | 'lose'>;

async function runWith(scene: Scene, story: CrashStory, fault: Fault): Promise<ProcessEnd> {
  let decide: Decide = obey;
  scene.proxy.decide(async (effect, ...call) =>
    (await fault(effect, call[0])) === 'lose' ? 'lose' : await decide(effect, ...call),
  );
  return await story.run(scene, (other) => (decide = other));
}

function killAfter(scene: Scene, step: Effect): Fault {
  let struck = false;
  return async (effect, forward) => {
    if (struck || effect?.id !== step.id) return 'go on';
    struck = true;
    await forward();
    scene.program?.kill('SIGKILL');
    await scene.program?.end;
    return 'lose';
  };
}
