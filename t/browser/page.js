/*
 * page: functions for all browser tests: a browser that can access only this
 * machine, checks of contrast, size and reach, navigation by Tab, and sign-in.
 */
'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const { chromium } = require('playwright-core');

const flags = [
	'--disable-gpu',
	'--disable-quic',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--no-first-run',
	'--proxy-server=direct://',
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
/* The sizes of the window, and the pixels from which it counts as large. */
const SMALL = { width: 360, height: 640 };
const LARGE = { width: 1280, height: 800 };
const MIN_LARGE = 768;
const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
/* Starts in a third of the time. It cannot ask for permissions. */
const SHELL = '/usr/bin/chromium-headless-shell';
const browsers = new Map();
const { SHOTS } = process.env;
const FULL = process.env.EARMARK_FAULT === 'full';
let shot = 0;
const leaving = new WeakSet();

/* Runs a shell command and returns its output. */
function run(command) {
	return execFileSync('/bin/sh', ['-c', command]).toString().trim();
}

/*
 * Runs in the page. least: minimum height and width of buttons in pixels in a
 * large window; it is 44 in a small one, which is of a phone.
 */
function look([minLarge, leastLarge]) {
	const least = innerWidth < minLarge ? 44 : leastLarge;
	const bad = [];
	const shown = (e) =>
		e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
		!e.closest('.hide');
	const size = least - 0.5;
	/* Components of color-mix() are between 0 and 1. */
	const numbers = (c) =>
		c
			.match(/[\d.]+/g)
			.map((n, i) => (c.startsWith('color(') && i < 3 ? n * 255 : Number(n)));
	const front = [...document.querySelectorAll('dialog[open]')].pop() ?? document.body;

	function ground(e) {
		for (; e !== null; e = e.parentElement) {
			const c = numbers(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] === 1) return c;
		}
		return [255, 255, 255];
	}
	function light(c) {
		const [r, g, b] = c
			.slice(0, 3)
			.map((v) => v / 255)
			.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
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
	if (
		document.querySelectorAll('h1').length !== 1 ||
		document.querySelectorAll('main').length !== 1
	)
		bad.push('not one heading, not one main part');
	if (
		document.querySelectorAll('style, [style]:not([style=""]), ' + 'script:not([src])')
			.length !== 0
	)
		bad.push('it has a script or a style of its own');
	for (const e of front.querySelectorAll('button, a, select, input, textarea, summary')) {
		const r = (e.closest('label') ?? e).getBoundingClientRect();
		/* Links within text have the height of a line. */
		const inline = e.matches('a') && getComputedStyle(e).display === 'inline';
		if (
			shown(e) &&
			!inline &&
			!e.matches('.skip') &&
			(r.width < size || r.height < size)
		)
			bad.push(`${e.textContent || e.name}: ` + `${r.width} by ${r.height}`);
		if (
			shown(e) &&
			(e.textContent + (e.ariaLabel ?? '')).trim() === '' &&
			(e.labels ?? []).length === 0
		)
			bad.push(`no name: ${e.outerHTML}`);
	}
	for (const img of document.images)
		if (shown(img) && img.complete && img.naturalWidth === 0)
			bad.push(`no picture: ${img.outerHTML}`);
	/* Texts that reach into a button of the same card. */
	for (const b of front.querySelectorAll('.card button')) {
		const r = b.getBoundingClientRect();
		for (const e of b.closest('.card').querySelectorAll('span, p, h2, a, dd')) {
			const t = e.getBoundingClientRect();
			if (
				shown(b) &&
				shown(e) &&
				!b.contains(e) &&
				!e.contains(b) &&
				Math.min(r.right, t.right) - Math.max(r.left, t.left) > 1 &&
				Math.min(r.bottom, t.bottom) - Math.max(r.top, t.top) > 1
			)
				bad.push(
					`"${e.textContent}" overlaps ${b.ariaLabel ?? b.textContent}`,
				);
		}
	}
	/* Values and inputs that reach out of their card or form. */
	for (const e of front.querySelectorAll('dd, form input')) {
		const form = e.closest('form')?.getBoundingClientRect();
		if (
			shown(e) &&
			(e.matches('dd')
				? e.scrollWidth > e.clientWidth + 1
				: e.getBoundingClientRect().right > form.right + 1)
		)
			bad.push(`"${e.textContent || e.name}" is too wide`);
	}
	for (const e of front.querySelectorAll('*')) {
		const own = [...e.childNodes].some(
			(n) => n.nodeType === 3 && n.textContent.trim() !== '',
		);
		if (!own || !shown(e) || e.matches('.skip, option')) continue;
		const s = getComputedStyle(e);
		const c = contrast(numbers(s.color), ground(e));
		if (c < 4.5)
			bad.push(
				`"${e.textContent.trim().slice(0, 60)}": ` +
					`contrast ${c.toFixed(2)}`,
			);
		if (parseFloat(s.fontSize) < 13)
			bad.push(`"${e.textContent.trim().slice(0, 60)}": ` + s.fontSize);
	}
	return bad;
}

/*
 * Returns what f() does. Repeats it if the page was loaded again meanwhile, like
 * the page of a pending payment.
 */
async function steady(f) {
	for (let left = 4; ; left--)
		try {
			return await f();
		} catch (e) {
			if (left === 0 || !e.message.includes('context was destroyed')) throw e;
		}
}

/* Runs axe in the page. Inserts it again if the page was loaded again. */
async function runAxe(page) {
	let found;

	while (found === undefined) {
		if (!(await page.evaluate(() => 'axe' in window)))
			await page.evaluate(
				fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'),
			);
		found = await page.evaluate(
			(enabled) =>
				window.axe?.run(document, {
					reporter: 'no-passes',
					rules: {
						'color-contrast': { enabled },
						/* The page of a pending payment has no script. */
						'meta-refresh': { enabled: false },
					},
				}),
			FULL,
		);
	}
	return found;
}

/*
 * Returns the problems that axe reports. axe is a script, so it runs only with
 * JavaScript. look() always checks the contrast.
 */
async function judge({ page, script }) {
	if (!script) return [];
	const found = await steady(() => runAxe(page));

	return found.violations.map(
		(v) =>
			`axe: ${v.id}: ${v.help}: ${v.nodes
				.slice(0, 3)
				.map((n) => n.html.slice(0, 120))
				.join(' | ')}`,
	);
}

/* Runs in the page. Stores the texts of toasts, which disappear after 6 s. */
function recordToasts() {
	window.toasts = [];
	document.addEventListener('DOMContentLoaded', () => {
		const e = document.querySelector('.toast');

		if (e === null) return;
		new MutationObserver(() => {
			if (e.textContent !== '') window.toasts.push(e.textContent);
		}).observe(e, { childList: true, subtree: true, characterData: true });
	});
}

/* Waits for a toast with the text, and forgets it and those before it. */
async function toasted({ page }, text) {
	await page.waitForFunction((t) => {
		const at = window.toasts.findIndex((one) => one.includes(t));

		if (at >= 0) window.toasts.splice(0, at + 1);
		return at >= 0;
	}, text);
}

/* Loads the page again. Requests that this ends are not errors. */
async function reload({ page }) {
	leaving.add(page);
	await page.reload();
	leaving.delete(page);
}

/* Starts a browser with these arguments, unless it runs. */
function launch(args, asks) {
	const shell = !asks && !process.env.CHROMIUM && fs.existsSync(SHELL);
	const how = {
		executablePath: shell ? SHELL : CHROMIUM,
		chromiumSandbox: false,
		args: [...flags, ...args],
	};
	const key = JSON.stringify(how);

	if (!browsers.has(key)) browsers.set(key, chromium.launch(how));
	return browsers.get(key);
}

/*
 * Opens a page for the user `is`, with a large window or one of 360 by 640. All
 * users share one process, unless their args differ. `browser` of the result is
 * a context with its own cookies, storage and permissions. wrong gets a line
 * for each console error, exception and request to another host, except for
 * statuses that expected() accepts. shots: folder and prefix of the names of
 * screenshots. full: screenshots of the whole page. least: minimum height and
 * width of buttons in pixels in a large window; see look(). script: false
 * disables JavaScript. asks: the page asks for permissions that `permissions`
 * does not grant.
 */
async function open({
	is,
	url,
	wide,
	dark,
	wrong,
	expected,
	permissions,
	shots,
	full,
	args = [],
	asks = false,
	least = 44,
	script = true,
}) {
	const browser = await launch(args, asks);
	const context = await browser.newContext({
		viewport: wide ? LARGE : SMALL,
		colorScheme: dark ? 'dark' : 'light',
		reducedMotion: 'reduce',
		permissions: permissions ?? [],
		javaScriptEnabled: script,
	});
	const page = await context.newPage();

	page.setDefaultTimeout(30000);
	if (script) await page.addInitScript(recordToasts);
	page.on('pageerror', (e) => wrong.push(`${is}: ${e.message}`));
	page.on('console', (m) => {
		const aborted = leaving.has(page) && m.text().includes('Failed to fetch');

		if (m.type() === 'error' && !aborted && !expected?.(m))
			wrong.push(`${is}: ${m.text()} ${m.location().url}`);
	});
	page.on('request', (r) => {
		if (new URL(r.url()).origin !== new URL(url).origin)
			wrong.push(`${is} asks ${r.url()}`);
	});
	return {
		is,
		browser: context,
		page,
		wrong,
		shots,
		full,
		least,
		script,
		wide,
		dark,
	};
}

/*
 * Adds the errors of the page to wrong: as the user sees it, and in the other
 * window with the other color scheme, where axe does not run. If the variable
 * EARMARK_FAULT is "full", tests both windows in both schemes with axe. If the
 * variable SHOTS is set, takes a screenshot as the user sees it; of all that is
 * tested if it is "all".
 */
async function inspect(who, name) {
	const { page, dark } = who;
	const found = new Set();
	const number = String(++shot).padStart(2, '0');
	const wide = who.wide ?? false;

	/* A small window hides some elements, which then lose the focus. */
	if (who.script)
		await page.evaluate(() => {
			window.focusedBefore = document.activeElement;
		});
	for (const [large, other] of [
		[wide, false],
		[!wide, true],
		...(FULL
			? [
					[!wide, false],
					[wide, true],
				]
			: []),
	]) {
		const own = large === wide && !other;
		const scheme = Boolean(dark) !== other ? 'dark' : 'light';

		await page.setViewportSize(large ? LARGE : SMALL);
		await page.emulateMedia({ colorScheme: scheme });
		const problems = await steady(() => page.evaluate(look, [MIN_LARGE, who.least]));
		if (own || FULL) problems.push(...(await judge(who)));
		for (const text of problems)
			found.add(`${large ? 'large' : 'small'} ${scheme}: ${text}`);
		if (who.shots && SHOTS && (own || SHOTS === 'all'))
			await page.screenshot({
				fullPage: who.full,
				path:
					`${who.shots}-${number}-${who.is}-${name}` +
					`${own ? '' : large ? '-large' : '-small'}` +
					`${own ? '' : `-${scheme}`}.png`,
			});
	}
	await page.setViewportSize(wide ? LARGE : SMALL);
	await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
	/* The page may have loaded another one in the meantime. */
	if (who.script)
		await page.evaluate(() => {
			if (document.activeElement !== window.focusedBefore)
				window.focusedBefore?.focus();
		});
	for (const text of found) who.wrong.push(`${who.is} ${name}: ${text}`);
}

/*
 * Waits for a selector, and presses Tab until it has the focus. The focus must
 * always be visible.
 */
async function tab(who, selector, most) {
	/* If it does not appear, Tab does not reach it either. */
	await who.page
		.waitForSelector(selector, { state: 'attached', timeout: 10000 })
		.catch(() => {});
	for (let i = 0; i < (most ?? 60); i++) {
		await who.page.keyboard.press('Tab');
		const at = await who.page.evaluate((s) => {
			const e = document.activeElement;
			/* Inputs that their parents draw. */
			const seen = e.matches('.chip input')
				? e.nextElementSibling
				: e.matches('.star input')
					? e.parentElement
					: e;
			const style = getComputedStyle(seen);
			return {
				there: e.matches(s),
				text: e.outerHTML.slice(0, 80),
				visible:
					e === document.body ||
					(style.outlineStyle !== 'none' &&
						parseFloat(style.outlineWidth) >= 2),
			};
		}, selector);
		if (!at.visible) who.wrong.push(`${who.is}: focus not seen: ${at.text}`);
		if (at.there) return;
	}
	throw new Error(`${who.is}: no ${selector} can be reached by Tab`);
}

async function press(who, selector, most) {
	await who.page.waitForSelector(selector);
	await tab(who, selector, most);
	await who.page.keyboard.press('Enter');
}

async function typeCode(who, code) {
	await who.page.waitForSelector('input[name=code]');
	await inspect(who, 'code');
	await who.page.keyboard.type(run(code));
	await who.page.keyboard.press('Enter');
}

/* Signs in with a code sent to id. code is a command that prints it. */
async function byCode(who, id, code) {
	await who.page.waitForSelector('input[name=identifier]');
	await tab(who, 'input[name=identifier]');
	await who.page.keyboard.type(id);
	await who.page.keyboard.press('Enter');
	await typeCode(who, code);
}

async function byPassword(who, name, password) {
	await press(who, 'form .btn-link');
	await who.page.waitForSelector('input[name=password]');
	await tab(who, 'input[name=identifier]');
	await who.page.keyboard.type(name);
	await tab(who, 'input[name=password]');
	await who.page.keyboard.type(password);
	await who.page.keyboard.press('Enter');
}

/*
 * Opens the page at path (see open()), adds it to people, and
 * signs in.
 */
async function enter(people, path, name, password, options) {
	const who = await open(options);

	people.push(who);
	await who.page.goto(options.url + path);
	await byPassword(who, name, password);
	return who;
}

/* After signing out, the tab stores no data. */
async function nothingLeft(who) {
	if ((await who.page.evaluate(() => sessionStorage.length + localStorage.length)) !== 0)
		who.wrong.push(`${who.is}: the tab still stores data`);
}

/* Takes a screenshot of what each of the people sees. */
async function pictureAll(people, prefix) {
	for (const who of people)
		await who.page.screenshot({ path: `${prefix}-${who.is}.png` }).catch(() => {});
}

/* Closes the browsers of all people, prints the result and ends the program. */
async function finish(people, result) {
	await Promise.all(people.map((who) => who.browser.close()));
	console.log(JSON.stringify(result));
	process.exit(result.wrong.length > 0 ? 1 : 0);
}

module.exports = {
	byCode,
	byPassword,
	enter,
	finish,
	inspect,
	nothingLeft,
	open,
	pictureAll,
	press,
	reload,
	run,
	tab,
	toasted,
	typeCode,
};
