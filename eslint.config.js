/**
 * Lint rules. The long list is determinism (docs/architecture.md): below `src/cli` nothing may read a clock, the machine, a locale,
 * chance, or a function whose last bit differs between engines. The rest holds files and functions to a size one can read.
 */
import tseslint from 'typescript-eslint';

const SOURCES = ['src/**/*.ts', 'src/**/*.tsx'];
const CLI = ['src/cli/**/*.ts'];
/** Runs in a browser: it may ask the clock and wait, as what a person does. */
const VIEWER = ['src/viewer/**/*.ts', 'src/viewer/**/*.tsx'];

const INEXACT_MATH = [
  ...['random', 'pow', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'cbrt', 'hypot'],
  ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh'],
];
const LOCALE_METHODS = [
  ...['localeCompare', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase'],
  ...['toLocaleDateString', 'toLocaleTimeString'],
];
const MACHINE_GLOBALS = [
  ...['Date', 'performance', 'Intl', 'crypto', 'process', 'Buffer', 'globalThis', 'console', 'fetch', 'navigator'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'],
  ...['Promise', 'require', 'WeakRef', 'FinalizationRegistry'],
];

const banned = (why) => (name) => ({ name, message: why });
const bannedSyntax = (selector, message) => ({ selector, message });

const NO_DEFAULT_EXPORT = bannedSyntax('ExportDefaultDeclaration', 'Name what a file exports.');
const NO_DEFAULT_RENAME = bannedSyntax("ExportSpecifier[exported.name='default']", 'Name what a file exports.');
const NONDETERMINISTIC_SYNTAX = [
  bannedSyntax("BinaryExpression[operator='**']", '`**` differs between engines: multiply, or use a table.'),
  bannedSyntax("AssignmentExpression[operator='**=']", '`**=` differs between engines: multiply, or use a table.'),
  bannedSyntax('ForInStatement', 'Keys that look like integers come first, whatever the order of insertion.'),
  bannedSyntax('AwaitExpression', 'Nothing below cli waits: events are data.'),
  bannedSyntax(':function[async=true]', 'Nothing below cli waits: events are data.'),
  bannedSyntax('ForOfStatement[await=true]', 'Nothing below cli waits: events are data.'),
  bannedSyntax('ImportExpression', 'Modules load statically below cli.'),
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'reports/', '.reconverge/'] },
  {
    files: [...SOURCES, 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', '*.ts'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: SOURCES,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Numbers would sort as text. Typed arrays sort by value and are not meant.
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: false }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_DEFAULT_RENAME],
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      complexity: ['warn', { max: 15 }],
      'max-params': ['warn', { max: 5 }],
    },
  },
  {
    files: SOURCES,
    ignores: [...CLI, ...VIEWER],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        ...MACHINE_GLOBALS.map(banned('Below cli a run is a pure function of its plan.')),
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['node:*'], message: 'Only cli touches the machine; the core also runs in a browser.' }],
        },
      ],
      'no-restricted-properties': [
        'error',
        ...INEXACT_MATH.map((property) => ({
          object: 'Math',
          property,
          message: 'Differs between runs or engines: use the kernel’s draws, a table or exact operations.',
        })),
        ...LOCALE_METHODS.map((property) => ({ property, message: 'Depends on the locale of the machine.' })),
      ],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_DEFAULT_RENAME, ...NONDETERMINISTIC_SYNTAX],
    },
  },
  {
    // Only cli and the viewer have promises; one that nobody waits for loses its error.
    files: [...CLI, ...VIEWER],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
);
