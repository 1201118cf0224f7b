export default {
  semi: false,
  singleQuote: true,
  bracketSpacing: false,
  printWidth: 120,
  trailingComma: 'all',
  arrowParens: 'always',
}
