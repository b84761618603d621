/** A command line in a page. */
export type PageCommand = {
  /** Without variables before it: `npx pulumi up --refresh` is `npx`, `pulumi`, `up`, `--refresh`. */
  readonly words: readonly string[];
  /** Heading of its section. */
  readonly section: string;
  /** In a block of commands; otherwise in a sentence. */
  readonly inBlock: boolean;
};

const PROGRAMS = /^(npm|npx|sparkify)\b/;

/** The commands of `sparkify`, `npm` and `npx` in a Markdown page, in fenced blocks and in inline code. */
export function commandsOf(page: string): readonly PageCommand[] {
  const commands: PageCommand[] = [];
  let section = '';
  let fenced = false;
  for (const line of inlineCodeJoined(page)) {
    if (line.startsWith('```')) fenced = !fenced;
    else if (fenced) add(line, true);
    else {
      section = /^#+ (.*)$/.exec(line)?.[1] ?? section;
      for (const [, code = ''] of line.matchAll(/`([^`]+)`/g)) add(code, false);
    }
  }
  return commands;

  function add(text: string, inBlock: boolean): void {
    for (const command of text.replace(/ +# .*$/, '').split(' && ')) {
      const words = shellWords(command).filter((word, index, all) => !isVariable(word, all.slice(0, index)));
      if (PROGRAMS.test(words[0] ?? '')) commands.push({ words, section, inBlock });
    }
  }
}

/** Inline code of a page that is one word. */
export function inlineWordsOf(page: string): readonly string[] {
  const prose = page.replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/`([^`\s]+)`/g)].map(([, word = '']) => word);
}

/** Targets of links within the project. */
export function relativeLinksOf(page: string): readonly string[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to).filter((to) => !/^[a-z]+:/.test(to));
}

function isVariable(word: string, before: readonly string[]): boolean {
  return /^[A-Z_]+=/.test(word) && before.every((other) => /^[A-Z_]+=/.test(other));
}

/** Words as a shell would see them; quotes hold spaces together. */
function shellWords(text: string): readonly string[] {
  return [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/['"]/g, ''));
}

/** Lines of the page; inline code that was broken over two lines is put on the first. */
function inlineCodeJoined(page: string): readonly string[] {
  const joined = page.split(/(^```[\s\S]*?^```)/m).map((part) => {
    if (part.startsWith('```')) return part;
    return part.replaceAll(/`[^`]+`/g, (code) => code.replaceAll(/\s*\n\s*/g, ' '));
  });
  return joined.join('').split('\n');
}
