import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { containerDefinitions, stopSeconds } from '../../../infra/consumer/container-definitions.ts';
import { IMAGES_KEPT, imageLifecycle } from '../../../infra/consumer/image-lifecycle.ts';
import { SETTINGS } from '../../../src/app/settings.ts';
import { dependencies, named, ofType } from '../support/find-resources.ts';
import type { Run } from '../support/run-program.ts';
import { runProgram } from '../support/run-program.ts';

type Container = {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly essential: boolean;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly stopTimeout?: number;
  readonly healthCheck?: { readonly command: readonly string[] };
};

function containers(run: Run): { readonly migrate: Container; readonly consumer: Container } {
  const all = JSON.parse(String(named(run, 'consumer-task').inputs['containerDefinitions'])) as Container[];
  const [migrate, consumer] = all;
  if (migrate === undefined || consumer === undefined || all.length > 2) throw new Error(`${all.length} containers`);
  return { migrate, consumer };
}

const dockerfile = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');

describe('the consumer on Fargate', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runProgram();
  });

  it('is the smallest arm64 task, without a public address and without a shell to get into it', () => {
    expect(named(run, 'consumer-task').inputs).toMatchObject({
      cpu: '512',
      memory: '1024',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    });
    expect(named(run, 'consumer').inputs).toMatchObject({
      launchType: 'FARGATE',
      desiredCount: 1,
      enableExecuteCommand: false,
      networkConfiguration: { assignPublicIp: false },
    });
  });

  it('always has a running task during a deployment, and rolls back a deployment whose task fails', () => {
    expect(named(run, 'consumer').inputs).toMatchObject({
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      waitForSteadyState: true,
    });
  });

  it('migrates before it consumes, and does not consume when that failed', () => {
    const { migrate, consumer } = containers(run);
    expect(migrate).toMatchObject({ name: 'migrate', command: ['migrate'], essential: false });
    expect(consumer).toMatchObject({
      name: 'consumer',
      essential: true,
      dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }],
    });
    expect(consumer.image).toBe(migrate.image);
    expect(consumer.environment).toEqual(migrate.environment);
  });

  it('runs with a read-only root file system, without capabilities, as the user of the image', () => {
    for (const container of Object.values(containers(run))) {
      expect(container).toMatchObject({
        readonlyRootFilesystem: true,
        linuxParameters: { capabilities: { drop: ['ALL'] } },
      });
      expect(container).not.toHaveProperty('user');
    }
  });

  it('has the same health check as the image, reachable from within the task only', () => {
    const { consumer } = containers(run);
    const [, inImage] = /HEALTHCHECK[\s\S]*?CMD (\[.*\])/.exec(dockerfile) ?? [];
    expect(consumer.healthCheck?.command).toEqual(['CMD', ...(JSON.parse(inImage ?? '[]') as string[])]);
    expect(consumer.command).toEqual(['consume', '--http', '127.0.0.1:8080']);
    expect(consumer).not.toHaveProperty('portMappings');
  });

  it('replaces the command of the image and not its entry point', () => {
    const [, entry] = /ENTRYPOINT (\[.*\])/.exec(dockerfile) ?? [];
    expect(entry).toContain('dist/cli/main.js');
    for (const container of Object.values(containers(run))) expect(container).not.toHaveProperty('entryPoint');
  });

  it('may take longer to stop than to drain, within the time that Fargate waits', async () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 110 }), (drain) => {
        expect(stopSeconds(drain)).toBeGreaterThanOrEqual(drain + 5);
        expect(stopSeconds(drain)).toBeLessThanOrEqual(120);
      }),
    );
    const slow = await runProgram({ config: { drainSeconds: 100 } });
    expect(containers(slow).consumer.stopTimeout).toBe(110);
    await expect(runProgram({ config: { drainSeconds: 111, visibilitySeconds: 300 } })).rejects.toThrow('drainSeconds');
  });

  it('has an environment of settings that the service knows, and no secret in it', () => {
    const { environment } = containers(run).consumer;
    const names = environment.map(({ name }) => name);
    for (const name of names) expect(Object.keys(SETTINGS)).toContain(name);
    expect(names).toEqual([...names].sort());
    for (const name of ['AWS_REGION', 'SPARKIFY_BUCKET', 'SPARKIFY_QUEUE_URL', 'SPARKIFY_CLUSTER_IDENTIFIER']) {
      expect(names).toContain(name);
    }
    expect(names.filter((name) => /PASSWORD|KEY|TOKEN/.test(name))).toEqual([]);
  });

  it('waits for its permissions, its database user and its settings', () => {
    const needed = dependencies(run, 'consumer');
    for (const name of ['service-policy', 'execution-policy', 'database-user', 'consumer-task']) {
      expect(needed).toContain(name);
    }
  });

  it('keeps its log for 30 days, and the log is deleted with the stack', () => {
    expect(named(run, 'consumer-log')).toMatchObject({
      inputs: { name: 'sparkify-dev-consumer', retentionInDays: 30 },
      retainOnDelete: false,
    });
    expect(named(run, 'consumer-log').inputs).not.toHaveProperty('skipDestroy');
    expect(JSON.stringify(containers(run))).toContain('"awslogs-group":"sparkify-dev-consumer"');
  });
});

