import { basename } from 'node:path';
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/tests/**', '**/testing/**', '**/fixtures/**'];
// Entry points that only wire may read it too; the server in front of the built web app sets it for adapter-node.
const environmentReaders = [
  '**/*.config.{ts,js}',
  'supabase/functions/*/index.ts',
  'web/node-server*.{ts,js}',
];
const providerAware = [
  'packages/providers/**',
  'packages/carrier-simulator/**',
  'packages/local-stack/**',
  'packages/bench/**',
  'supabase/seed/**',
];

/** File names are read before their content: kebab-case, components in PascalCase, and never a word that says nothing. */
const fileName = {
  meta: { type: 'suggestion', schema: [] },
  create: (context) => ({
    Program(node) {
      const [stem, ...suffixes] = basename(context.filename).split('.');
      // `+page.svelte` and the like are SvelteKit's; `vite.config.ts` and friends belong to their tools.
      if (stem.startsWith('+') || stem === '') return;
      const isComponent = suffixes.length === 1 && suffixes[0] === 'svelte';
      const shape = isComponent ? /^[A-Z][A-Za-z0-9]*$/ : /^[a-z0-9]+(-[a-z0-9]+)*$/;
      if (!shape.test(stem)) {
        const wanted = isComponent ? 'PascalCase' : 'kebab-case';
        context.report({ node, message: `Rename this file: ${wanted}, like its neighbours.` });
      }
      if (/(^|-)(managers?|helpers?|utils?|utilities|common|misc)(-|$)/i.test(stem)) {
        context.report({ node, message: 'Name the file after what it does (see docs/glossary.md).' });
      }
    },
  }),
};

const always = [
  {
    selector:
      'CallExpression[callee.object.name=/^(it|test|describe)$/][callee.property.name=/^(only|skip|todo|fails)$/]',
    message: 'A test that does not run proves nothing: finish it, or delete it.',
  },
  {
    selector:
      ':matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression)' +
      '[source.value=/^\\.{1,2}\\u002f(?!.*(\\.(ts|js|mjs|svelte|json|css|html)(\\?\\w+)?|\\$types)$)/]',
    message: 'Write the file extension (.ts): the source runs unbuilt in Node and Deno.',
  },
];
const noEnvironment = [
  {
    selector:
      'MemberExpression[property.name="env"]:matches([object.name=/^(process|Deno)$/], [object.type="MetaProperty"])',
    message: 'Parse the environment once in config.ts and pass the value in.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?process$/] ImportSpecifier[imported.name="env"]',
    message: 'Parse the environment once in config.ts and pass the value in.',
  },
];
const noProviders = [
  'Identifier[name=/twilio|telnyx/i]',
  'Literal[value=/twilio|telnyx/i]',
  'TemplateElement[value.raw=/twilio|telnyx/i]',
].map((selector) => ({
  selector,
  message: 'What knows a carrier lives in packages/providers; ask its port for what you need.',
}));

// One rule holds every forbidden syntax, and a later block's options replace an earlier one's: so each names all of its own.
const restrictSyntax = (...groups) => ({ 'no-restricted-syntax': ['error', ...always, ...groups.flat()] });

const outerFolders = {
  group: [
    '@threadline/web',
    '@threadline/web/*',
    '@threadline/worker',
    '@threadline/worker/*',
    '**/web/src/**',
    '**/worker/src/**',
    '**/supabase/functions/**',
  ],
  message:
    'Imports point inward: web, worker and functions import packages. Move what both need into a package.',
};
const byPath = {
  regex:
    '^(\\.\\./)+(.*/)?(packages|messaging|providers|database|client|carrier-simulator|local-stack)/(.*/)?src/',
  message: 'Import another package by its name, @threadline/<package>.',
};
const restrictImports = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns: [byPath, ...patterns] }],
});

export default defineConfig(
  globalIgnores([
    '**/node_modules/',
    '**/.svelte-kit/',
    '**/.threadline/',
    '**/build/',
    '**/dist/',
    '**/coverage/',
    'supabase/.temp/',
    'packages/database/src/types.ts',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,ts,svelte}'],
    extends: [js.configs.recommended],
    plugins: { threadline: { rules: { 'file-name': fileName } } },
    languageOptions: { globals: globals.node },
    rules: {
      'threadline/file-name': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 80 }],
      ...restrictSyntax(noEnvironment, noProviders),
      ...restrictImports(),
    },
  },
  {
    files: ['**/*.{ts,svelte}'],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // The compiler finds these itself, with the library of each project.
      'no-undef': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [svelte.configs.recommended, svelte.configs.prettier],
    languageOptions: { parserOptions: { parser: ts.parser }, globals: globals.browser },
    rules: {
      'svelte/max-lines-per-block': ['error', { script: 100, skipBlankLines: false, skipComments: false }],
      'svelte/block-lang': ['error', { script: 'ts' }],
      // State is replaced, not mutated ($state.raw); a Map that lives inside one function needs no reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
      // The app lives at the root of its origin.
      'svelte/no-navigation-without-resolve': 'off',
      // The block limit above is the one that counts: a component's script is one "function" to the other rule.
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['packages/*/src/**', 'worker/src/**', 'web/src/**', 'supabase/functions/**'],
    ignores: [
      ...tests,
      '**/commands/**',
      'packages/local-stack/**',
      '**/logger.ts',
      '**/main.ts',
      'web/src/hooks.server.ts',
    ],
    rules: { 'no-console': 'error' },
  },
  { files: ['packages/**'], rules: restrictImports(outerFolders) },
  {
    files: ['packages/messaging/src/**'],
    ignores: tests,
    rules: {
      ...restrictImports(outerFolders, {
        regex: '^(@threadline/|node:|npm:|jsr:|https?:)',
        message: 'packages/messaging is the pure domain: no I/O, nothing of ours, so that it runs anywhere.',
      }),
      'no-restricted-globals': [
        'error',
        ...[
          'process',
          'Buffer',
          'Deno',
          'window',
          'document',
          'fetch',
          'setTimeout',
          'setInterval',
          'console',
        ].map((name) => ({
          name,
          message: 'packages/messaging is the pure domain: no I/O, so that it runs anywhere.',
        })),
      ],
    },
  },
  { files: environmentReaders, rules: restrictSyntax(noProviders) },
  { files: providerAware, rules: restrictSyntax(noEnvironment) },
  { files: ['eslint.config.js', '**/config.ts', ...tests], rules: restrictSyntax() },
  {
    files: tests,
    rules: {
      // A describe block is a list of tests, not a function; fakes promise without waiting; fixtures assert their shape.
      'max-lines-per-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `expect.any(String)` and its kin are typed any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // Tests spell out characters one by one, by code point, on purpose.
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
);
