/**
 * The rule of `.dockerignore` (Docker docs, "Build context"): patterns in order, the last that matches the path or one of
 * its folders decides, `!` takes in again. Only the wildcards that this project uses: `*` within a name.
 *
 * @returns whether a path of the context, relative and with `/`, is kept out of it.
 */
export function dockerIgnore(source: string): (path: string) => boolean {
  const rules = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const takesIn = line.startsWith('!');
      const pattern = (takesIn ? line.slice(1) : line).replace(/\/$/, '');
      if (/\*\*|[?[\\]/.test(pattern)) throw new Error(`not understood: ${line}`);
      const escaped = pattern.replaceAll(/[.+^$(){}|]/g, String.raw`\$&`).replaceAll('*', '[^/]*');
      return { takesIn, matches: new RegExp(`^${escaped}(/|$)`) };
    });
  return (path) => {
    const last = rules.findLast((rule) => rule.matches.test(path));
    return last !== undefined && !last.takesIn;
  };
}
