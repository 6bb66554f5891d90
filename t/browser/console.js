/*
 * console: an administrator with keyboard and a large window, another one with
 * a small window, and a user who is banned.
 *
 *	node console.js '{"url": ..., "shots": ..., ...}'
 *
 * url     the prefix of the pages
 * shots   folder and prefix of the names of screenshots
 * password
 *         of all users: adm, an administrator; ana, a customer; bob, who is
 *         banned
 * id, code
 *         of another administrator. code is a command that prints the code sent
 *         to id
 * listener
 *         to verify
 * session, call, payment, user, message
 *         to refund, to end, to look at, with a wallet to adjust, to retry
 * users   number of users
 *
 * Prints JSON: {"cut": ms from the ban to bob's page, "given": text,
 * "balance": text, "ticket": id, "noticed", "answered": ms until a ticket is
 * on the dashboard and its reply on ana's page, "csv": {name: text}, "wrong":
 * [...]}.
 */
'use strict';

const fs = require('fs');
const { byCode, byPassword, inspect, nothingLeft, open, press, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const out = { csv: {}, wrong };
const people = [];

async function start(is, wide, dark, path) {
	let who = {};
	who = await open({
		is,
		wide,
		dark,
		wrong,
		url: want.url,
		shots: want.shots,
		least: 24,
		/* Expected errors. */
		expected: (m) =>
			is === 'bob'
				? /40[13]|WebSocket/.test(m.text())
				: (/409/.test(m.text()) && /refund/.test(m.location().url)) ||
					(who.cut && /ERR_FAILED/.test(m.text())),
	});

	people.push(who);
	await who.page.goto(want.url + path);
	await who.page.waitForSelector('input[name=identifier]');
	return who;
}

async function settled(page) {
	await page.waitForFunction(
		() =>
			document.querySelector('main h1') &&
			document.querySelector('main [aria-busy]') === null,
	);
}

/* Navigates to a screen, which must get the focus. */
async function visit(who, name) {
	await press(who, `.side [data-page=${name}]`, 90);
	await who.page.waitForSelector(`.side [data-page=${name}]` + '[aria-current=page]', {
		state: 'attached',
	});
	await settled(who.page);
}

async function go(who, hash) {
	await who.page.evaluate((h) => {
		location.hash = h;
	}, hash);
	await settled(who.page);
}

/* Waits for a list with at least n rows. */
async function rows(who, n) {
	await who.page.waitForFunction(
		(least) => document.querySelectorAll('main tbody tr').length >= least,
		n,
	);
}

/* Presses the button of an open dialog. Waits for the toast. */
async function confirm(who, text) {
	await tab(who, `dialog button[type=submit]`);
	await who.page.keyboard.press('Enter');
	await who.page.waitForFunction(
		(t) => document.querySelector('.toast').textContent.includes(t),
		text,
	);
	await who.page.waitForSelector('dialog', { state: 'detached' });
}

async function verify(who) {
	const { page } = who;

	await visit(who, 'listeners');
	await rows(who, 1);
	await inspect(who, 'listeners');
	/* Text of users is shown as text. */
	if (
		await page.evaluate(
			() =>
				document.querySelector('main img, ' + 'main b') !== null ||
				window.pwned !== undefined,
		)
	)
		wrong.push('a bio became HTML');
	const row = `tr:has(a[href="#/users/${want.listener}"])`;
	await press(who, `${row} .btn-primary`);
	await page.waitForSelector('dialog[open]');
	await inspect(who, 'verify');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() =>
		document.querySelector('.toast').textContent.includes('was verified'),
	);
	await page.waitForSelector(row, { state: 'detached' });
	await inspect(who, 'verified');
}

