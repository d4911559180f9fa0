/** @type {import('prettier').Config} */
export default {
  printWidth: 110,
  tabWidth: 2,
  semi: true,
  singleQuote: true,
  trailingComma: 'all',
  plugins: ['prettier-plugin-svelte'],
  overrides: [{ files: '*.svelte', options: { parser: 'svelte' } }],
};
