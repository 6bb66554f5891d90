/*
 * hours: a listener who edits her hours, a customer who sees when she is
 * available again, and an administrator who sees the hours.
 *
 *	node hours.js '{"url": ..., "shots": ..., "password": ...}'
 *
 * url     the prefix of the pages
 * shots   folder and prefix of the names of screenshots
 * password
 *         of all users: lena, a listener without hours; cara, a customer; adm,
 *         an administrator
 * listener
 *         the id of lena
 * closed  a command that succeeds if lena does not accept calls
 *
 * Prints JSON: {"wrong": [...]}.
 */
'use strict';

const {
	enter,
	finish,
	inspect,
	pictureAll,
	press,
	reload,
	run,
	tab,
	toasted,
} = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const people = [];

async function start(is, name, wide, dark) {
	const staff = name === 'adm';
	const who = await enter(people, staff ? '/console/' : '/app/', name, want.password, {
		is,
		wide,
		dark,
		wrong,
		url: want.url,
		shots: want.shots,
		full: true,
		least: staff ? 24 : 44,
		expected: (m) => /400/.test(m.text()),
	});

	await who.page.waitForSelector('nav', { state: 'attached' });
	return who;
}

async function save(who, text) {
	await press(who, 'form button[type=submit]', 200);
	await toasted(who, text);
}

async function says(who, text) {
	await who.page.waitForFunction(
		(t) => document.querySelector('form [role=status]').textContent.includes(t),
		text,
	);
}

/* Returns the hours that the form shows. */
function shown(page) {
	return page.$$eval('[data-day]', (all) =>
		all
			.map((e) => [
				e.dataset.day,
				...[...e.querySelectorAll('input')].map((i) => i.value),
			])
			.map((one) => one.join(' ')),
	);
}

async function expectHours(page, hours) {
	const got = await shown(page);

	if (got.join() !== hours.join()) wrong.push(`the form shows ${got}, not ${hours}`);
}

/* Adds hours by keyboard. The times have the form of the browser, "0900AM". */
async function addHours(who, day, from, to) {
	await press(who, `[data-add=${day}]`, 200);
	await who.page.waitForFunction(() => document.activeElement.name === 'from');
	await who.page.keyboard.type(from);
	await tab(who, `[data-day=${day}]:last-child [name=to]`);
	await who.page.keyboard.type(to);
}

/* The listener edits the hours by keyboard. */
async function listener(who) {
	const { page } = who;

	await page.waitForSelector('p:text("Tell customers when you take calls.")');
	await inspect(who, 'listening');
	await press(who, 'a[href="#/hours"]', 90);
	await page.waitForSelector('form.hours');
	await inspect(who, 'no-hours');
	await addHours(who, 'mon', '0900AM', '0500PM');
	await addHours(who, 'fri', '1000PM', '0200AM');
	await addHours(who, 'sun', '1200AM', '1200AM');
	await press(who, '[data-add=exception]', 200);
	await page.waitForFunction(() => document.activeElement.name === 'date');
	await page.keyboard.type('12242026');
	await tab(who, '[name=until]');
	await page.keyboard.type('12262026');
	await inspect(who, 'hours');
	await save(who, 'Your hours were saved.');
	await says(who, 'Your hours begin next');
	await reload(who);
	await page.waitForSelector('[data-day]');
	await expectHours(page, ['mon 09:00 17:00', 'fri 22:00 02:00', 'sun 00:00 00:00']);
	await tab(who, '[name=minutes]', 200);
	await page.keyboard.type('90');
	await tab(who, '[name=accepting]', 200);
	await page.keyboard.press('Space');
	await save(who, 'Your hours were saved.');
	await says(who, 'You do not accept calls.');
	await inspect(who, 'paused');
	run(want.closed);
	await page.goto(`${want.url}/app/#/work`);
	await page.waitForSelector('p:text("You do not accept calls.")');
	await page.goto(`${want.url}/app/#/hours`);
	await tab(who, '[name=accepting]', 200);
	await page.keyboard.press('Space');
	await addHours(who, 'mon', '1000AM', '1100AM');
	await save(who, 'must not have hours that overlap');
	await tab(who, '[data-day=mon]:last-child button', 200);
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.activeElement.matches('[data-add=mon]'));
	await save(who, 'Your hours were saved.');
	await expectHours(page, ['mon 09:00 17:00', 'fri 22:00 02:00', 'sun 00:00 00:00']);
}

/* The customer sees when the listener is available again, and searches. */
async function customer(who) {
	const { page } = who;
	const card = `[data-user="${want.listener}"]`;

	await page.waitForSelector(`${card} .again:text("Available again")`);
	await inspect(who, 'find');
	/* A Sunday, on which she takes calls all day in UTC, and a Tuesday. */
	await tab(who, '[name=available_at]', 90);
	await page.fill('[name=available_at]', '2027-01-03T12:00');
	await page.waitForSelector(card);
	await page.fill('[name=available_at]', '2027-01-05T12:00');
	await page.waitForSelector('.people .empty');
	await inspect(who, 'nobody');
	await page.fill('[name=available_at]', '');
	await press(who, `${card} .heart`, 90);
	await page.waitForSelector(`${card} .heart[aria-pressed=true]`);
	await page.goto(`${want.url}/app/#/favorites`);
	await page.waitForSelector(`${card} .again:text("Available again")`);
	await inspect(who, 'favorites');
}

/* The administrator sees all of it on the page of the listener. */
async function administrator(who) {
	const { page } = who;

	await page.goto(`${want.url}/console/#/users/${want.listener}`);
	await page.waitForSelector('dd:has-text("offline")');
	await press(who, `.tabs a[href="#/users/${want.listener}/hours"]`, 90);
	await page.waitForSelector('h2:text("Every week")');
	const facts = await page.$$eval('.facts div', (all) =>
		all.map((e) => [...e.children].map((one) => one.textContent).join(': ')),
	);
	for (const fact of [
		'Accepts calls: yes',
		'Maximum in 24 hours: 90 minutes, 0 used',
		'Time zone: UTC',
		'Monday: 09:00\u201317:00',
		'Tuesday: \u2013',
		'Friday: 22:00\u201302:00',
		'Sunday: 00:00\u201324:00',
		'Dec 24, 2026 \u2013 Dec 26, 2026: no calls',
	])
		if (!facts.includes(fact))
			wrong.push(`the console does not show "${fact}": ${facts}`);
	await page.waitForSelector('.facts div:has-text("Available again") time');
	await inspect(who, 'console');
}

async function attempt(part, ...args) {
	try {
		await part(await start(part.name, ...args));
	} catch (e) {
		wrong.push(`${part.name}: ${e.stack}`);
		await pictureAll(people, `${want.shots}-failed-${part.name}`);
	}
}

(async () => {
	await attempt(listener, 'lena', false, false);
	await attempt(customer, 'cara', true, true);
	await attempt(administrator, 'adm', true, false);
	await finish(people, { wrong });
})();