async function ban(who, bob) {
	const { page } = who;

	await visit(who, 'users');
	await rows(who, 50);
	await inspect(who, 'users');
	await page.keyboard.press('/');
	await page.keyboard.type('bob');
	await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
	if (!page.url().includes('q=bob'))
		wrong.push(`the address says nothing of bob: ${page.url()}`);
	await press(who, 'main tbody th a');
	await page.waitForSelector('h1:text("bob")');
	await inspect(who, 'user');
	await press(who, '.head .danger');
	await page.waitForSelector('dialog[open]');
	/* A refund needs a reason. Then the dialog is cancelled. */
	await tab(who, 'dialog button[type=submit]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog .wrong:text("Reason is required.")');
	await inspect(who, 'ban');
	await page.keyboard.press('Escape');
	await page.waitForSelector('dialog', { state: 'detached' });
	if ((await page.$('.head .danger')) === null) wrong.push('no toast after the ban of bob');
	await press(who, '.head .danger');
	await page.keyboard.type('=HYPERLINK("http://x","Click")');
	const begin = Date.now();
	await confirm(who, 'bob was banned');
	await bob.page.waitForSelector('input[name=identifier]');
	out.cut = Date.now() - begin;
	await nothingLeft(bob);
	await inspect(bob, 'cut-off');
	await page.waitForSelector('h1:text("bob")');
	await page.waitForSelector('.named .badge.bad');
	await inspect(who, 'banned');
}

async function refund(who) {
	const { page } = who;

	await visit(who, 'sessions');
	await rows(who, 1);
	await inspect(who, 'sessions');
	await press(who, `main a[href="#/sessions/${want.session}"]`);
	await page.waitForSelector('.receipt');
	await inspect(who, 'session');
	await press(who, '.head .btn-primary');
	await page.waitForSelector('dialog[open]');
	await page.keyboard.type('1,500.00');
	await tab(who, 'dialog textarea');
	await page.keyboard.type('The line was bad');
	await tab(who, 'dialog button[type=submit]');
	await page.keyboard.press('Enter');
	/* The amount must be valid and at most the remaining cost. */
	await page.waitForSelector('dialog .wrong:text("an amount")');
	await page.fill('dialog input[name=amount]', '1500.00');
	await tab(who, 'dialog button[type=submit]');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() =>
		/^(?!.*an amount such)./.test(
			document.querySelector('dialog .wrong:not([hidden])')?.textContent ?? '',
		),
	);
	out.refused = await page.textContent('dialog .wrong');
	await page.fill('dialog input[name=amount]', '2.50');
	await inspect(who, 'refund');
	await tab(who, 'dialog button[type=submit]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog [data-do=done]');
	out.given = await page.textContent('dialog .facts');
	await inspect(who, 'refunded');
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog', { state: 'detached' });
	await page.waitForSelector('dd:text("2.50")');
}

