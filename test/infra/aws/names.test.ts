import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrText, parseCidr } from '../../../infra/network/cidr.ts';
import type { Cidr } from '../../../infra/network/cidr.ts';
import { LONGEST_NAMES, namesOf } from '../../../infra/aws/names.ts';
import type { NameOf } from '../../../infra/aws/names.ts';

/** Names that Pulumi takes for a stack: letters, digits, hyphens, underscores and dots, 100 at most. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-'.split('');
const stackName = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 100, size: 'max' });

describe('names of resources', () => {
  it('have the length and the letters that AWS accepts, and begin with the name of the project', () => {
    fc.assert(
      fc.property(stackName, (stack) => {
        for (const [kind, name] of Object.entries(namesOf(stack))) {
          expect(name.length, `${kind} ${name}`).toBeLessThanOrEqual(LONGEST_NAMES[kind as NameOf]);
          expect(name).toMatch(/^sparkify-[a-z0-9]+(-[a-z0-9]+)*$/);
        }
      }),
    );
  });

  it('are the same at every run and differ between stacks', () => {
    fc.assert(
      fc.property(stackName, stackName, (left, right) => {
        expect(namesOf(left)).toEqual(namesOf(left));
        for (const kind of Object.keys(LONGEST_NAMES) as NameOf[]) {
          expect(namesOf(left)[kind] === namesOf(right)[kind]).toBe(left === right);
        }
      }),
    );
  });

  it('contain the full name of the stack where it fits', () => {
    expect(namesOf('dev')).toMatchObject({ queue: 'sparkify-dev-files', cluster: 'sparkify-dev' });
  });

  it('differ for stacks whose names differ only in letters that AWS does not accept', () => {
    expect(namesOf('Dev').queue).not.toBe(namesOf('dev').queue);
    expect(namesOf('a.b').queue).not.toBe(namesOf('a_b').queue);
  });
});

const range: fc.Arbitrary<Cidr> = fc
  .tuple(fc.integer({ min: 8, max: 32 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
  .map(([bits, address]) => ({ bits, first: address - (address % 2 ** (32 - bits)) }));

describe('ranges of addresses', () => {
  it('are parsed back from their own text', () => {
    fc.assert(
      fc.property(range, (cidr) => {
        expect(parseCidr(cidrText(cidr))).toEqual(cidr);
      }),
    );
  });

  it.each(['10.0.0.1/24', '10.0.0.0/33', '256.0.0.0/8', '10.0.0/24', '10.0.0.0', ''])('"%s" is not a range', (text) => {
    expect(parseCidr(text)).toBeNull();
  });
});