describe('the image', () => {
  it('is built for arm64 from the Dockerfile, pushed to a repository of the stack and run by its digest', async () => {
    const run = await runProgram();
    const { inputs, secretPaths } = named(run, 'image');
    expect(inputs).toMatchObject({
      platforms: ['linux/arm64'],
      push: true,
      buildOnPreview: false,
      context: { location: '.' },
    });
    expect(JSON.stringify(inputs)).not.toContain(process.cwd());
    expect(containers(run).consumer.image).toMatch(/\/sparkify-dev-image@sha256:[0-9a-f]{64}$/);
    expect(secretPaths).toEqual(['registries.0.password']);
  });

  it('is deleted with its repository, which keeps a few images for a rollback', async () => {
    const run = await runProgram();
    expect(named(run, 'image-repository').inputs).toMatchObject({ forceDelete: true });
    const { rules } = imageLifecycle();
    expect(rules[0].selection.countNumber).toBeGreaterThanOrEqual(IMAGES_KEPT);
    expect(JSON.parse(String(named(run, 'image-lifecycle').inputs['policy']))).toEqual({ rules });
  });

  it('may be a ready one: then the stack builds nothing and has no repository', async () => {
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/sparkify:1.2.3';
    const run = await runProgram({ config: { image } });
    expect(containers(run).consumer.image).toBe(image);
    expect(ofType(run, /^docker-build:|^aws:ecr\/|:providers:docker/)).toEqual([]);
  });
});

describe('containerDefinitions', () => {
  it('are the same whatever the order in which the settings are named', () => {
    const parts = { image: 'i', drainSeconds: 25, logGroup: 'l', region: 'eu-west-1' };
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z_]{1,9}$/), fc.string()), (environment) => {
        const turned = Object.fromEntries(Object.entries(environment).reverse());
        const [left, right] = [environment, turned].map((it) => containerDefinitions({ ...parts, environment: it }));
        expect(JSON.stringify(left)).toBe(JSON.stringify(right));
      }),
    );
  });
});

describe('consumer: none', () => {
  it('creates no task, image, log or execution role', async () => {
    const config = { consumer: 'none', trustedPrincipalArns: ['arn:aws:iam::123456789012:role/runner'] };
    const run = await runProgram({ config });
    expect(ofType(run, /^aws:(ecs|ecr)\/|^docker-build:|logGroup|logMetricFilter/)).toEqual([]);
    expect(run.resources.map(({ name }) => name).filter((name) => /execution|consumer/.test(name))).toEqual([]);
  });
});
