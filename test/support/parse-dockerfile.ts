/** One instruction: `COPY --from=build /app/dist/ dist/` is `COPY`, `{ from: 'build' }`, `/app/dist/ dist/`. */
export type Instruction = {
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  /** The rest, continuation lines joined, `ARG`s from before the first `FROM` filled in. */
  readonly text: string;
  /** The words of a list form (`["node", "x"]`), `null` for every other form. */
  readonly list: readonly string[] | null;
};

export type Stage = {
  /** The image or the stage it begins with. */
  readonly base: string;
  readonly name: string | null;
  /** Without `FROM`. */
  readonly instructions: readonly Instruction[];
};

/**
 * Reads a Dockerfile as far as this project uses its language (Dockerfile reference, docs.docker.com): comments,
 * continuation lines, global `ARG`s, flags, list forms.
 *
 * @throws Error for what it does not know, so that a rule never passes because a line was not understood.
 */
export function parseDockerfile(source: string): readonly Stage[] {
  const globals: Record<string, string> = {};
  const stages: { base: string; name: string | null; instructions: Instruction[] }[] = [];
  for (const line of logicalLines(source)) {
    const instruction = parseInstruction(line, globals);
    const stage = stages.at(-1);
    if (instruction.name === 'FROM') {
      const [base = '', as, name] = instruction.text.split(/\s+/);
      if (as !== undefined && as.toUpperCase() !== 'AS') throw new Error(`not understood: ${line}`);
      stages.push({ base, name: name ?? null, instructions: [] });
    } else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.name === 'ARG') {
      const [name = '', value = ''] = instruction.text.split(/=(.*)/s);
      globals[name] = value;
    } else throw new Error(`before the first FROM there may be ARG only: ${line}`);
  }
  return stages;
}

/** What `ENTRYPOINT`, `CMD` or `HEALTHCHECK` is in the image: the last one of the last stage holds. */
export function lastList(stages: readonly Stage[], name: string): readonly string[] {
  return stages.at(-1)?.instructions.findLast((instruction) => instruction.name === name)?.list ?? [];
}

/** The variables that an `ENV` sets. */
export function variables({ text }: Instruction): Readonly<Record<string, string>> {
  const pairs = text.split(/\s+/).map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]);
  return Object.fromEntries(pairs);
}

const KNOWN = new Set(
  'FROM ARG LABEL ENV WORKDIR COPY ADD RUN USER EXPOSE HEALTHCHECK ENTRYPOINT CMD VOLUME STOPSIGNAL SHELL'.split(' '),
);

function parseInstruction(line: string, globals: Readonly<Record<string, string>>): Instruction {
  const [, name = '', body = ''] = /^([A-Za-z]+)\s+(.*)$/s.exec(line) ?? [];
  if (!KNOWN.has(name.toUpperCase())) throw new Error(`not understood: ${line}`);
  const flags: Record<string, string> = {};
  let text = body;
  for (let flag = FLAG.exec(text); flag !== null; flag = FLAG.exec(text)) {
    flags[flag[1] ?? ''] = flag[2] ?? '';
    text = text.slice(flag[0].length);
  }
  text = text.replaceAll(/\$\{(\w+)\}/g, (whole, variable: string) => globals[variable] ?? whole);
  const listed = /\[.*\]$/s.exec(text);
  const list = listed === null ? null : (JSON.parse(listed[0]) as string[]);
  return { name: name.toUpperCase(), flags, text, list };
}

const FLAG = /^--([a-z-]+)=(\S+)\s+/;

function logicalLines(source: string): readonly string[] {
  const kept = source.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return kept
    .join('\n')
    .replaceAll(/\\[ \t]*\n\s*/g, '')
    .split('\n');
}
