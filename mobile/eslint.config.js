const expo = require('eslint-config-expo/flat');

module.exports = [
  ...expo,
  { ignores: ['dist/', 'ios/', 'android/', 'src/api/schema.ts'] },
  {
    files: ['**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      // `fc.assert` is how fast-check is meant to be used.
      'import/no-named-as-default-member': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      // Physical sides do not mirror in right-to-left layouts.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "Property[key.name=/^(marginLeft|marginRight|paddingLeft|paddingRight|left|right|borderLeftWidth|borderRightWidth)$/]",
          message: 'Use the logical property (marginStart, paddingEnd, start, …), which mirrors.',
        },
      ],
    },
  },
];
