/*
 * flyers: the page of flyers. ana, who has a phone with a dark screen, publishes
 * two and uploads an image for each; ben, who has a large screen, reads them.
 *
 *	node flyers.js '{"url": ..., "shots": ..., "password": ..., "picture": ...}'
 *
 * url       the prefix of the pages
 * shots     folder and prefix of the names of screenshots
 * password  of ana and ben
 * picture   a file for the images
 *
 * Prints JSON: {"wrong": [...]}.
 */
'use strict';

const { enter, finish, inspect, pictureAll, press, tab, toasted } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const people = [];

/* Signs in and walks to the page of flyers. */
async function start(name, wide) {
	const who = await enter(people, '/app/', name, want.password, {
		is: name,
		wide,
		dark: !wide,
		wrong,
		url: want.url,
		shots: want.shots,
	});

	await press(who, '.me', 90);
	await press(who, '[data-part=flyers] a', 90);
	await who.page.waitForSelector('h1:text("Flyers")');
	return who;
}

async function publish(who, title, category) {
	const { page } = who;

	await press(who, 'details summary', 40);
	await tab(who, '[name=title]', 40);
	await page.keyboard.type(title);
	await tab(who, '[name=category]', 40);
	await page.keyboard.type(category);
	await inspect(who, 'publish');
	await page.keyboard.press('Enter');
	await toasted(who, 'Your flyer was published');
	await page.waitForSelector(`.flyer h2:text("${title}")`);
}

/* Waits until the flyer has an image, or has none. */
async function pictured({ page }, id, is) {
	await page.waitForFunction(
		([s, some]) => {
			const img = document.querySelector(s);

			return some ? img?.naturalWidth > 0 : img === null;
		},
		[`[data-flyer="${id}"] img`, is],
	);
}

async function upload(who, id) {
	const { page } = who;
	const [chooser] = await Promise.all([
		page.waitForEvent('filechooser'),
		press(who, `[data-flyer="${id}"] [data-do=image]`, 60),
	]);

	await chooser.setFiles(want.picture);
	await toasted(who, 'Your image was changed');
	await pictured(who, id, true);
}

(async () => {
	const ana = await start('ana', false);

	await ana.page.waitForSelector('.empty');
	await inspect(ana, 'empty');
	await publish(ana, 'Jazz on the square', 'Music');
	await upload(ana, 1);
	await publish(ana, `Rindfleisch${'etikettierung'.repeat(6)}`, '');
	await upload(ana, 2);
	await inspect(ana, 'images');
	await press(ana, '[data-flyer="2"] .btn-link', 60);
	await toasted(ana, 'Your image was removed');
	await pictured(ana, 2, false);
	await ana.page.waitForFunction(() => document.activeElement.matches('[data-do=image]'));
	await inspect(ana, 'removed');

	const ben = await start('ben', true);

	await pictured(ben, 1, true);
	if ((await ben.page.$('[data-do=image]')) !== null)
		wrong.push('ben can change an image of ana');
	await press(ben, '[data-flyer="1"] .heart', 40);
	await ben.page.waitForSelector('[data-flyer="1"] .heart[aria-pressed=true]');
	await inspect(ben, 'list');
	await tab(ben, '[type=search]', 40);
	await ben.page.keyboard.type('jazz');
	await ben.page.waitForFunction(() => document.querySelectorAll('.flyer').length === 1);
	await inspect(ben, 'found');
})()
	.catch(async (e) => {
		wrong.push(e.stack);
		await pictureAll(people, want.shots);
	})
	.finally(() => finish(people, { wrong }));
