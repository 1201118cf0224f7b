import js from '@eslint/js'
import tseslint from 'typescript-eslint'

const OUTSIDE_ROOMS = [
  {object: 'Date', property: 'now', message: 'Ask the clock of the kit (base/clock).'},
  {object: 'Math', property: 'random', message: 'Ask the seeded random of the kit (base/random).'},
  {object: 'process', property: 'exit', message: 'Return, and let cli set the exit code.'},
]

const NODE_GLOBALS = [
  'AbortController',
  'Buffer',
  'URL',
  'console',
  'module',
  'performance',
  'process',
  'setImmediate',
  'setTimeout',
]

export default tseslint.config(
  {ignores: ['dist/', 'node_modules/', '.tmp/']},
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {parserOptions: {project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname}},
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        {ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true},
      ],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_'}],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': ['error', ...OUTSIDE_ROOMS],
      'max-lines': ['error', {max: 200, skipBlankLines: true, skipComments: true}],
      'max-lines-per-function': ['error', {max: 40, skipBlankLines: true, skipComments: true}],
      'max-params': ['error', 4],
      complexity: ['error', 10],
      'no-restricted-exports': ['error', {restrictDefaultExports: {direct: true, named: true, defaultFrom: true}}],
    },
  },
  {
    files: ['src/commands/**/*.ts'],
    rules: {
      'max-lines': ['error', {max: 60, skipBlankLines: true, skipComments: true}],
      'no-restricted-exports': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly']))},
  },
)
