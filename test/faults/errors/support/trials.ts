import { NAME_ROWS, STATUS_ROWS } from '../../../../src/aws/error-names.ts';
import { DATA_API_TEXT_ROWS, STATEMENT_ROWS } from '../../../../src/aws/error-texts.ts';
import type { ErrorCode } from '../../../../src/core/errors.ts';
import { ERROR_POLICY } from '../../../../src/core/verdict.ts';
import { errorAnswer } from './error-answer.ts';
import type { Call, Fate, WireService } from './wire.ts';
import { WIRE_SERVICES } from './wire.ts';

/** An error of the table, sent over the wire. */
export type Trial = {
  readonly name: string;
  readonly code: ErrorCode;
  readonly fate: Fate;
  /** Whether the fate applies to a call during the trial. */
  readonly meets: (call: Call) => boolean;
  /** Where the consumer meets it. */
  readonly at: WireService;
  /** Part of the error as it was seen; a person has to find it in the sentence. */
  readonly seen: string;
};

const SEEN = 'As it was seen';

/** Where each service's errors are met: in the first call that a load, or a receive, makes. */
const MEETS: Readonly<Record<WireService, (call: Call) => boolean>> = {
  s3: ({ service, operation }) => service === 's3' && operation === 'PutObject',
  sqs: ({ operation }) => operation === 'ReceiveMessage',
  data_api: ({ operation, stage }) => operation === 'BatchExecuteStatement' && stage === 'stage',
};

/** Errors of the SDK itself are made by breaking connections, below. */
const MADE_HERE = new Set(['TimeoutError', 'CredentialsProviderError', 'TokenProviderError']);

/** One trial for each row and each service that may send it; every name is sent in `error-names.test.ts`. */
function byName(): Trial[] {
  return NAME_ROWS.flatMap((row) =>
    WIRE_SERVICES.filter((service) => row.from === 'any' || row.from === service).flatMap((service) => {
      const name = row.names.find((candidate) => !MADE_HERE.has(candidate));
      if (name === undefined) return [];
      const status = name === 'BatchExecuteStatementException' ? 500 : 400;
      return [refusal(service, { name, status, message: SEEN, code: row.code })];
    }),
  );
}

function byStatus(): Trial[] {
  return STATUS_ROWS.flatMap((row) =>
    WIRE_SERVICES.filter((service) => row.from === 'any' || row.from === service).flatMap((service) => {
      const first = STATUS_ROWS.find(
        ({ from, range }) => (from === 'any' || from === service) && range[0] === row.range[0],
      );
      if (first !== row) return [];
      return [refusal(service, { name: 'NeverHeardOf', status: row.range[0], message: SEEN, code: row.code })];
    }),
  );
}

function refusal(
  service: WireService,
  error: { name: string; status: number; message: string; code: ErrorCode },
): Trial {
  return {
    name: `${service} ${error.name} (HTTP ${error.status})`,
    code: error.code,
    fate: { kind: 'answer', answer: errorAnswer(service, error) },
    at: service,
    meets: error.code === 'object_missing' || error.code === 'object_unreadable' ? readsObject : MEETS[service],
    seen: withoutEnd(error.message),
  };
}

/** What is about one object is met where objects are read one by one. */
function readsObject({ operation, key }: Call): boolean {
  return operation === 'GetObject' && key.includes('/song_data/');
}

function byDataApiText(): Trial[] {
  return DATA_API_TEXT_ROWS.map(({ code, seen }) => ({
    ...refusal('data_api', { name: 'ValidationException', status: 400, message: seen, code }),
    name: `data_api ${seen}`,
    // A forgotten statement is met when its end is asked for.
    ...(code === 'outcome_unknown' ? { meets: ({ operation }: Call) => operation === 'DescribeStatement' } : {}),
  }));
}

function byStatementText(): Trial[] {
  return STATEMENT_ROWS.map(({ code, seen }) => ({
    name: `statement ${seen}`,
    code,
    fate: { kind: 'failed_statement', text: seen },
    at: 'data_api',
    meets: ({ operation, stage }) => operation === 'BatchExecuteStatement' && stage === 'stage',
    seen: withoutEnd(seen.split(/\n|DETAIL:/)[0] ?? ''),
  }));
}

/** Text may follow the message in the sentence. */
function withoutEnd(message: string): string {
  return message.trim().replace(/\.$/, '');
}

function byConnection(): Trial[] {
  return WIRE_SERVICES.flatMap((service): Trial[] => {
    const common = { code: 'endpoint_unreachable', at: service, meets: MEETS[service], seen: '' } as const;
    return [
      { ...common, name: `${service} breaks the connection`, fate: { kind: 'break' } },
      { ...common, name: `${service} never answers`, fate: { kind: 'hang' } },
    ];
  });
}

function unheardOf(): Trial[] {
  return [
    ...WIRE_SERVICES.map((service) =>
      refusal(service, { name: 'NeverHeardOf', status: 400, message: SEEN, code: 'unknown' }),
    ),
    {
      name: 'statement with an unknown text',
      code: 'unknown',
      fate: { kind: 'failed_statement', text: 'ERROR: the moon is full' },
      at: 'data_api',
      meets: ({ operation, stage }) => operation === 'BatchExecuteStatement' && stage === 'stage',
      seen: 'the moon is full',
    },
  ];
}

/**
 * What becomes of an error is decided by its code and by where it is met: the first of each is enough.
 * `test/aws/recognise-error.test.ts` leads every text and name to its code.
 */
function oncePerCode(all: readonly Trial[]): readonly Trial[] {
  const same = ({ at, code, fate }: Trial): string => `${at} ${fate.kind} ${code}`;
  return [...Map.groupBy(all, same).values()].flatMap(([first]) => first ?? []);
}

const TRIALS = oncePerCode([
  ...byName(),
  ...byStatus(),
  ...byDataApiText(),
  ...byStatementText(),
  ...byConnection(),
  ...unheardOf(),
]);

/** All trials whose code leads to this; `file`: the loader finds the file that is to blame, and loads the others. */
export function trials(kind: 'retry' | 'wait' | 'file' | 'stop'): readonly Trial[] {
  return TRIALS.filter(({ code }) => {
    const { inLoad, then } = ERROR_POLICY[code];
    const isOfFile = inLoad === 'halve' || code === 'object_missing' || code === 'object_unreadable';
    return kind === (isOfFile ? 'file' : then.kind);
  });
}
