/*
 * docs: a user at the API reference, with a small and a large window.
 *
 *	node docs.js '{"url": ..., "shots": ..., ...}'
 *
 * url     the page
 * shots   folder and prefix of the names of screenshots
 * name, password, id, code
 *         of a customer. code is a command that prints the code sent to id
 * token   of an administrator
 * listener, flyer
 *         to save
 * image   a file
 * event   a command that creates an event for the customer
 *
 * Prints JSON: {"operations": ids, "schemas": names, "curl": {name: command},
 * "answers": {name: [status, text]}, "wrong": [...]}.
 */
'use strict';

const { byCode, inspect, nothingLeft, open, press, run, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const out = { operations: [], schemas: [], curl: {}, answers: {}, wrong };

async function visit(who, hash) {
	await who.page.evaluate((h) => {
		location.hash = h;
	}, hash);
	await who.page.waitForFunction(
		(h) => location.hash === h && document.querySelector('main').dataset.at === h,
		hash,
	);
}

/* Visits all pages. Nothing may be undefined or wider than the window. */
async function walk(who, hashes) {
	for (const hash of hashes) {
		await visit(who, hash);
		const seen = await who.page.evaluate(() => {
			for (let left = 200; left > 0; left--) {
				const closed = document.querySelector('main details:not([open])');
				if (closed === null) break;
				closed.open = true;
			}
			return {
				text: document.querySelector('main').innerText,
				wide: document.documentElement.scrollWidth - innerWidth,
				h1: document.querySelector('h1').textContent,
			};
		});
		const odd = seen.text.match(/undefined|\[object|NaN/);
		if (odd !== null || seen.wide > 0 || seen.h1 === '')
			wrong.push(`${hash}: ${odd ?? ''} ${seen.wide} too wide`);
	}
}

async function send(who, name, values) {
	const { page } = who;

	for (const [key, value] of Object.entries(values))
		await page.fill(`.try [name="${key}"]`, value);
	out.curl[name] = await page.textContent('.curl');
	await tab(who, '.try .btn-primary');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.answer .status');
	await page.waitForFunction(
		() => document.querySelector('.try .btn-primary').disabled === false,
	);
	out.answers[name] = [
		Number(await page.getAttribute('.status', 'data-status')),
		await page.evaluate(
			() => document.querySelector('.answer > ' + 'div pre')?.textContent ?? '',
		),
	];
}

async function phone() {
	const who = await open({
		is: 'phone',
		url: want.url,
		dark: true,
		wrong,
		shots: want.shots,
	});
	const { page } = who;

	await page.goto(want.url);
	await page.waitForSelector('h1');
	const cut = await page.$$eval('.wide', (all) =>
		all.map((e) => e.scrollWidth - e.clientWidth).filter((n) => n > 0),
	);
	if (cut.length > 0) wrong.push(`tables are cut off by ${cut} pixels`);
	await inspect(who, 'overview');
	await press(who, '.menu');
	/* The list is open, and the filter has the focus. */
	await page.keyboard.type('profile bio');
	await page.waitForSelector('text=No operations match.');
	await page.fill('[name=filter]', 'put profile');
	await inspect(who, 'list');
	await press(who, '.groups a[href="#/op/changeProfile"]');
	await page.waitForSelector('h1:text("profile")');
	await inspect(who, 'operation');
	await press(who, '.note .button');
	await page.waitForSelector('input[name=identifier]');
	await inspect(who, 'sign-in');
	await byCode(who, want.id, want.code);
	/* The page returns to the previous position. */
	await page.waitForSelector('.try textarea');
	await press(who, '.jump');
	await send(who, 'bio', { body: JSON.stringify({ bio: want.bio }) });
	await inspect(who, 'sent');

	await visit(who, '#/op/setProfileImage');
	await page.setInputFiles('.try input[type=file]', want.image);
	await send(who, 'image', {});

	await visit(who, '#/schemas');
	await inspect(who, 'schemas');
	out.schemas = await page.$$eval('.columns a', (all) => all.map((a) => a.textContent));
	await walk(who, [
		...(await page.$$eval('.list a', (all) => all.map((a) => a.getAttribute('href')))),
		...out.schemas.map((s) => `#/schema/${s}`),
	]);
	await page.click('.enter');
	await page.waitForSelector('.enter:text("Sign in")');
	await nothingLeft(who);
	await who.browser.close();
}

async function desktop() {
	const refused = (m) =>
		m.location().url.includes('/api/v1/admin/') ||
		m.location().url.includes('/favorites');
	const who = await open({
		is: 'desktop',
		url: want.url,
		wide: true,
		wrong,
		shots: want.shots,
		expected: refused,
		permissions: ['clipboard-read', 'clipboard-write'],
	});
	const { page } = who;

	await page.goto(want.url + '#/op/addFavoriteListener');
	await page.waitForSelector('.try');
	await inspect(who, 'operation');
	await page.fill('[name=filter]', '/');
	out.operations = await page.$$eval('.groups li a', (all) =>
		all.map((a) => a.getAttribute('href').slice(5)),
	);
	await page.fill('[name=filter]', '');
	await send(who, 'unsigned', { body: '{}' });
	await inspect(who, 'refused');

	await press(who, '.note .button', 400);
	await page.waitForSelector('input[name=identifier]');
	await page.click('text=Use a password instead');
	await page.fill('[name=identifier]', want.name);
	await page.fill('[name=password]', want.password);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.try textarea');
	await send(who, 'save', { body: JSON.stringify({ listener_id: want.listener }) });
	await inspect(who, 'saved');
	await page.click('text=Copy token');
	await page.waitForSelector('.toast p');
	out.token = await page.evaluate(() => navigator.clipboard.readText());
	await page.click('.copy:text-is("Copy")');
	out.copied = await page.evaluate(() => navigator.clipboard.readText());

	await visit(who, '#/op/listFavoriteListeners');
	await send(who, 'list', { per_page: '5', q: "o'hara & $HOME" });

	/* A response that does not end. */
	await visit(who, '#/op/realtime');
	await press(who, '.try .btn-primary');
	await page.waitForSelector('.answer pre:has-text("ready")');
	run(want.event);
	await page.waitForSelector('.answer pre:has-text("favorite")');
	await inspect(who, 'stream');
	await page.click('button:text-is("Stop")');
	await page.waitForSelector('text=Stopped.');

	/* Uses the token of another user. */
	await page.click('.enter');
	await page.waitForSelector('.enter:text("Sign in")');
	await visit(who, '#/op/adminListAudit');
	await send(who, 'audit-nobody', {});
	await page.click('.enter');
	await page.click('.token summary');
	await page.fill('[name=token]', want.token);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.try');
	await send(who, 'audit', {});
	await page.reload();
	await page.waitForSelector('.me:text("by token")');
	await visit(who, '#/schema/Listener');
	await inspect(who, 'schema');
	await visit(who, '#/op/nothing');
	await page.waitForSelector('h1:text("Earmark")');
	await who.browser.close();
}

phone()
	.then(desktop)
	.catch((e) => wrong.push(e.stack))
	.then(() => {
		console.log(JSON.stringify(out, null, 1));
		process.exit(wrong.length > 0 ? 1 : 0);
	});
