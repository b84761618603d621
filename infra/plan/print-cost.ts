#!/usr/bin/env node
/**
 * Writes the tables of docs/cost.md anew: `npm run cost`. The bill of a stack of yours is its output `monthlyCost`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { costPage } from './cost/cost-page.ts';

const page = new URL('../../docs/cost.md', import.meta.url);
writeFileSync(page, costPage(readFileSync(page, 'utf8')));
process.stdout.write('docs/cost.md is up to date\n');
