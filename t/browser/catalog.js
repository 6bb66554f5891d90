/*
 * catalog: the pages of destinations, of the studio and of favorites, for ana,
 * who has a phone; and the destinations of the console, for adm.
 *
 *	node catalog.js '{"url": ..., "shots": ..., "password": ...}'
 *
 * url       the prefix of the pages
 * shots     folder and prefix of the names of screenshots
 * password  of ana; of lis, a listener who is not a customer; and of adm, an
 *           administrator
 * bromo     the id of the destination that was saved most
 * document  the id of a document of another user
 * save      a command that saves the first destination for ana
 * drop      a command that deletes the document
 *
 * Prints JSON: {"wrong": [...]}.
 */
'use strict';

const { enter, finish, inspect, pictureAll, press, run, tab, toasted } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const people = [];

async function start(name, wide, dark, path) {
	const who = await enter(people, path, name, want.password, {
		is: name,
		least: path === '/console/' ? 24 : 44,
		wide,
		dark,
		wrong,
		url: want.url,
		shots: want.shots,
		full: true,
		expected: (m) => /409/.test(m.text()),
	});

	await who.page.waitForSelector('nav', { state: 'attached' });
	return who;
}

/* Presses the button of a dialog. Waits for the toast. */
async function confirm(who, text) {
	await press(who, 'dialog [type=submit]');
	await toasted(who, text);
	await who.page.waitForSelector('dialog', { state: 'detached' });
}

/* Walks from the account page to a page that it links to. */
async function walk(who, name, title) {
	await press(who, '.me', 90);
	await press(who, `[data-part=${name}] a`, 120);
	await who.page.waitForSelector(`h1:text("${title}")`);
}

/* Waits until the first card has the title. */
async function first({ page }, title) {
	await page.waitForFunction(
		(t) => document.querySelector('.people .flyer h2')?.textContent === t,
		title,
	);
}

/* Presses the heart of a card, which is then pressed, or not pressed. */
async function heart(who, card, is) {
	await press(who, `${card} .heart`, 90);
	await who.page.waitForSelector(`${card} .heart[aria-pressed=${is}]`);
}

async function destinations(who) {
	const { page } = who;
	const bromo = `[data-destination="${want.bromo}"]`;

	await walk(who, 'destinations', 'Destinations');
	await first(who, 'Borobudur');
	await inspect(who, 'destinations');
	await tab(who, '[name=sort]', 60);
	await page.keyboard.press('ArrowDown');
	await first(who, 'Mount Bromo');
	await page.waitForSelector(`${bromo} p:has-text("Saved by 2 users")`);
	await page.waitForSelector(`${bromo} .elsewhere:has-text("cdn.example")`);
	await heart(who, bromo, true);
	/* The ranking has the saved state of the user too. */
	await page.selectOption('[name=sort]', '7d');
	await page.waitForSelector('.people .flyer:only-child');
	await page.waitForSelector(`${bromo} .heart[aria-pressed=true]`);
	await inspect(who, 'popular');
	await page.route('**/popular?*', (r) =>
		r.fulfill({ json: { items: [], next_cursor: null } }),
	);
	await page.selectOption('[name=sort]', '30d');
	await page.waitForSelector('.people .empty >> text=Nobody saved a destination');
	await page.unroute('**/popular?*');
	await tab(who, '[type=search]', 60);
	await page.keyboard.type('yogyakarta');
	await first(who, 'Borobudur');
	await page.keyboard.press('Control+a');
	await page.keyboard.type('nowhere');
	await page.waitForSelector('.people .empty');
	await inspect(who, 'no-destination');
	/* It was saved on another device: the button shows the state. */
	await page.fill('[type=search]', '');
	await first(who, 'Mount Bromo');
	await page.selectOption('[name=sort]', 'name');
	await first(who, 'Borobudur');
	run(want.save);
	await heart(who, '.flyer:first-child', true);
}

