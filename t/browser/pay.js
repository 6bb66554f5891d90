/*
 * A person at the pages of a payment, with a keyboard and a browser.
 *
 *	node pay.js '{"url": ..., "do": "pay", "ends": "Payment received", ...}'...
 *
 * before  a command to run first
 * url     the sandbox's page, or any page to look at
 * do      the button to press: by Tab and Enter; none: only look
 * wide    a desktop's window; else a phone of 360 by 640
 * dark    the dark colours
 * script  false: JavaScript is switched off
 * ends    the heading that the return page has in the end; it must come there by
 *         itself
 * then    a command to run while it waits
 * shots   folder and beginning of the names of screenshots
 * status  of the first page (200)
 *
 * Says what is wrong, a line each, with the number of the walk if there are
 * several; exit status 1.
 */
'use strict';

const { execFileSync } = require('child_process');
const { chromium } = require('playwright-core');

let want, wrong;

function run(command) {
	execFileSync('/bin/sh', ['-c', command], { stdio: 'inherit' });
}

/*
 * Runs in the page: what nobody could read, reach or press.
 */
function look() {
	const bad = [];
	const shown = (e) => e.getClientRects().length > 0;
	const numbers = (c) => c.match(/[\d.]+/g).map(Number);

	function ground(e) {
		for (; e !== null; e = e.parentElement) {
			const c = numbers(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] === 1)
				return c;
		}
		return [255, 255, 255];
	}
	function light(c) {
		const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) =>
			v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	}
	function contrast(a, b) {
		const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
		return (x + 0.05) / (y + 0.05);
	}

	if (document.documentElement.scrollWidth > innerWidth)
		bad.push(`it is ${document.documentElement.scrollWidth} wide`);
	if (document.documentElement.lang !== 'en' || document.title === '')
		bad.push('no language or no title');
	if (document.querySelectorAll('h1').length !== 1 ||
	    document.querySelectorAll('main').length !== 1)
		bad.push('not one heading, not one main part');
	if (document.querySelectorAll('script, style, [style]').length !== 0)
		bad.push('it has a script or a style of its own');
	for (const e of document.querySelectorAll('button, a')) {
		const r = e.getBoundingClientRect();
		if (r.width < 44 || r.height < 44)
			bad.push(`${e.textContent}: ${r.width} by ${r.height}`);
	}
	for (const e of document.querySelectorAll('body *')) {
		const own = [...e.childNodes].some((n) => n.nodeType === 3 &&
			n.textContent.trim() !== '');
		if (!own || !shown(e))
			continue;
		const s = getComputedStyle(e);
		const c = contrast(numbers(s.color), ground(e));
		if (c < 4.5)
			bad.push(`"${e.textContent.trim()}": contrast ` +
				c.toFixed(2));
		if (parseFloat(s.fontSize) < 13)
			bad.push(`"${e.textContent.trim()}": ${s.fontSize}`);
	}
	if (document.querySelector('.card') !== null &&
	    getComputedStyle(document.querySelector('.card')).borderRadius ===
	    '0px')
		bad.push('the style sheet is not in force');
	return bad;
}

/* Runs in the page: which is focused, and can it be seen? */
function focused() {
	const e = document.activeElement;
	const s = getComputedStyle(e);

	return {
		value: e.value || '',
		seen: e.matches(':focus-visible') && s.outlineStyle !== 'none' &&
		    parseFloat(s.outlineWidth) >= 2,
	};
}

async function inspect(page, name) {
	const heading = await page.textContent('h1');

	for (const text of await page.evaluate(look))
		wrong.push(`${name} (${heading}): ${text}`);
	if (want.shots)
		await page.screenshot({ path: `${want.shots}-${name}.png`,
			fullPage: true });
}

async function press(page, value) {
	for (let i = 0; i < 20; i++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(focused);
		if (at.value !== '' && !at.seen)
			wrong.push(`the focus on ${at.value} can not be seen`);
		if (at.value !== value)
			continue;
		if (want.shots)
			await page.screenshot({ path: `${want.shots}-focus.png`,
				fullPage: true });
		await Promise.all([
			page.waitForURL(/\/pay\/return\//),
			page.keyboard.press('Enter'),
		]);
		return;
	}
	throw new Error(`no button ${value} can be reached by Tab`);
}

async function comeBack(page) {
	if (want.then) {
		await page.waitForSelector('h1:text-is("Waiting for confirmation")');
		await inspect(page, 'waiting');
		run(want.then);
	}
	/* Nobody touches it: the page looks again by itself. */
	await page.waitForSelector(`h1:text-is("${want.ends}")`,
		{ timeout: 20000 });
	await inspect(page, 'end');
}

async function walk(browser) {
	const context = await browser.newContext({
		viewport: want.wide ? { width: 1280, height: 800 } :
			{ width: 360, height: 640 },
		colorScheme: want.dark ? 'dark' : 'light',
		javaScriptEnabled: want.script,
		reducedMotion: 'reduce',
	});
	const page = await context.newPage();
	/* The browser calls a failure what is one, on its console. */
	let expected = want.status !== 200;

	page.on('pageerror', (e) => wrong.push(`error: ${e.message}`));
	page.on('console', (m) => {
		if (m.type() === 'error' && !expected)
			wrong.push(`console: ${m.text()}`);
	});
	page.on('requestfailed', (r) => {
		/* A look that the next page cut short is none. */
		if (r.failure().errorText !== 'net::ERR_ABORTED')
			wrong.push(`${r.url()}: ${r.failure().errorText}`);
	});
	const answer = await page.goto(want.url);
	if (answer.status() !== want.status)
		wrong.push(`status ${answer.status()}, not ${want.status}`);
	expected = false;
	await inspect(page, 'begin');
	if (want.do)
		await press(page, want.do);
	if (want.ends)
		await comeBack(page);
	if (want.script !== (await scripted(page)))
		wrong.push(`scripts: not ${want.script}`);
	await context.close();
}

/* Is JavaScript really on, or off, in this run? A page of nobody tells. */
async function scripted(page) {
	await page.goto('data:text/html,<title>off</title>' +
		'<script>document.title="on"</script>');
	return await page.title() === 'on';
}

async function main() {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
		chromiumSandbox: false,
		args: ['--disable-gpu', '--disable-quic',
			'--disable-background-networking',
			'--disable-component-update', '--disable-sync',
			'--no-first-run', '--proxy-server=direct://',
			/* Nothing but this machine. */
			'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
	});

	const plans = process.argv.slice(2);
	let bad = 0;

	for (const [i, plan] of plans.entries()) {
		want = { script: true, status: 200, ...JSON.parse(plan) };
		wrong = [];
		try {
			if (want.before)
				run(want.before);
			await walk(browser);
		} catch (e) {
			wrong.push(e.message);
		}
		bad += wrong.length;
		for (const line of wrong)
			console.log((plans.length > 1 ? `${i + 1}: ` : '') + line);
	}
	await browser.close();
	process.exit(bad > 0 ? 1 : 0);
}

main();
