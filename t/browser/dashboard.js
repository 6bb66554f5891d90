/*
 * dashboard: an administrator at the dashboard, with a small and a large
 * window.
 *
 *	node dashboard.js '{"url": ..., "shots": ..., "name": ..., "password": ...,
 *	    "event": ..., "key": ..., "wants": ...}'
 *
 * event   a command that changes a number
 * key     the member of today that must then be `wants` on the open page
 *
 * Prints JSON: {"today": {...}, "charts": titles, "table": rows of the first
 * chart, "wrong": [...]}.
 */
'use strict';

const { byPassword, inspect, open, run, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const out = { today: {}, charts: [], table: [], wrong };

async function start(is, wide, dark) {
	/* A finger needs larger targets than a pointer. */
	const who = await open({
		is,
		wide,
		dark,
		wrong,
		url: want.url,
		shots: want.shots,
		full: true,
		least: 24,
	});

	await who.page.goto(`${want.url}#/dashboard`);
	await byPassword(who, want.name, want.password);
	await who.page.waitForSelector('.figure');
	return who;
}

async function desktop() {
	const who = await start('desktop', true, false);

	await inspect(who, 'days');
	run(want.event);
	await who.page.waitForFunction(
		([key, n]) => document.querySelector(`[data-today="${key}"]`).textContent === n,
		[want.key, want.wants],
	);
	out.today = await who.page.$$eval('[data-today]', (all) =>
		Object.fromEntries(all.map((e) => [e.dataset.today, e.textContent])),
	);
	await tab(who, 'a[href="#/dashboard?by=hour"]');
	await who.page.keyboard.press('Enter');
	await who.page.waitForSelector('a[href="#/dashboard?by=hour"][aria-current]');
	out.charts = await who.page.$$eval('.panel:has(.chart) h2', (all) =>
		all.map((e) => e.textContent),
	);
	await tab(who, 'summary');
	await who.page.keyboard.press('Enter');
	await who.page.waitForSelector('.chart-data[open] table');
	out.table = await who.page.$$eval('.chart-data[open] tbody tr', (all) =>
		all.map((r) => [...r.cells].slice(1).map((c) => c.textContent)),
	);
	await inspect(who, 'hours');
	await who.browser.close();
}

async function phone() {
	const who = await start('phone', false, true);

	await inspect(who, 'days');
	await who.page.click('.chart-data summary');
	await inspect(who, 'numbers');
	await who.browser.close();
}

(async () => {
	await desktop();
	await phone();
})()
	.catch((e) => wrong.push(e.stack))
	.finally(() => {
		console.log(JSON.stringify(out));
		process.exit(wrong.length > 0 ? 1 : 0);
	});
