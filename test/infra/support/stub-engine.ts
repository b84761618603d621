import { createRequire } from 'node:module';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { mockState } from './mock-state.ts';

/** What the program asked of the engine, as it came over the wire. */
export type StubEngine = {
  readonly address: string;
  readonly resources: readonly {
    readonly type: string;
    readonly name: string;
    readonly inputs: Readonly<Record<string, unknown>>;
  }[];
  /** Outputs of the stack, when the program has ended well. */
  readonly outputs: () => Readonly<Record<string, unknown>> | null;
  /** Warnings and errors, as the CLI would print them. */
  readonly messages: readonly string[];
  stop(): void;
};

/**
 * The other side of Pulumi's wire: the two gRPC services that the engine offers to the program's process, with made-up
 * answers for AWS. It stands in for the engine, which is not an npm package, and lets Pulumi's own runner run unchanged.
 */
export async function startStubEngine(): Promise<StubEngine> {
  const resources: { type: string; name: string; inputs: Record<string, unknown> }[] = [];
  const messages: string[] = [];
  let outputs: Record<string, unknown> | null = null;
  const server = new Server();
  server.addService(
    services.ResourceMonitorService,
    answering(services.ResourceMonitorService, {
      supportsFeature: (_request, response) => response['setHassupport']?.(true),
      registerResource: (request, response) => {
        const [type, name] = [String(request['getType']?.()), String(request['getName']?.())];
        const inputs = toJavaScript(request['getObject']?.());
        resources.push({ type, name, inputs });
        const { id, state } = mockState({ type, name, inputs });
        response['setUrn']?.(`urn:pulumi:dev::sparkify-ingest::${type}::${name}`);
        response['setId']?.(request['getCustom']?.() === true ? id : '');
        response['setObject']?.(structLike(request['getObject']?.(), state));
      },
      registerResourceOutputs: (request) => {
        if (String(request['getUrn']?.()).includes('pulumi:pulumi:Stack'))
          outputs = toJavaScript(request['getOutputs']?.());
      },
      invoke: (request, response) =>
        response['setReturn']?.(structLike(request['getArgs']?.(), { userName: 'AWS', password: 'token' })),
    }),
  );
  let root = '';
  server.addService(
    services.EngineService,
    answering(services.EngineService, {
      log: (request) => {
        if (Number(request['getSeverity']?.()) > 1) messages.push(String(request['getMessage']?.()));
      },
      setRootResource: (request) => {
        root = String(request['getUrn']?.());
      },
      getRootResource: (_request, response) => response['setUrn']?.(root),
    }),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    resources,
    outputs: () => outputs,
    messages,
    stop: () => {
      server.forceShutdown();
    },
  };
}

// Generated protobuf messages are bags of getters and setters without useful types.
type Message = Readonly<Record<string, ((value?: unknown) => unknown) | undefined>>;
type Answer = (request: Message, response: Message) => unknown;

const require = createRequire(import.meta.url);
const services = {
  ...(require('@pulumi/pulumi/proto/resource_grpc_pb.js') as { ResourceMonitorService: ServiceDefinition }),
  ...(require('@pulumi/pulumi/proto/engine_grpc_pb.js') as { EngineService: ServiceDefinition }),
};

/** A service that answers every call: with an empty message where nothing else is said. */
function answering(
  definition: ServiceDefinition,
  answers: Readonly<Record<string, Answer>>,
): UntypedServiceImplementation {
  const handlers = Object.entries(definition).map(([name, method]) => {
    const { responseType } = method as unknown as { responseType: new () => Message };
    const handler = (
      call: { request: Message },
      callback: (error: Error | null, response: Message | null) => void,
    ): void => {
      const response = new responseType();
      answers[name]?.(call.request, response);
      callback(null, response);
    };
    return [name, handler] as const;
  });
  return Object.fromEntries(handlers);
}

function toJavaScript(struct: unknown): Record<string, unknown> {
  return (struct as { toJavaScript(): Record<string, unknown> } | undefined)?.toJavaScript() ?? {};
}

/** A struct of the same class as one that came over the wire. */
function structLike(sample: unknown, value: object): unknown {
  const { constructor: Struct } = sample as { constructor: { fromJavaScript(value: object): unknown } };
  return Struct.fromJavaScript(value);
}
