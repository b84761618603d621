import type { Asked, Part } from './asked.ts';
import type { IamRequest } from './decide.ts';
import type { ExaminedStack, RoleName } from './examined-stack.ts';
import type { Demands } from './examine.ts';
import { actedOnOurBehalf, decrypts } from './on-our-behalf.ts';
import { JSON_PATHS_KEY } from './record-commands.ts';
import type { Recording } from './record-commands.ts';
import { strangersOf } from './strangers.ts';
import { USER_ID } from './wire-to-iam.ts';

/** All that the policies of a stack have to allow and to refuse. */
export function demandsOn(stack: ExaminedStack, recordings: readonly Recording[]): Demands {
  const asStackSets = recordings.filter(({ settings }) => settings === 'as a stack sets them');
  const service = asStackSets.filter(({ verb }) => verb !== 'generate').flatMap(({ program }) => program);
  const generated = asStackSets.filter(({ verb }) => verb === 'generate').flatMap(({ program }) => program);
  const isOfStack = (asked: Asked) => stack.jsonPathsArn !== null || !isJsonPaths(asked);
  const copied = asStackSets.flatMap(({ copy }) => copy);
  const made = [
    ...requestsOf(stack, service.filter(isOfStack), {
      role: 'service-role',
      inNetwork: stack.roles.has('execution-role'),
    }),
    ...requestsOf(stack, copied, { role: 'copy-role', inNetwork: stack.copiesThroughNetwork }),
  ];
  const needed = [...made, ...decrypts(stack, made), ...actedOnOurBehalf(stack)];
  return {
    needed,
    forbidden: [
      // Data are written by those who have them, with their own identity.
      ...requestsOf(stack, generated, { role: 'service-role', inNetwork: false }),
      // Without the setting no JSONPaths file is read.
      ...requestsOf(
        stack,
        service.filter((asked) => !isOfStack(asked)),
        { role: 'service-role', inNetwork: false },
      ),
      ...strangersOf(stack, needed),
    ],
  };
}

function isJsonPaths({ on }: Asked): boolean {
  return on.kind === 'object' && on.key === JSON_PATHS_KEY;
}

/** What was recorded on the embedded stack, with the names of this one. Nothing for a role that the stack does not make. */
function requestsOf(
  stack: ExaminedStack,
  all: readonly Asked[],
  { role, inNetwork }: { role: RoleName; inNetwork: boolean },
): readonly IamRequest[] {
  const principal = stack.roles.get(role);
  if (principal === undefined) return [];
  const requests = all.map(({ action, on, context, call }): IamRequest => {
    const service = action.split(':')[0] ?? '';
    const through = inNetwork ? service : null;
    const named = Object.fromEntries(Object.entries(context).map(([key, value]) => [key, keyIn(stack, value)]));
    return { principal, action, resource: arnOf(on, stack), context: { ...named, ...USER }, because: call, through };
  });
  return [...new Map(requests.map((request) => [JSON.stringify({ ...request, because: '' }), request])).values()];
}

/** Who asks: what `${aws:userid}` in a policy stands for. */
const USER = { 'aws:userid': USER_ID };

/** The embedded stack has the default prefixes. */
function keyIn({ prefixes }: ExaminedStack, key: string): string {
  const [, root = '', rest = ''] = /^(log_data|song_data|sparkify-work)\/(.*)$/s.exec(key) ?? [];
  const prefix = { log_data: prefixes.logs, song_data: prefixes.songs, 'sparkify-work': prefixes.work }[root];
  return prefix === undefined ? key : prefix + rest;
}

function arnOf(part: Part, stack: ExaminedStack): string {
  switch (part.kind) {
    case 'bucket':
      return stack.bucketArn;
    case 'object':
      if (part.key === JSON_PATHS_KEY && stack.jsonPathsArn !== null) return stack.jsonPathsArn;
      return `${stack.bucketArn}/${keyIn(stack, part.key)}`;
    case 'queue':
      return stack.queueArn;
    case 'dead-letter queue':
      return stack.deadLetterQueueArn;
    case 'warehouse':
      return stack.warehouseArn;
    case 'anything':
      return '*';
  }
}
