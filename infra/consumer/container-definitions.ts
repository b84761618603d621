/** What the containers of a task are made of; each a text by now. */
export type TaskParts = {
  readonly image: string;
  /** Settings of the service, by name. */
  readonly environment: Readonly<Record<string, string>>;
  readonly drainSeconds: number;
  readonly logGroup: string;
  readonly region: string;
};

/** Reachable from within the task only, as the security group allows no ingress. */
const HEALTH_ADDRESS = '127.0.0.1:8080';
const HEALTH_CHECK = `fetch('http://${HEALTH_ADDRESS}/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
/** After the drain time: five seconds for a load that does not listen (docs/SPEC.md, C1), five to end. */
const AFTER_DRAIN_SECONDS = 10;
/** Fargate waits no longer before it kills (ECS docs, task definition parameters, "stopTimeout"). */
const LONGEST_STOP_SECONDS = 120;

/**
 * The containers of a task: `migrate` first, and only when it succeeded the consumer, so that a new version finds its
 * tables and a failed migration leaves the tasks of the old version running.
 */
export function containerDefinitions(parts: TaskParts): readonly Readonly<Record<string, unknown>>[] {
  return [
    { ...common(parts, 'migrate'), command: ['migrate'], essential: false },
    {
      ...common(parts, 'consumer'),
      command: ['consume', '--http', HEALTH_ADDRESS],
      essential: true,
      dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }],
      stopTimeout: stopSeconds(parts.drainSeconds),
      healthCheck: {
        // The same as in the image, because ECS ignores that one. Alive, not ready: a consumer that waits for a paused
        // warehouse must not be replaced for it.
        command: ['CMD', 'node', '-e', HEALTH_CHECK],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 60,
      },
    },
  ];
}

/** How long a task may take to stop: longer than it drains. */
export function stopSeconds(drainSeconds: number): number {
  return Math.min(LONGEST_STOP_SECONDS, drainSeconds + AFTER_DRAIN_SECONDS);
}

function common({ image, environment, logGroup, region }: TaskParts, name: string) {
  const variables = Object.entries(environment).sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    name,
    image,
    environment: variables.map(([variable, value]) => ({ name: variable, value })),
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ['ALL'] } },
    logConfiguration: {
      logDriver: 'awslogs',
      options: { 'awslogs-group': logGroup, 'awslogs-region': region, 'awslogs-stream-prefix': name },
    },
  };
}
