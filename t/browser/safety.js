/*
 * safety: a customer and a listener who block and report each other, and an
 * administrator who decides on the reports and removes their pictures.
 *
 *	node safety.js '{"url": ..., "shots": ..., "password": ...}'
 *
 * url     the prefix of the pages
 * shots   folder and prefix of the names of screenshots
 * password
 *         of all users: cara, a customer; lena, a listener who had a call with
 *         cara; adm, an administrator
 * listener
 *         the id of lena, who changed her rates
 *
 * Prints JSON: {"wrong": [...]}.
 */
'use strict';

const { enter, finish, inspect, pictureAll, press, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const people = [];

async function start(is, wide, dark, path) {
	return enter(people, path, is.replace(/[0-9]/g, ''), want.password, {
		is,
		wide,
		dark,
		wrong,
		url: want.url,
		shots: want.shots,
		least: path.startsWith('/console/') ? 24 : 44,
		expected: (m) => /409/.test(m.text()),
	});
}

async function toasted(who, text) {
	await who.page.waitForFunction(
		(t) => document.querySelector('.toast').textContent.includes(t),
		text,
	);
	await who.page.waitForSelector('dialog', { state: 'detached' });
}

/* Opens the dialog of the button in a selector, and leaves it by Escape. */
async function dialog(who, selector) {
	await press(who, `${selector} .safety`, 90);
	await who.page.waitForSelector('dialog h2');
	await inspect(who, 'dialog');
	await who.page.keyboard.press('Escape');
	await who.page.waitForSelector('dialog', { state: 'detached' });
	await who.page.waitForFunction(() => document.activeElement.matches('.safety'));
}

/* Reports by keyboard with a text. */
async function report(who, selector, text) {
	await press(who, `${selector} .safety`, 90);
	await tab(who, 'dialog select[name=reason]');
	await who.page.keyboard.press('ArrowDown');
	await tab(who, 'dialog textarea');
	await who.page.keyboard.type(text);
	await press(who, 'dialog form button[type=submit]');
	await toasted(who, 'Your report was sent');
}

/* The customer reports the listener in the search, and blocks her. */
async function customer(who) {
	const { page } = who;
	const card = `[data-user="${want.listener}"]`;

	await page.waitForSelector(card);
	await inspect(who, 'find');
	await dialog(who, card);
	await report(who, card, 'She shouted at me.');
	await press(who, `${card} .safety`, 90);
	await press(who, 'dialog [data-do=block]');
	await toasted(who, 'lena is blocked');
	await page.waitForSelector(`${card} .call-now:disabled`);
	await page.reload();
	await page.waitForSelector('.people .empty');
	await page.goto(`${want.url}/app/#/help`);
	await press(who, 'a[href="#/blocked"]', 90);
	await page.waitForSelector('h1:text("Blocked users")');
	await page.waitForSelector('li strong:text("lena")');
	await inspect(who, 'blocked');
	await press(who, '[data-do=unblock]');
	await page.waitForSelector('.rows .empty');
	await page.goto(`${want.url}/app/#/find`);
	await page.waitForSelector(card);
}

/* The listener reports the customer in the list of calls. */
async function listener(who) {
	const { page } = who;

	await page.waitForSelector('h1');
	await page.goto(`${want.url}/app/#/calls`);
	await page.waitForSelector('.rows .safety');
	await inspect(who, 'calls');
	await dialog(who, '.rows li:first-child');
	await report(who, '.rows li:first-child', 'He was rude.');
}

async function settled(page) {
	await page.waitForFunction(
		() =>
			document.querySelector('main h1') &&
			document.querySelector('main [aria-busy]') === null,
	);
}

async function rows(page, n) {
	await page.waitForFunction(
		(all) => document.querySelectorAll('main tbody tr').length === all,
		n,
	);
}

/* Presses a decision of the newest report, and confirms it with a note. */
async function decide(who, text, note, done) {
	const row = 'main tbody tr:first-child';
	const n = await who.page.locator('main tbody tr').count();

	await who.page.waitForSelector(`${row} .acts button`);
	await who.page.locator(`${row} .acts button:text-is("${text}")`).focus();
	await who.page.keyboard.press('Enter');
	await who.page.waitForSelector('dialog textarea');
	await inspect(who, text.toLowerCase());
	await tab(who, 'dialog textarea');
	await who.page.keyboard.type(note);
	await press(who, 'dialog button[type=submit]');
	await toasted(who, done);
	await rows(who.page, n - 1).catch(() => wrong.push(`${text}: the report stays`));
}

/* Removes the profile picture that a row or a page shows, by keyboard. */
async function removePicture(who, where, note) {
	const { page } = who;

	await page.waitForFunction(
		(s) => document.querySelector(`${s} img.avatar`)?.naturalWidth > 0,
		where,
	);
	await page.locator(`${where} button:text-is("Remove picture")`).focus();
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog textarea');
	await inspect(who, 'picture');
	await tab(who, 'dialog textarea');
	await page.keyboard.type(note);
	await press(who, 'dialog button[type=submit]');
	await toasted(who, 'The picture of');
	await page.waitForSelector(`${where} img.avatar`, { state: 'detached' });
}

/* The administrator decides, hides a review, and looks at the rates. */
async function administrator(who) {
	const { page } = who;

	await page.waitForSelector('.side nav');
	await press(who, '.side [data-page=reports]', 90);
	await rows(page, 2);
	await inspect(who, 'reports');
	await removePicture(who, 'main tbody tr:first-child', 'It is rude.');
	await decide(who, 'Warn', 'Please stay polite.', 'cara was warned');
	await decide(who, 'Dismiss', 'Nothing to see.', 'was dismissed');
	await page.waitForSelector('main :text("No reports match.")');
	await page.selectOption('select[name=status]', 'closed');
	await rows(page, 2);
	await inspect(who, 'closed');
	await press(who, '.side [data-page=reviews]', 90);
	await rows(page, 1);
	await inspect(who, 'reviews');
	await page.locator('main tbody .acts button').focus();
	await page.keyboard.press('Enter');
	await press(who, 'dialog button[type=submit]');
	await toasted(who, 'The review is hidden');
	await page.waitForSelector('main tbody :text("hidden")');
	await page.goto(`${want.url}/console/#/users/${want.listener}`);
	await settled(page);
	await inspect(who, 'user');
	await removePicture(who, 'main .head', 'It is old.');
	await page.goto(`${want.url}/console/#/users/${want.listener}/rates`);
	await settled(page);
	await rows(page, 2);
	await inspect(who, 'rates');
	const text = await page.innerText('main');
	const odd = text.match(/undefined|\[object|NaN|Invalid Date/);
	if (odd !== null) wrong.push(`rates: ${odd}`);
}

/* The same screens in a small and in a dark window. */
async function again(who) {
	for (const hash of [
		'reports?status=closed',
		'reviews',
		`users/${want.listener}`,
		`users/${want.listener}/rates`,
	]) {
		await who.page.goto(`${want.url}/console/#/${hash}`);
		await settled(who.page);
		await who.page.waitForLoadState('networkidle');
		await inspect(who, hash.replace(/[^a-z]/g, '-'));
		for (const e of await who.page.locator('main .badge').all())
			if (!(await e.isVisible())) wrong.push(`${hash}: a hidden state`);
	}
}

async function attempt(part, ...args) {
	try {
		await part(await start(...args));
	} catch (e) {
		wrong.push(`${part.name}: ${e.stack}`);
		await pictureAll(people, `${want.shots}-failed-${part.name}`);
	}
}

(async () => {
	await attempt(customer, 'cara', false, true, '/app/');
	await attempt(listener, 'lena', true, false, '/app/');
	await attempt(administrator, 'adm', true, false, '/console/');
	await attempt(again, 'adm2', false, true, '/console/');
	await finish(people, { wrong });
})();
