/*
 * flyers: the pages of flyers. ana, who has a phone with a dark screen, publishes
 * two, uploads images, edits one and deletes one; ben, who has a large screen,
 * searches and saves them, and reports one; mia, a moderator, removes an image
 * and deletes two flyers in the console, one of them because of the report.
 *
 *	node flyers.js '{"url": ..., "shots": ..., "password": ..., "picture": ...}'
 *
 * url       the prefix of the pages
 * shots     folder and prefix of the names of screenshots
 * password  of ana, ben and mia
 * picture   a file for the images
 * outside   the id of a flyer with an image on another server
 * large     the same, with more bytes than the server accepts
 * invalid   a file that large which is not a picture
 * text      a file that the server rejects
 *
 * Prints JSON: {"wrong": [...]}.
 */
'use strict';

const { enter, finish, inspect, pictureAll, press, tab, toasted } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const people = [];

function signIn(name, path, wide, more) {
	return enter(people, path, name, want.password, {
		is: name,
		wide,
		dark: !wide,
		wrong,
		url: want.url,
		shots: want.shots,
		...more,
	});
}

/* Signs in and walks to the page of flyers. */
async function start(name, wide, permissions) {
	const who = await signIn(name, '/app/', wide, {
		permissions,
		expected: (m) => /400|415/.test(m.text()),
	});

	await press(who, '.me', 90);
	await press(who, '[data-part=flyers] a', 90);
	await who.page.waitForSelector('h1:text("Flyers")');
	return who;
}

async function type(who, selector, text) {
	await tab(who, selector, 60);
	await who.page.keyboard.press('Control+a');
	await who.page.keyboard.type(text);
}

/* Waits until an element that the selector matches has the focus. */
async function focused({ page }, selector) {
	await page.waitForFunction((s) => document.activeElement.matches(s), selector);
}

/* Waits until the list shows exactly these flyers, in any order. */
async function shows({ page }, ids) {
	await page.waitForFunction(
		(all) =>
			[...document.querySelectorAll('.flyer')]
				.map((e) => e.dataset.flyer)
				.sort()
				.join() === all,
		ids.map(String).sort().join(),
	);
}

