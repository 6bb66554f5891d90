/*
 * app_pages: all pages of /app/, as main.js lists them: those of a customer for
 * ana, and those of a listener for lis.
 *
 *	node app_pages.js '{"url": ..., "shots": ..., "password": ..., "args": ...}'
 *
 * url       the prefix of the pages
 * shots     folder and prefix of the names of screenshots
 * password  of both users
 * args      {page: id}: the ids of pages that show one thing
 *
 * Prints JSON: {"seen": [page, ...], "wrong": [...]}.
 */
'use strict';

const { enter, finish, inspect, pictureAll } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const seen = [];
const people = [];

/* Returns {page: role}; the role is undefined for pages of all users. */
async function pagesOf() {
	const text = await (await fetch(`${want.url}/app/main.js`)).text();
	const table = /const pages = \{\n(.*?)\n\};/s.exec(text)[1];

	return Object.fromEntries(
		table
			.split('\n')
			.map((line) => [
				/^\t(\w+): \{/.exec(line)[1],
				/role: '(\w+)'/.exec(line)?.[1],
			]),
	);
}

async function walk(name, pages) {
	const who = await enter(people, '/app/', name, want.password, {
		is: name,
		wrong,
		url: want.url,
		shots: want.shots,
		full: true,
	});
	const { page } = who;

	await page.waitForSelector('nav');
	for (const one of pages) {
		const arg = want.args[one];

		await page.goto(`${want.url}/app/#/${one}${arg === undefined ? '' : `/${arg}`}`);
		await page.waitForSelector('main h1');
		await page.waitForLoadState('networkidle');
		const text = await page.innerText('main');
		const odd = text.match(/undefined|\[object|NaN|Invalid Date|Try again/);
		if (odd !== null) wrong.push(`${one}: ${odd}`);
		await inspect(who, one);
		seen.push(one);
	}
}

async function main() {
	const pages = await pagesOf();
	const names = Object.keys(pages);

	await walk(
		'ana',
		names.filter((one) => pages[one] !== 'listener'),
	);
	await walk(
		'lis',
		names.filter((one) => pages[one] === 'listener'),
	);
}

main()
	.catch(async (e) => {
		wrong.push(e.stack);
		await pictureAll(people, want.shots);
	})
	.finally(() => finish(people, { seen, wrong }));
