/* The rules of the linter for the pages (nginx/html), tests and tools. */
'use strict';

const js = require('@eslint/js');
const globals = require('globals');

module.exports = [
	js.configs.recommended,
	{
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			eqeqeq: 'error',
			'no-eval': 'error',
			'no-implied-eval': 'error',
			'no-shadow': 'error',
			'no-unused-vars': ['error', { caughtErrors: 'all' }],
			'no-use-before-define': ['error', { functions: false, variables: false }],
			'no-var': 'error',
			'prefer-const': 'error',
		},
	},
	{
		files: ['nginx/html/**/*.js'],
		languageOptions: {
			sourceType: 'module',
			globals: globals.browser,
		},
	},
	{
		files: ['t/**/*.js', 'tools/*.js'],
		languageOptions: {
			sourceType: 'commonjs',
			globals: { ...globals.node, ...globals.browser },
		},
	},
	{
		files: ['t/npm/api/*.js'],
		languageOptions: { sourceType: 'module' },
	},
];
