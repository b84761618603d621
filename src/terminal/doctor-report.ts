import { styleText } from 'node:util';
import type { Finding, FindingLevel } from '../doctor/findings.ts';
import { columnsOf, wrapped } from './width.ts';

const LEVEL: Readonly<Record<FindingLevel, { readonly word: string; readonly style: 'green' | 'yellow' | 'red' }>> = {
  ok: { word: 'ok      ', style: 'green' },
  warning: { word: 'warning ', style: 'yellow' },
  failed: { word: 'FAILED  ', style: 'red' },
};

/** One finding a line; a sentence that is too long continues below its beginning. */
export function renderDoctor(findings: readonly Finding[], width = columnsOf(process.stdout)): string {
  const stream = process.stdout;
  const lines = findings.map(({ check, level, sentence }) => {
    const { style, word } = LEVEL[level];
    const indent = ' '.repeat(word.length);
    const text = wrapped(`${check}: ${sentence}`, width - indent.length).replaceAll('\n', `\n${indent}`);
    return `${styleText(style, word, { stream })}${text}`;
  });
  const count = (level: FindingLevel): number => findings.filter((finding) => finding.level === level).length;
  const verdict = `${count('ok')} ok, ${count('warning')} warnings, ${count('failed')} failed`;
  return `${[...lines, '', verdict].join('\n')}\n`;
}
