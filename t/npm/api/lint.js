/*
 * lint: checks an OpenAPI document with redocly and the rules of lint.yaml.
 *
 *	node lint.js FILE
 *
 * Prints at most 40 problems. Exits with 1 if there are problems. @redocly/cli
 * does the same, but its other commands depend on 117 more packages.
 */
import { formatProblems, getTotals, lint, loadConfig } from '@redocly/openapi-core';

const config = await loadConfig({ configPath: 'lint.yaml' });
const problems = await lint({ ref: process.argv[2], config });

formatProblems(problems, {
	format: 'stylish',
	maxProblems: 40,
	totals: getTotals(problems),
});
process.exitCode = problems.length > 0 ? 1 : 0;
