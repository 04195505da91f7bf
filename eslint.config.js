import tseslint from 'typescript-eslint';

/** The core decides from its arguments alone: a clock or a die in it would make a decision unrepeatable. */
const noClockOrChance = {
  'no-restricted-globals': [
    'error',
    { name: 'setTimeout', message: 'The core has no timers; the shell schedules.' },
    { name: 'setInterval', message: 'The core has no timers; the shell schedules.' },
    { name: 'crypto', message: 'Randomness is injected (Random).' },
    { name: 'process', message: 'The core knows no process.' },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Time is an argument of the core.' },
    { object: 'Math', property: 'random', message: 'Randomness is injected (Random).' },
    { object: 'performance', property: 'now', message: 'Time is an argument of the core.' },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: 'Time is an argument of the core.',
    },
  ],
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'device/firmware/build/', '**/*.generated.*'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', '.dependency-cruiser.cjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['shared/**/*.ts', 'gateway/access/**/*.ts'],
    ignores: ['**/generate.ts'],
    rules: noClockOrChance,
  },
  {
    // A browser's globals are not Node's: the pages and their service workers are programs of their own.
    files: ['gateway/web/{pages,display}/**/*.js', 'test/venue/{demo/page,wallet-page}/**/*.js'],
    languageOptions: {
      parserOptions: { projectService: false, project: ['tsconfig.pages.json', 'tsconfig.workers.json'] },
    },
    // It does not see the casts of JSDoc, which say what an answer's JSON is. What is still `any` is seen where it is used.
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  { files: ['*.config.js', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: [
      'gateway/cli/**/*.ts',
      '**/generate.ts',
      'hardware/circuit/check.ts',
      'test/venue/{start,visit}.ts',
      'test/venue/demo/demo.ts',
      'test/bench/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
);
