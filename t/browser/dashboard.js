/*
 * An administrator at the console's dashboard, with a phone and with a desktop.
 *
 *	node dashboard.js '{"url": ..., "shots": ..., "name": ..., "password": ...,
 *	    "event": ..., "key": ..., "wants": ...}'
 *
 * event   a command that makes something happen
 * key     what of today is then to be `wants`, on a page that is open
 *
 * Prints what was seen, as JSON: {"today": {...}, "charts": titles, "table":
 * rows behind the first chart, "wrong": [...]}.
 */
'use strict';

const { execFileSync } = require('child_process');
const { judge, look, open, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const out = { today: {}, charts: [], table: [], wrong };

/* A finger is broader than a pointer. */
const least = (who) => who.is === 'phone' ? 44 : 24;

async function inspect(who, name) {
	for (const text of [...await who.page.evaluate(look, least(who)),
		...await judge(who.page)])
		wrong.push(`${who.is} ${name}: ${text}`);
	await who.page.screenshot({ fullPage: true,
		path: `${want.shots}-${who.is}-${name}.png` });
}

async function signIn(who) {
	await who.page.goto(`${want.url}#/dashboard`);
	await who.page.click('form .plain');
	await who.page.waitForSelector('[name="password"]');
	await who.page.fill('[name="identifier"]', want.name);
	await who.page.fill('[name="password"]', want.password);
	await who.page.keyboard.press('Enter');
	await who.page.waitForSelector('.figure');
}

async function desktop() {
	const who = await open({ is: 'desktop', url: want.url, wide: true,
		wrong });

	await signIn(who);
	await inspect(who, 'days');
	execFileSync('/bin/sh', ['-c', want.event]);
	await who.page.waitForFunction(([key, n]) => document.querySelector(
		`[data-today="${key}"]`).textContent === n,
	[want.key, want.wants]);
	out.today = await who.page.$$eval('[data-today]', (all) =>
		Object.fromEntries(all.map((e) =>
			[e.dataset.today, e.textContent])));
	await tab(who, 'a[href="#/dashboard?by=hour"]', wrong);
	await who.page.keyboard.press('Enter');
	await who.page.waitForSelector(
		'a[href="#/dashboard?by=hour"][aria-current]');
	out.charts = await who.page.$$eval('.panel:has(.chart) h2', (all) =>
		all.map((e) => e.textContent));
	await tab(who, 'summary', wrong);
	await who.page.keyboard.press('Enter');
	await who.page.waitForSelector('.behind[open] table');
	out.table = await who.page.$$eval('.behind[open] tbody tr', (all) =>
		all.map((r) => [...r.cells].slice(1).map((c) => c.textContent)));
	await inspect(who, 'hours');
	await who.browser.close();
}

async function phone() {
	const who = await open({ is: 'phone', url: want.url, dark: true, wrong });

	await signIn(who);
	await inspect(who, 'days');
	await who.page.click('.behind summary');
	await inspect(who, 'numbers');
	await who.browser.close();
}

(async () => {
	await desktop();
	await phone();
})().catch((e) => wrong.push(e.stack)).finally(() => {
	console.log(JSON.stringify(out));
	process.exit(0);
});