async function publish(who, title, category) {
	const { page } = who;

	await press(who, 'details summary', 40);
	await type(who, '[name=title]', title);
	await type(who, 'details [name=category]', category);
	await inspect(who, 'publish');
	await page.keyboard.press('Enter');
	await toasted(who, 'Your flyer was published');
	await page.waitForSelector(`.flyer h2:text("${title}")`);
	return page.$eval('.flyer', (e) => Number(e.dataset.flyer));
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

async function choose(who, id, file, message) {
	const { page } = who;
	const [chooser] = await Promise.all([
		page.waitForEvent('filechooser'),
		press(who, `[data-flyer="${id}"] [data-do=image]`, 60),
	]);

	await chooser.setFiles(file);
	await toasted(who, message);
}

async function upload(who, id, file) {
	await choose(who, id, file, 'Your image was changed');
	await pictured(who, id, true);
}

/* Edits all members of a flyer. The cursor is in Budapest. */
async function edit(who, id) {
	const { page } = who;
	const card = `[data-flyer="${id}"]`;

	await press(who, `${card} [data-do=edit]`, 60);
	await focused(who, '[name=title]');
	await press(who, `${card} [data-do=cancel]`, 60);
	await focused(who, `${card} [data-do=edit]`);
	await page.keyboard.press('Enter');
	await focused(who, '[name=title]');
	await page.keyboard.press('Control+a');
	await page.keyboard.type('Jazz in the garden');
	await type(who, `${card} [name=description]`, 'Three bands.\nFree entry.');
	await type(who, `${card} [name=address]`, 'Kossuth tér 1');
	await press(who, `${card} [data-do=position]`, 60);
	await page.waitForFunction(
		(s) => document.querySelector(s).value === '47.50700, 19.04570',
		`${card} [name=place]`,
	);
	await page.fill(`${card} [name=valid_from]`, '2030-06-01T18:00');
	await page.fill(`${card} [name=valid_until]`, '2030-05-01T18:00');
	await inspect(who, 'edit');
	await press(who, `${card} [type=submit]`, 60);
	await toasted(who, 'must not be before valid_from');
	await page.fill(`${card} [name=valid_until]`, '2030-06-01T23:00');
	await press(who, `${card} [type=submit]`, 60);
	await toasted(who, 'Your flyer was changed');
	await page.waitForSelector(`${card} h2:text("Jazz in the garden")`);
	await focused(who, `${card} [data-do=edit]`);
	await inspect(who, 'edited');
}

/* Deletes a flyer. The first time, the dialog is canceled. */
async function remove(who, id, neighbor) {
	const { page } = who;

	await press(who, `[data-flyer="${id}"] [data-do=delete]`, 60);
	await page.waitForSelector('dialog[open]');
	await inspect(who, 'delete');
	await page.keyboard.press('Escape');
	await page.waitForSelector('dialog', { state: 'detached' });
	await focused(who, `[data-flyer="${id}"] [data-do=delete]`);
	await page.keyboard.press('Enter');
	await press(who, 'dialog [data-do=confirm]');
	await toasted(who, 'Your flyer was deleted');
	await page.waitForSelector(`[data-flyer="${id}"]`, { state: 'detached' });
	await focused(who, `[data-flyer="${neighbor}"] button`);
}

async function publisher() {
	const ana = await start('ana', false, ['geolocation']);

	await ana.page.context().setGeolocation({ latitude: 47.507, longitude: 19.0457 });
	await ana.page.waitForSelector('.flyer');
	const jazz = await publish(ana, 'Jazz on the square', 'Music');
	await upload(ana, jazz, want.picture);
	const long = await publish(ana, `Rindfleisch${'etikettierung'.repeat(6)}`, '');
	await upload(ana, long, want.large);
	await inspect(ana, 'images');
	await choose(ana, long, want.invalid, 'more than 12 MiB and cannot be made smaller');
	await choose(ana, long, want.text, 'must be JPEG, PNG or WebP. Choose another');
	await pictured(ana, long, true);
	await press(ana, `[data-flyer="${long}"] .btn-link`, 60);
	await toasted(ana, 'Your image was removed');
	await pictured(ana, long, false);
	await focused(ana, '[data-do=image]');
	await edit(ana, jazz);
	await remove(ana, long, jazz);
	return jazz;
}

/* A picture of another server is not requested. */
async function outside({ page }) {
	const link = page.locator(`[data-flyer="${want.outside}"] .elsewhere a`);

	if (
		(await link.getAttribute('href')) !== 'https://pictures.example/poster.jpg' ||
		(await link.getAttribute('target')) !== '_blank' ||
		!(await link.getAttribute('rel')).includes('noreferrer')
	)
		wrong.push('no link to the picture of another server');
	await page.waitForSelector('.elsewhere:has-text("Picture on pictures.example")');
}

async function reader(jazz) {
	const ben = await start('ben', true);
	const { page } = ben;

	await pictured(ben, jazz, true);
	if ((await page.$('[data-do=image], [data-do=edit]')) !== null)
		wrong.push('ben can change a flyer of ana');
	await outside(ben);
	await report(ben, want.outside);
	await press(ben, `[data-flyer="${jazz}"] .heart`, 60);
	await page.waitForSelector(`[data-flyer="${jazz}"] .heart[aria-pressed=true]`);
	await inspect(ben, 'list');
	await type(ben, '[type=search]', 'jazz');
	await shows(ben, [jazz]);
	await inspect(ben, 'found');
	await type(ben, '[type=search]', ' ');
	await type(ben, '.tools [name=category]', 'none');
	await page.waitForSelector('.people .empty');
	await inspect(ben, 'empty');
	await type(ben, '.tools [name=category]', 'music');
	await shows(ben, [jazz]);
	await press(ben, '.tools [data-do=position]', 60);
	await toasted(ben, 'Your position is not available');
	/* About 1.1 km north of the flyer. */
	await type(ben, '[name=near]', '47.517, 19.0457');
	await page.keyboard.press('Tab');
	await page.waitForSelector(`[data-flyer="${jazz}"] p:has-text("1.1 km away")`);
	await inspect(ben, 'near');
	await tab(ben, '[name=radius_km]', 60);
	await page.keyboard.press('Home');
	await page.waitForSelector('.people .empty');
}

/* Reports the flyer of another user. */
async function report(who, id) {
	await press(who, `[data-flyer="${id}"] .safety`, 90);
	await who.page.waitForSelector('dialog h2:text("Report Flea market")');
	await inspect(who, 'report');
	await tab(who, 'dialog textarea');
	await who.page.keyboard.type('The market does not exist.');
	await press(who, 'dialog form button[type=submit]');
	await toasted(who, 'Your report was sent. The publisher is not told');
	await who.page.waitForSelector('dialog', { state: 'detached' });
}

/* Presses a button of the first row, and confirms. */
async function decide(who, selector, text) {
	await press(who, selector, 90);
	await who.page.waitForSelector('dialog[open]');
	await inspect(who, 'decide');
	await press(who, 'dialog [type=submit]');
	await toasted(who, text);
	await who.page.waitForSelector('dialog', { state: 'detached' });
}

async function moderator(jazz) {
	const mia = await signIn('mia', '/console/', false, { least: 24 });
	const { page } = mia;

	await press(mia, '.menu', 40);
	await press(mia, '[data-page=flyers]', 90);
	await page.waitForSelector('main tbody tr:nth-child(2)');
	await page.waitForFunction(() => document.querySelector('td img')?.naturalWidth > 0);
	await page.waitForSelector('td .elsewhere');
	await inspect(mia, 'console');
	await page.fill('[name=q]', 'jazz');
	await page.waitForSelector('.total:text("1 in total")');
	await decide(
		mia,
		'main tbody .acts button:first-child',
		`The picture of flyer #${jazz} was removed`,
	);
	await page.waitForSelector('td img', { state: 'detached' });
	await decide(mia, 'main tbody .acts .danger', `Flyer #${jazz} was deleted`);
	await page.waitForSelector('text=No flyers match.');
	await page.fill('[name=q]', '');
	await page.waitForSelector('td .elsewhere');
	await press(mia, '.menu', 40);
	await press(mia, '[data-page=reports]', 90);
	await page.waitForSelector('main td a:text("Flea market")');
	await inspect(mia, 'reports');
	await decide(mia, 'main tbody .acts button:nth-child(2)', 'The flyer was deleted');
	await page.waitForSelector('text=No reports match.');
	await page.selectOption('select[name=status]', 'closed');
	await page.waitForSelector(`main td :text("Flyer #${want.outside} (deleted)")`);
	await inspect(mia, 'decided');
}

publisher()
	.then(async (jazz) => {
		await reader(jazz);
		await moderator(jazz);
	})
	.catch(async (e) => {
		wrong.push(e.stack);
		await pictureAll(people, want.shots);
	})
	.finally(() => finish(people, { wrong }));