async function studio(who) {
	const { page } = who;

	await walk(who, 'studio', 'Studio');
	await first(who, 'Calm green');
	await page.waitForSelector('.elsewhere:has-text("shots.example")');
	await inspect(who, 'styles');
	await press(who, '.tabs a[href="#/studio/creatives"]', 60);
	await page.waitForSelector('.flyer h2:text("Creative ")');
	await page.waitForSelector('.flyer a.outside[href="https://example.com/published.html"]');
	await inspect(who, 'creatives');
	await press(who, '.tabs a[href="#/studio/documents"]', 60);
	await first(who, 'How to listen');
	await heart(who, `[data-studio="${want.document}"]`, true);
	await inspect(who, 'documents');
	await tab(who, '[name=mine]', 60);
	await page.keyboard.press('Space');
	await page.waitForSelector('.people .empty');
}

async function favorites(who) {
	const { page } = who;

	await press(who, 'nav a[href="#/favorites"]', 90);
	await page.waitForSelector('.people .empty');
	await inspect(who, 'favorite-listeners');
	await press(who, '.tabs a[href="#/favorites/flyers"]', 90);
	await first(who, 'Flea market');
	await inspect(who, 'favorite-flyers');
	await press(who, '.tabs a[href="#/favorites/destinations"]', 90);
	await page.waitForSelector(`[data-destination="${want.bromo}"] .heart[aria-pressed=true]`);
	await inspect(who, 'favorite-destinations');
	await heart(who, `[data-destination="${want.bromo}"]`, false);
	await press(who, '.tabs a[href="#/favorites/studio"]', 90);
	await first(who, 'How to listen');
	await inspect(who, 'favorite-studio');
	run(want.drop);
	await page.reload();
	await page.waitForSelector('h2:text("Deleted document")');
	await inspect(who, 'favorite-deleted');
	await press(who, '.flyer button', 90);
	await page.waitForSelector('.people .empty');
	await page.waitForFunction(() => document.activeElement.matches('h1'));
}

/* A listener who is not a customer has no favorite listeners. */
async function listener(who) {
	await press(who, 'nav a[href="#/favorites"]', 90);
	await who.page.waitForSelector('.people .empty');
	if ((await who.page.$('.tabs a[href="#/favorites/listeners"]')) !== null)
		wrong.push('a listener has the favorites of a customer');
	await inspect(who, 'listener');
}

/* Adds, changes and deletes a destination. */
async function administrator(who) {
	const { page } = who;

	await press(who, '.side [data-page=destinations]', 90);
	await page.waitForSelector('main tbody tr:nth-child(2)');
	await page.waitForSelector('.total:text("2 in total")');
	await inspect(who, 'console');
	await press(who, '.head .btn-primary', 90);
	await page.waitForSelector('dialog[open]');
	await page.keyboard.type('Pulau Weh');
	await tab(who, 'dialog [name=latitude]');
	await page.keyboard.type('north');
	await press(who, 'dialog [type=submit]');
	await page.waitForSelector('dialog .wrong:text("enter a number")');
	await page.fill('dialog [name=latitude]', '5.82');
	await page.fill('dialog [name=longitude]', '95.28');
	await page.fill('dialog [name=images]', 'https://cdn.example/1.jpg\n');
	await inspect(who, 'add');
	await confirm(who, 'Pulau Weh was added');
	await page.waitForSelector('td:has-text("5.82, 95.28")');
	await page.fill('[name=q]', 'weh');
	await page.waitForSelector('.total:text("1 in total")');
	await press(who, 'main tbody .acts button:first-child', 90);
	await page.waitForSelector('dialog[open]');
	await page.fill('dialog [name=city]', 'Sabang');
	await confirm(who, 'Pulau Weh was saved');
	await page.waitForSelector('td:has-text("Sabang")');
	await press(who, 'main tbody .danger', 90);
	await page.waitForSelector('dialog[open]');
	await confirm(who, 'Pulau Weh was deleted');
	await page.waitForSelector('text=No destinations match.');
}

async function main() {
	const ana = await start('ana', false, false, '/app/');

	await destinations(ana);
	await studio(ana);
	await favorites(ana);
	await listener(await start('lis', true, true, '/app/'));
	await administrator(await start('adm', true, true, '/console/'));
}

main()
	.catch(async (e) => {
		wrong.push(e.stack);
		await pictureAll(people, want.shots);
	})
	.finally(() => finish(people, { wrong }));
