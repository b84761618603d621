import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { namesOf } from '../../infra/aws/names.ts';
import { alarmsOf } from '../../infra/observability/alarms.ts';
import { watchedOf } from '../../infra/observability/watched.ts';
import { ERROR_POLICY } from '../../src/core/verdict.ts';
import { settingsWith } from '../infra/support/settings-source.ts';

const page = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const alarms = alarmsOf(watchedOf(settingsWith(), namesOf('dev')));

type Section = { readonly title: string; readonly text: string };

/** The sections of a chapter, by their headings. */
function sectionsOf(chapter: string): readonly Section[] {
  const [, ...chapters] = page.split(/^## /m);
  const [, ...sections] = (chapters.find((text) => text.startsWith(`${chapter}\n`)) ?? '').split(/^### /m);
  return sections.map((text) => ({ title: text.split('\n', 1)[0] ?? '', text }));
}

const titles = (chapter: string) => sectionsOf(chapter).map(({ title }) => title);
/** Links to codes before the first item of the section. */
const codesOf = ({ text }: Section) => {
  const [head = ''] = text.split('- **See**', 1);
  return [...head.matchAll(/\]\(errors\.md#(\w+)\)/g)].map(([, code = '']) => code);
};

describe('docs/runbook.md', () => {
  it('has a section for each alarm, to which its description leads', () => {
    expect(titles('Alarms')).toEqual(alarms.map(({ key }) => key));
    for (const { description, key } of alarms) expect(description).toMatch(new RegExp(`docs/runbook\\.md#${key}\\.$`));
  });

  it('has each error code in exactly one section, and no section without a code', () => {
    const sections = sectionsOf('Error codes');
    expect(sections.flatMap(codesOf).toSorted()).toEqual(Object.keys(ERROR_POLICY).toSorted());
    expect(sections.filter((section) => codesOf(section).length === 0)).toEqual([]);
  });

  it('has only questions beside alarms and codes', () => {
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(['Alarms', 'Error codes', 'Questions']);
    expect(titles('Questions').filter((title) => !title.endsWith('?'))).toEqual([]);
  });

  it('says in each section what to see, where to look and what to do', () => {
    const sections = ['Alarms', 'Error codes', 'Questions'].flatMap(sectionsOf);
    for (const { text, title } of sections) {
      const steps = [...text.matchAll(/^- \*\*(\w+)\*\*:/gm)].map(([, step]) => step);
      expect(steps, title).toEqual(['See', 'Look', 'Do']);
    }
  });
});
