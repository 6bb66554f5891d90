/*
 * lists: the search, the favorites and the calls of ana, who has a phone with a
 * dark screen and then a large one, and the calls of the listener lis.
 *
 *	node lists.js '{"url": ..., "shots": ..., "password": ...}'
 *
 * url       the prefix of the pages
 * shots     folder and prefix of the names of screenshots
 * password  of ana and lis
 *
 * Prints JSON: {"wrong": [...]}.
 */
'use strict';

const { enter, finish, inspect, pictureAll, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const people = [];

async function start(is, name, wide) {
	const who = await enter(people, '/app/', name, want.password, {
		is,
		wide,
		dark: !wide,
		wrong,
		url: want.url,
		shots: want.shots,
	});

	await who.page.waitForSelector('nav');
	return who;
}

/* Waits for the picture of lis in a list. */
async function pictured({ page }, list) {
	await page.waitForFunction(
		(s) => document.querySelector(`${s} img[alt="Picture of lis"]`)?.naturalWidth > 0,
		list,
	);
}

/* Waits until the search shows exactly these listeners. */
async function shows({ page }, names) {
	await page.waitForFunction(
		(all) =>
			[...document.querySelectorAll('.person h2')]
				.map((e) => e.textContent)
				.sort()
				.join() === all,
		names.join(),
	);
}

async function search(who) {
	const { page } = who;

	await shows(who, ['bob', 'lis']);
	await pictured(who, '.person');
	const avatars = await page.$$eval('.person .avatar', (all) =>
		all.map((e) => e.tagName).sort(),
	);
	if (avatars.join() !== 'IMG,SPAN') wrong.push(`${who.is}: avatars: ${avatars}`);
	const wrapped = await page.$$eval('.rate', (all) =>
		all
			.filter(
				(e) =>
					e.offsetHeight >=
						2 * parseFloat(getComputedStyle(e).fontSize) ||
					e.scrollWidth > e.clientWidth,
			)
			.map((e) => e.textContent),
	);
	if (wrapped.length > 0) wrong.push(`${who.is}: more than a line: ${wrapped}`);
	await page.waitForSelector('[name=lang] option[value=hi]', { state: 'attached' });
	const options = await page.$$eval('[name=lang] option', (all) =>
		all.map((e) => e.textContent),
	);
	if (options.join() !== 'Any language,English,Hindi')
		wrong.push(`${who.is}: languages: ${options}`);
	await inspect(who, 'search');
	await tab(who, '[name=lang]');
	await page.keyboard.type('Hindi');
	await shows(who, ['lis']);
	await inspect(who, 'hindi');
	await page.keyboard.press('Home');
	await shows(who, ['bob', 'lis']);
	await page.fill('[name=q]', 'हिन्दी');
	await shows(who, ['lis']);
}

async function lists(who) {
	const { page } = who;

	await page.evaluate(() => {
		location.hash = '#/favorites';
	});
	await page.waitForSelector('h1:text("Favorites")');
	await pictured(who, '.person');
	await inspect(who, 'favorites');
	await page.evaluate(() => {
		location.hash = '#/calls';
	});
	await page.waitForSelector('h1:text("Calls")');
	await pictured(who, '.calls');
	await inspect(who, 'calls');
}

/* A call that earned nothing shows no amount. */
async function earnings(who) {
	const { page } = who;

	await page.waitForSelector('.rows a:has-text("ana")');
	if ((await page.$('.rows .sum')) !== null)
		wrong.push(`earned: ${await page.textContent('.rows .sum')}`);
	await inspect(who, 'listening');
}

(async () => {
	for (const wide of [false, true]) {
		const who = await start(wide ? 'desktop' : 'phone', 'ana', wide);

		await search(who);
		await lists(who);
	}
	await earnings(await start('lis', 'lis', false));
})()
	.catch(async (e) => {
		wrong.push(e.stack);
		await pictureAll(people, want.shots);
	})
	.finally(() => finish(people, { wrong }));
