/*
 * checkout: a user at the payment pages, with keyboard and browser.
 *
 *	node checkout.js '{"url": ..., "do": "pay", "ends": "Payment received", ...}'...
 *
 * before  a command to run first
 * url     the page of the sandbox, or another page
 * do      the button to press with Tab and Enter. Without it the page is only
 *         inspected
 * wide    a large window. Otherwise 360 by 640
 * dark    dark colors
 * script  false: JavaScript is disabled
 * ends    the final heading of the return page, which must appear without input
 * then    a command to run during the wait
 * shots   folder and prefix of the names of screenshots
 * status  of the first page (200)
 *
 * Prints a line for each error, with the number of the plan if there are
 * several. Exits with 1 on errors.
 */
'use strict';

const { inspect, open, run, tab } = require('./page.js');

let want, wrong;

/* Runs in the page. Returns violations of rules for payment pages. */
function plain() {
	const card = document.querySelector('.card');
	const bad = [];

	if (document.querySelectorAll('script, style, [style]').length !== 0)
		bad.push('it has a script or a style of its own');
	if (card !== null && getComputedStyle(card).borderRadius === '0px')
		bad.push('the style sheet is not in force');
	return bad;
}

async function look(who, name) {
	wrong.push(...(await who.page.evaluate(plain)));
	await inspect(who, name);
}

async function comeBack(who) {
	const { page } = who;

	if (want.then) {
		await page.waitForSelector('h1:text-is("Waiting for confirmation")');
		await look(who, 'waiting');
		run(want.then);
	}
	/* The page reloads itself without input. */
	await page.waitForSelector(`h1:text-is("${want.ends}")`, { timeout: 20000 });
	await look(who, 'end');
}

async function walk() {
	/* The console reports expected failures too. */
	let expected = want.status !== 200;
	const who = await open({
		is: want.wide ? 'desktop' : 'phone',
		wrong,
		url: want.url,
		wide: want.wide,
		dark: want.dark,
		full: true,
		shots: want.shots,
		script: want.script,
		expected: () => expected,
	});
	const { page } = who;

	page.on('requestfailed', (r) => {
		/* A reload that the next page interrupts is not an error. */
		if (r.failure().errorText !== 'net::ERR_ABORTED')
			wrong.push(`${r.url()}: ${r.failure().errorText}`);
	});
	try {
		const answer = await page.goto(want.url);
		if (answer.status() !== want.status)
			wrong.push(`status ${answer.status()}, not ${want.status}`);
		expected = false;
		await look(who, 'begin');
		if (want.do) {
			await tab(who, `button[value=${want.do}]`, 20);
			await Promise.all([
				page.waitForURL(/\/pay\/return\//),
				page.keyboard.press('Enter'),
			]);
		}
		if (want.ends) await comeBack(who);
		if (want.script !== (await scripted(page)))
			wrong.push(`scripts: not ${want.script}`);
	} finally {
		await who.browser.close();
	}
}

/* Checks with an empty page whether JavaScript is enabled. */
async function scripted(page) {
	await page.goto(
		'data:text/html,<title>off</title>' + '<script>document.title="on"</script>',
	);
	return (await page.title()) === 'on';
}

async function main() {
	const plans = process.argv.slice(2);
	let bad = 0;

	for (const [i, plan] of plans.entries()) {
		want = { script: true, status: 200, ...JSON.parse(plan) };
		wrong = [];
		try {
			if (want.before) run(want.before);
			await walk();
		} catch (e) {
			wrong.push(e.message);
		}
		bad += wrong.length;
		for (const line of wrong)
			console.log((plans.length > 1 ? `${i + 1}: ` : '') + line);
	}
	process.exit(bad > 0 ? 1 : 0);
}

main();
