import type { Resource, Run } from './run-program.ts';

/** Resources whose type, such as `aws:ec2/vpc:Vpc`, matches. */
export function ofType(run: Run, type: RegExp): readonly Resource[] {
  return run.resources.filter((it) => type.test(it.type));
}

/** The one resource of this name, and of this type where several kinds share the name. */
export function named(run: Run, name: string, type = /./): Resource {
  const [found, ...others] = ofType(run, type).filter((it) => it.name === name);
  if (found === undefined || others.length > 0)
    throw new Error(`${found ? 'several' : 'no'} resources are named ${name}`);
  return found;
}

/** Names of what a resource waits for. */
export function dependencies(run: Run, name: string, type?: RegExp): readonly string[] {
  return named(run, name, type).dependencies.map((urn) => urn.split('::').at(-1) ?? '');
}
