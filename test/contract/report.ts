import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RuleSeen } from './rules.ts';
import type { ContractSettings } from './settings.ts';

export type CaseResult = { readonly name: string; readonly problem: string | null };

/** What a run has shown. Committed below evidence/, it is what the conformance list of the stand-in calls "seen on". */
export type ContractReport = {
  readonly version: string;
  readonly kind: 'provisioned' | 'serverless' | 'stand-in';
  readonly date: string;
  readonly statements: number;
  readonly cases: readonly CaseResult[];
  readonly rules: Readonly<Record<string, 'seen' | 'refuted'>>;
  /** What the warehouse said, by rule. */
  readonly texts: Readonly<Record<string, string>>;
};

export function rulesOf(seen: readonly RuleSeen[]): Pick<ContractReport, 'rules' | 'texts'> {
  return {
    rules: Object.fromEntries(seen.map(({ id, isSeen }) => [id, isSeen ? 'seen' : 'refuted'])),
    texts: Object.fromEntries(seen.map(({ id, text }) => [id, text])),
  };
}

/** The rules that the warehouse refutes. */
export function refutedBy({ rules }: ContractReport): readonly string[] {
  return Object.entries(rules).flatMap(([id, result]) => (result === 'refuted' ? [id] : []));
}

/** 0 when all cases passed. A cluster may refute a rule, which is a finding; the stand-in has to keep every rule. */
export function exitCodeOf(report: ContractReport): 0 | 1 {
  const isRefuted = report.kind === 'stand-in' && refutedBy(report).length > 0;
  return isRefuted || report.cases.some(({ problem }) => problem !== null) ? 1 : 0;
}

/** The report as text, without accounts, ARNs, hosts, users and names of the place. */
export function reportText(report: ContractReport, { target, bucket }: ContractSettings): string {
  const names = [bucket, target.clusterIdentifier, target.workgroupName, target.dbUser].filter((name) => name !== null);
  const hidden = names.reduce((text, name) => text.replaceAll(name, '…'), JSON.stringify(report, null, 2));
  return `${hidden
    .replaceAll(/arn:aws[\w-]*:[^\s"'\\]*/g, 'arn:…')
    .replaceAll(/\b[\w.-]+\.amazonaws\.com(?:\.cn)?(?::\d+)?/g, '<host>')
    .replaceAll(/\bIAM[AR]?:[^\s"'\\]+/g, 'IAM:…')
    .replaceAll(/\b(?:\d{1,3}\.){3}\d{1,3}\b(?!-)/g, '<host>')
    .replaceAll(/\b\d{12}\b/g, '<account>')}\n`;
}

export function writeReport(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