async function wallet(who) {
	const { page } = who;

	await go(who, `#/users/${want.user}/wallet`);
	await rows(who, 2);
	await page.waitForSelector('.tiles');
	await inspect(who, 'wallet');
	await press(who, '.panel .acts button');
	await page.waitForSelector('dialog[open]');
	await page.keyboard.type('-0.50');
	await tab(who, 'dialog textarea');
	await page.keyboard.type('Counted twice');
	await tab(who, 'dialog button[type=submit]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog [data-do=done]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('tbody tr:first-child:has-text("Correction")');
	out.balance = await page.textContent('tbody tr:first-child td:last-child');
}

async function devices(who) {
	const { page } = who;

	await go(who, `#/users/${want.user}/devices`);
	await rows(who, 1);
	await inspect(who, 'devices');
	await press(who, 'main tbody .small');
	await page.waitForSelector('dialog[open]');
	await confirm(who, 'is signed out of this device');
	await page.waitForSelector('text=The user is not signed in on any device.');
}

async function end(who) {
	const { page } = who;

	await visit(who, 'calls');
	await rows(who, 1);
	await tab(who, '[name=live]');
	await page.keyboard.press('Space');
	await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
	await inspect(who, 'calls');
	await press(who, 'main tbody .danger');
	await page.waitForSelector('dialog[open]');
	await page.keyboard.type('Nobody says a word');
	await confirm(who, `Call ${want.call} was ended`);
	await page.waitForSelector('text=There are no active calls.');
}

async function money(who) {
	const { page } = who;

	await visit(who, 'payments');
	await rows(who, 1);
	await inspect(who, 'payments');
	await press(who, `main a[href="#/payments/${want.payment}"]`);
	await page.waitForSelector('.rows');
	await inspect(who, 'payment');
	await visit(who, 'webhooks');
	await rows(who, 1);
	await inspect(who, 'webhooks');

	await visit(who, 'promotions');
	await press(who, '.head .btn-primary');
	await page.waitForSelector('dialog[open]');
	await page.keyboard.type('five-free');
	await tab(who, 'dialog select');
	await page.keyboard.press('ArrowDown');
	await tab(who, 'dialog [name=value]');
	await page.keyboard.type('5');
	await tab(who, 'dialog [name=max_rate]');
	await page.keyboard.type('200');
	await inspect(who, 'promotion');
	await confirm(who, 'FIVE-FREE can be redeemed');
	await page.waitForSelector('td:text("5 min")');
	await inspect(who, 'promotions');
	await press(who, 'main tbody tr:first-child .small:last-child');
	await page.waitForSelector('dialog[open]');
	await confirm(who, 'FIVE-FREE was stopped');
	await page.waitForSelector('.badge:text("stopped")');
}

/* Credits another captured amount, and decides about requests of eva. */
async function approvals(who) {
	const { page } = who;

	await go(who, `#/payments/${want.flagged}`);
	await page.waitForSelector('.note li');
	await inspect(who, 'payment-flagged');
	await press(who, '.head .acts button');
	await page.waitForSelector('dialog[open]');
	await tab(who, 'dialog textarea');
	await page.keyboard.type('Rounded up');
	await inspect(who, 'payment-accept');
	await tab(who, 'dialog button[type=submit]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog [data-do=done]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.head .badge:text("paid")');

	await visit(who, 'approvals');
	await rows(who, 2);
	await inspect(who, 'approvals');
	await press(who, 'main tbody tr:last-child .acts button');
	await page.waitForSelector('dialog[open]');
	await inspect(who, 'approve');
	await confirm(who, 'was approved');
	await press(who, 'main tbody tr:first-child .acts button:last-child');
	await page.waitForSelector('dialog[open]');
	await page.keyboard.type('Too much');
	await confirm(who, 'was rejected');
	await page.waitForSelector('main tbody tr:first-child .badge:text("rejected")');
	await page.waitForSelector('main tbody tr:last-child .badge:text("approved")');
}

async function type(who, selector, text) {
	await tab(who, selector);
	await who.page.keyboard.press('Control+a');
	await who.page.keyboard.type(text);
}

/* Adds, changes and finds an entry of the FAQ. */
async function faq(who, ana) {
	const { page } = who;

	await visit(who, 'faq');
	await page.waitForSelector('text=The list is empty.');
	await press(who, '.head .btn-primary');
	await page.waitForSelector('dialog[open]');
	await page.keyboard.type('money');
	await type(who, 'dialog [name=question]', 'Who pays <b>whom</b>?');
	await type(who, 'dialog [name=answer]', 'Nobody does.');
	await inspect(who, 'question');
	await confirm(who, 'was published');
	await rows(who, 1);
	await press(who, 'main tbody .small');
	await page.waitForSelector('dialog[open]');
	await type(who, 'dialog [name=answer]', 'The caller does.\nYou earn.');
	await confirm(who, 'was saved');
	await page.waitForSelector('td:has-text("The caller does.")');
	await inspect(who, 'faq');

	await press(ana, 'nav a[href="#/help"]');
	await press(ana, '.faq summary');
	await ana.page.waitForSelector('.faq [open] >> text=The caller does.');
	if ((await ana.page.$('main b')) !== null) wrong.push('a question became HTML');
	await inspect(ana, 'help');
	await ana.page.fill('input[name=q]', 'elephants');
	await ana.page.waitForSelector('text=No answers match.');
	await press(who, 'main tbody .danger');
	await page.waitForSelector('dialog[open]');
	await confirm(who, 'was deleted');
	await page.waitForSelector('text=The list is empty.');
}

/*
 * ana creates a ticket, the dashboard shows it, adm replies, ana sees the
 * reply.
 */
async function support(who, ana) {
	const { page } = who;

	await visit(who, 'dashboard');
	await page.waitForSelector('[data-now=tickets_open] a:text-is("0")');
	await press(ana, '.asking summary');
	await type(ana, '[name=subject]', `The line was <i>bad</i> ${'Long'.repeat(30)}`);
	await type(ana, '[name=body]', 'I heard nothing.\nWhat now?');
	await inspect(ana, 'asking');
	let begin = Date.now();
	await press(ana, '.asking .btn-primary');
	await ana.page.waitForSelector('.talk li');
	await page.waitForSelector('[data-now=tickets_open] a:text-is("1")');
	out.noticed = Date.now() - begin;
	out.ticket = Number(ana.page.url().split('/').pop());

	await press(who, '[data-now=tickets_open] a');
	await rows(who, 1);
	await inspect(who, 'tickets');
	await press(who, `main a[href="#/tickets/${out.ticket}"]`);
	await press(who, '.head .acts button:first-child');
	await page.waitForSelector('.toast p:has-text("was assigned to you")');
	await type(who, '[name=body]', 'We are sorry.');
	begin = Date.now();
	await press(who, '.stack .btn-primary');
	await ana.page.waitForSelector('.talk li:nth-child(2):has-text("sorry")');
	out.answered = Date.now() - begin;
	await page.waitForSelector('.head .badge:text-is("pending")');
	await inspect(ana, 'answered');
	await type(who, '[name=body]', 'She calls often.');
	await tab(who, '[name=internal]');
	await page.keyboard.press('Space');
	await press(who, '.stack .btn-primary');
	await page.waitForSelector('.talk li.note:has-text("She calls often.")');
	await inspect(who, 'ticket');

	/*
	 * The response to the reply is lost. A repeat must not add another
	 * one.
	 */
	await type(ana, '[name=body]', 'Thank you.');
	ana.cut = true;
	await ana.page.route(
		'**/replies',
		async (r) => {
			await r.fetch();
			await r.abort();
		},
		{ times: 1 },
	);
	await press(ana, '.stack .btn-primary');
	await ana.page.waitForSelector('.toast p:has-text("be reached")');
	await tab(ana, '.stack .btn-primary');
	await ana.page.keyboard.press('Enter');
	await ana.page.waitForSelector('.talk li:nth-child(3)');
	ana.cut = false;
	if (/calls often/.test(await ana.page.innerText('main'))) wrong.push('ana reads the notes');
	await visit(who, 'dashboard');
	await page.waitForSelector('[data-now=tickets_open] a:text-is("1")');
}

/* Screens report that they cannot load, and load later. */
async function outage(who) {
	const { page } = who;

	who.cut = true;
	await page.route('**/api/v1/**', (r) => r.abort());
	for (const hash of [
		`users/${want.user}`,
		`sessions/${want.session}`,
		'dashboard',
		`tickets/${out.ticket}`,
	]) {
		await page.evaluate((h) => {
			location.hash = h;
		}, `#/${hash}`);
		await page.waitForSelector('.note:has-text("be reached") button');
	}
	await inspect(who, 'outage');
	await page.unroute('**/api/v1/**');
	await press(who, '.note button', 90);
	await page.waitForSelector('.talk li');
	await page.waitForSelector('.note[role=alert]', { state: 'detached' });
	who.cut = false;
}

async function retry(who) {
	const { page } = who;

	await go(who, '#/outbox?state=dead');
	await rows(who, 1);
	await inspect(who, 'dead');
	await press(who, 'main tbody .small');
	await page.waitForSelector('dialog[open]');
	await confirm(who, `Message ${want.message} will be sent again.`);
	await page.waitForSelector('text=No messages match.');
	await tab(who, '[name=state]');
	await page.selectOption('[name=state]', 'sent');
	await page.waitForSelector(`th:text-is("#${want.message}")`);
}

/* Previews a text in another language and channel. */
async function texts(who) {
	const { page } = who;

	await visit(who, 'templates');
	await page.waitForSelector('.said');
	await inspect(who, 'texts');
	await page.selectOption('[name=name]', 'otp_login');
	await page.waitForSelector('.said:has-text("123456 is your code")');
	await page.selectOption('[name=language]', 'hi');
	await page.waitForSelector('.said[lang=hi]');
	await page.selectOption('[name=channel]', 'email');
	await page.waitForSelector('h2:has-text("Earmark:")');
}

/* Checks that all actions of this test are audited. */
async function audit(who) {
	const { page } = who;

	await visit(who, 'audit');
	await rows(who, 10);
	await type(who, '[name=target]', `ticket:${out.ticket}`);
	await page.waitForSelector('tbody tr:has-text("ticket.") ' + 'del:text-is("open")');
	await page.waitForFunction(
		(t) =>
			[...document.querySelectorAll('main tbody tr')].every((r) =>
				r.textContent.includes(t),
			),
		`ticket:${out.ticket}`,
	);
	await inspect(who, 'audit');
	await go(who, '#/audit?action=user.ban');
	await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
	await page.waitForSelector('del:text-is("active")');
	await page.waitForSelector('ins:text-is("banned")');
}

/* Returns the content of the CSV file that a list creates. */
async function csv(who, name) {
	await tab(who, '[data-do=csv]');
	const [file] = await Promise.all([
		who.page.waitForEvent('download'),
		who.page.keyboard.press('Enter'),
	]);
	out.csv[name] = fs.readFileSync(await file.path(), 'utf8');
}

async function files(who) {
	await go(who, '#/users?status=banned');
	await rows(who, 1);
	await csv(who, 'banned');
	await go(who, '#/users');
	await rows(who, 50);
	await csv(who, 'all');
}

/* Pages with one key each. The URL leads back to them. */
async function turn(who) {
	const { page } = who;
	const first = () => page.textContent('main tbody tr:first-child .who');

	await go(who, '#/users');
	await rows(who, 50);
	const begin = await first();
	const seen = [];
	for (;;) {
		seen.push(
			...(await page.$$eval('main tbody .who', (all) => all.map((e) => e.href))),
		);
		const now = await first();
		if ((await page.$('[data-do=older]:not(:disabled)')) === null) break;
		await page.keyboard.press('n');
		await page.waitForFunction(
			(was) =>
				document.querySelector('main tbody tr:first-child .who')
					.textContent !== was,
			now,
		);
	}
	if (new Set(seen).size !== want.users || seen.length !== want.users)
		wrong.push(`${seen.length} rows, ${new Set(seen).size} users`);
	const last = await first();
	await page.reload();
	await rows(who, 1);
	if ((await first()) !== last) wrong.push('another page after a reload');
	await page.keyboard.press('p');
	await page.waitForFunction(
		(was) =>
			document.querySelector('main tbody tr:first-child .who')?.textContent !==
			was,
		last,
	);
	await press(who, '[data-do=first]', 200);
	await page.waitForFunction(
		(is) =>
			document.querySelector('main tbody tr:first-child .who')?.textContent ===
			is,
		begin,
	);
	await page.keyboard.press('j');
	await page.keyboard.press('j');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.tabs');
	await page.goBack();
	await rows(who, 50);
	await page.keyboard.press('?');
	await page.waitForSelector('dialog .keys');
	await inspect(who, 'keys');
	await page.keyboard.press('Escape');
}

/* Visits all screens. */
async function walk(who) {
	const { page } = who;
	const names = await page.$$eval('.side [data-page]', (all) =>
		all.map((a) => a.dataset.page),
	);

	for (const hash of [
		...names,
		`users/${want.user}`,
		`users/${want.listener}`,
		`users/${want.listener}/rates`,
		`users/${want.listener}/hours`,
		`users/${want.user}/wallet`,
		`users/${want.user}/devices`,
		`sessions/${want.session}`,
		`payments/${want.payment}`,
		`tickets/${out.ticket}`,
	]) {
		await go(who, `#/${hash}`);
		await page.waitForLoadState('networkidle');
		const text = await page.innerText('main');
		const odd = text.match(/undefined|\[object|NaN|Invalid Date/);
		if (odd !== null) wrong.push(`${who.is} ${hash}: ${odd}`);
		await inspect(who, hash.replaceAll('/', '-'));
	}
	return names;
}

/* The screen Health shows each figure once, and limits that refused requests. */
async function health(who) {
	const { page } = who;
	const refused = '.panel:has(h2:text-is("Refused"))';

	await page.route('**/admin/status', async (r) => {
		const response = await r.fetch();
		const json = await response.json();

		for (const limit of Object.keys(json.refused)) json.refused[limit] = 0;
		Object.assign(json.refused, want.refused);
		await r.fulfill({ response, json });
	});
	for (const [some, text] of [
		[{}, 'none'],
		[
			{ write: 12, code_network: 3, code_guess: 1, password: 41 },
			'One-time codes\nguess: 1, network: 3\nPasswords\npassword: 41\n' +
				'Requests\nwrite: 12',
		],
	]) {
		want.refused = some;
		await go(who, '#/dashboard');
		await go(who, '#/health');
		await page.waitForSelector(refused);
		const found = (await page.innerText(refused)).replace(/^Refused\s+/, '');
		if (found.replace(/\n+/g, '\n') !== text) wrong.push(`refused: ${found}`);
		const titles = await page.$$eval('.panel h2', (all) =>
			all.map((e) => e.textContent),
		);
		if (new Set(titles).size < titles.length) wrong.push(`twice: ${titles}`);
	}
	await inspect(who, 'health-refused');
	await page.unroute('**/admin/status');
}

async function phone() {
	const who = await start('phone', false, true, '/console/#/sessions');
	const { page } = who;

	await inspect(who, 'signin');
	await byCode(who, want.id, want.code);
	/* The link leads to the requested screen. */
	await page.waitForSelector('h1:text("Sessions")');
	await press(who, '.menu');
	await inspect(who, 'menu');
	await page.keyboard.press('Escape');
	await page.waitForFunction(() => document.activeElement.matches('.menu'));
	out.screens = await walk(who);
	await health(who);
}

async function desktop() {
	const adm = await start('adm', true, false, '/console/');
	const bob = await start('bob', false, false, '/app/');

	await byPassword(bob, 'bob', want.password);
	await bob.page.waitForSelector('nav');
	await inspect(adm, 'signin');
	await byPassword(adm, 'adm', want.password);
	await adm.page.waitForSelector('.side nav');
	for (const part of [verify, ban, refund, wallet, devices, end, money, approvals])
		await attempt(part, adm, bob);
	const ana = await start('ana', false, true, '/app/');
	await byPassword(ana, 'ana', want.password);
	await ana.page.waitForSelector('nav');
	for (const part of [faq, support, outage, retry, texts, audit, turn, files])
		await attempt(part, adm, ana);
	await press(adm, 'button.out', 90);
	await adm.page.waitForSelector('input[name=identifier]');
	await nothingLeft(adm);

	const dark = await start('dark', true, true, '/console/');
	await byPassword(dark, 'ana', want.password);
	await dark.page.waitForSelector('text=Access denied');
	await inspect(dark, 'gate');
	await press(dark, 'button.out');
	await dark.page.waitForSelector('input[name=identifier]');
	await byPassword(dark, 'adm', want.password);
	await dark.page.waitForSelector('.side nav');
}

/* Reports an error with a description of the screen, and continues. */
async function attempt(part, ...args) {
	try {
		await part(...args);
	} catch (e) {
		wrong.push(`${part.name}: ${e.stack}`);
		for (const who of people) {
			await who.page
				.screenshot({
					path:
						`${want.shots}-failed-` +
						`${part.name}-${who.is}.png`,
				})
				.catch(() => {});
			await who.page
				.evaluate(() =>
					document
						.querySelectorAll('dialog')
						.forEach((d) => d.close()),
				)
				.catch(() => {});
		}
	}
}

(async () => {
	await attempt(desktop);
	await attempt(phone);
	await Promise.all(people.map((who) => who.browser.close()));
	console.log(JSON.stringify(out));
	process.exit(wrong.length > 0 ? 1 : 0);
})();
