import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { FORBIDDEN_PHRASES } from './test/docs/plain-words.ts';

// Four rules decide here: no floating or misused promises, exhaustive switches, and `return await` inside try.
// The size limits keep every file one thing; a file that needs more is two files.
export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.sparkify/', 'coverage/', '.stryker-tmp/', '**/*.js', '**/*.cjs'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/return-await': ['error', 'always'],
      // `type` and `interface` both read well; numbers and booleans in messages are what an operator wants to see.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['test/**', 'packages/*/test/**', 'bench/**', 'simulation/**', 'mutation/**'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Strings that people read. For a quotation of another program:
    // eslint-disable-next-line no-restricted-syntax -- quote: where it comes from
    files: ['src/**', 'packages/*/src/**', 'infra/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...FORBIDDEN_PHRASES.map(({ pattern, instead }) => ({
          selector: `:matches(Literal[value=/${pattern}/i], TemplateElement[value.raw=/${pattern}/i])`,
          message: `Use plain words (test/docs/plain-words.ts). Instead: ${instead}.`,
        })),
      ],
    },
  },
);
