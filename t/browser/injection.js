/*
 * injection: types script into all text fields of the pages, reads all pages
 * again, and looks for tokens as a script that runs in the page could.
 *
 *	node injection.js '{"url": ..., "password": ..., "user": ...,
 *	    "customer": ..., "leaver": ..., "staff": ..., "mfa": ..., "paths": {"app": [...], "console": [...]},
 *	    "token": ..., "invitation": ...}'
 *
 * user   a listener who is a customer, for the pages of /app/
 * customer a customer with a session, for its receipt
 * leaver a listener with earnings, who deletes the account
 * staff  an administrator, for /console/
 * mfa    a user with a second factor, for the steps of signing in
 * invitation  the token of an invitation, for its page in /console/
 * paths  pages to visit besides; the first one of the console is the only user
 *        whose pages are attacked
 * token  an access token that the control leaves in the page
 *
 * The pages are those of the tables in the code, and those that links in them
 * lead to. On each page and in each dialog that a button opens, all fields are
 * filled, and each form is submitted: first with valid numbers and times, then
 * with script in fields of other types too. A control shows that the walk finds
 * script if h() inserts texts as HTML, and that the search finds tokens.
 *
 * fetch(), XMLHttpRequest and WebSocket are wrapped before the page loads. In
 * the end, all texts that they have seen, the storage, document.cookie, the
 * document and the globals are searched for texts that could be a token. Each of
 * them is tried as an access token, a refresh token and a cookie.
 *
 * Prints JSON: {"app": {"table": names of the pages in the code, "pages": pages
 * that were attacked, "fields": names of fields, "submitted": number of forms,
 * "tried": number of texts, "cookie": whom the cookie signs in, "hidden":
 * whether scripts cannot read it}, "console": the same, "unseen": names of
 * fields in the code that were never shown, "control": {"injected", "stolen"},
 * "wrong": [...]}.
 */
'use strict';

const fs = require('fs');
const path = require('path');

const { byPassword, open } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const html = path.join(__dirname, '../../nginx/html');
const PAYLOAD = '<img class=injected src=x onerror=stolen()>';
const wrong = [];
const out = { wrong };
/* Buttons that would end the walk. */
const ENDS = /sign out|download|delete (my |the )?account|go (online|offline)|^call\b/i;

/* Runs in the page before its scripts. */
function spy() {
	const seen = [];
	const keep = (x) => seen.push(typeof x === 'string' ? x : JSON.stringify(x));
	const realFetch = window.fetch;
	const RealSocket = window.WebSocket;
	const setHeader = XMLHttpRequest.prototype.setRequestHeader;

	window.pendingRequests = 0;
	window.seenBySpy = seen;
	/* Waits until no request is pending, and its response is shown. */
	window.whenSettled = async () => {
		for (let i = 0, quiet = 0; i < 1000 && quiet < 2; i++) {
			await new Promise((f) => setTimeout(f, 20));
			quiet = window.pendingRequests === 0 ? quiet + 1 : 0;
		}
	};
	window.fetch = async (to, how) => {
		keep([String(to.url ?? to), ...new Headers(how?.headers), how?.body ?? '']);
		window.pendingRequests++;
		try {
			const answer = await realFetch(to, how);
			const text = await answer.clone().text();
			keep([...answer.headers]);
			keep(text);
			return answer;
		} finally {
			window.pendingRequests--;
		}
	};
	window.WebSocket = function (...args) {
		keep(args);
		const s = new RealSocket(...args);
		s.addEventListener('message', (m) => keep(m.data));
		return s;
	};
	window.WebSocket.OPEN = RealSocket.OPEN;
	XMLHttpRequest.prototype.setRequestHeader = function (k, v) {
		keep([k, v]);
		return setHeader.call(this, k, v);
	};
}

/* Runs in the page: returns all texts that a script can read. */
async function loot() {
	const texts = [...window.seenBySpy, document.cookie, document.documentElement.outerHTML];
	const done = (r) =>
		new Promise((ok, fail) => {
			r.onsuccess = () => ok(r.result);
			r.onerror = () => fail(r.error);
		});

	for (const s of [localStorage, sessionStorage]) texts.push(JSON.stringify({ ...s }));
	for (const { name } of await indexedDB.databases()) {
		const db = await done(indexedDB.open(name));

		texts.push(name);
		for (const store of db.objectStoreNames)
			texts.push(
				JSON.stringify(
					await done(
						db.transaction(store).objectStore(store).getAll(),
					),
				),
			);
	}
	for (const k of Object.keys(window)) {
		/* Objects of the browser cannot be written as JSON. */
		try {
			texts.push(JSON.stringify(window[k]) ?? '');
		} catch {
			texts.push(String(window[k]));
		}
	}
	for (const key of await caches.keys())
		for (const r of await (await caches.open(key)).keys()) texts.push(r.url);
	for (const f of document.querySelectorAll('input, textarea')) texts.push(f.value);
	return texts.join('\n');
}

/*
 * Runs in the page: fills the fields in the front, and submits the form number
 * `which` of those that have a field, or, if there is none, changes a field
 * outside of forms. all: script in fields of all types, for which the browser
 * does not check values. Returns the names of the fields and the number of
 * forms.
 */
async function fill({ payload, which, all, ends }) {
	const front = [...document.querySelectorAll('dialog[open]')].pop() ?? document.body;
	const shown = (e) => e.checkVisibility({ visibilityProperty: true });
	const typed = { number: '1', date: '2030-01-02', time: '10:00' };
	const set = (e, value) => {
		const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(e), 'value');
		const max = Number(e.getAttribute('maxlength') ?? payload.length);

		own.set.call(e, value.slice(0, Math.max(max, 6)));
		e.dispatchEvent(new Event('input', { bubbles: true }));
		e.dispatchEvent(new Event('change', { bubbles: true }));
	};
	const value = (e) => {
		if (e.type in typed) return e.min && e.type === 'number' ? e.min : typed[e.type];
		if (e.type === 'datetime-local') return '2030-01-02T10:00';
		if (all) return payload;
		if (e.inputMode === 'decimal') return '1.00';
		if (e.type === 'email') return 'a@example.org';
		return payload;
	};
	const fields = [...front.querySelectorAll('input, textarea, select, [contenteditable]')]
		.filter(shown)
		.filter((e) => !['file', 'hidden', 'submit'].includes(e.type));
	const forms = [...new Set(fields.map((e) => e.form).filter((f) => f))];
	const alone = fields.filter((e) => !e.form);
	const form = forms[which];

	for (const e of form ? fields.filter((f) => f.form === form) : alone) {
		if (e.isContentEditable) e.textContent = payload;
		else if (e.type === 'radio') e.checked = true;
		else if (e.type === 'checkbox') e.checked ||= e.required;
		else if (e.tagName === 'SELECT') {
			/* The users must stay able to sign in. */
			const last = [...e.options].findLast((o) => !/\bban\b/i.test(o.text));
			if (form) e.value = last.value;
		} else if (e.type !== 'checkbox') set(e, value(e));
	}
	if (form) {
		const send = form.querySelector('[type=submit]');
		form.noValidate = true;
		if (send && !new RegExp(ends, 'i').test(send.textContent)) form.requestSubmit(send);
	} else {
		for (const e of alone)
			e.dispatchEvent(
				new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }),
			);
	}
	const typedOnly = fields.some((e) => e.form && 'value' in e && value(e) !== payload);
	const names = fields.map((e) => e.name || e.getAttribute('aria-label') || e.tagName);
	if (form || alone.length > 0) await window.whenSettled();
	return {
		names,
		forms: forms.length,
		/* Fields of forms that got another value than the script. */
		typed: typedOnly,
		injected: document.querySelectorAll('.injected').length,
	};
}

/* Waits until the page is at rest, also if it is just being loaded. */
async function idle(page) {
	await page
		.evaluate(() => window.whenSettled())
		.catch(() =>
			page
				.waitForLoadState()
				.then(() => page.evaluate(() => window.whenSettled())),
		);
}

/* Looks for elements that the script has become. */
async function look(who, where, found) {
	const n =
		found ??
		(await who.page.evaluate(() => document.querySelectorAll('.injected').length));

	who.injected += n;
	if (n > 0) who.wrong.push(`${who.is} ${where}: ${n} texts became elements`);
}

/* Fills and submits all forms in the front. */
async function attack(who, where) {
	const { page } = who;

	let typed = true;

	for (const all of [false, true]) {
		if (all && !typed) break;
		typed = false;
		for (let which = 0; which < 8; which++) {
			/* A form may load the page again. */
			const seen = await page
				.evaluate(fill, { payload: PAYLOAD, which, all, ends: ENDS.source })
				.catch(() => null);

			if (seen === null) {
				await idle(page);
				continue;
			}

			for (const name of seen.names) who.fields.add(name);
			typed ||= seen.typed;
			if (which < seen.forms) who.submitted++;
			await look(who, where, seen.injected);
			if (which >= seen.forms) break;
		}
	}
}

async function signedIn({ is, page, user }) {
	await page.waitForSelector('[aria-current=page]', { state: 'attached' }).catch(async () => {
		const said = await page.evaluate(() => window.toasts.join(' '));
		throw new Error(`${is}: ${user} cannot sign in: ${said}`);
	});
}

/* Closes dialogs, and signs in again if the walk has ended the session. */
async function recover(who) {
	await who.page.evaluate(() => {
		for (const d of document.querySelectorAll('dialog[open]')) d.close();
	});
	const left =
		(await who.page.locator('main input[name=identifier]:visible').count()) > 0 &&
		(await who.page.locator('[aria-current=page]:visible').count()) === 0;
	if (left) {
		await who.page.reload();
		await who.page.waitForSelector('input[name=identifier]');
		await byPassword(who, who.user, want.password);
		await signedIn(who);
	}
}

/* Runs in the page: clicks the next button whose text was not clicked before. */
function clickNext({ done, ends }) {
	const name = (b) => `${b.textContent} ${b.ariaLabel ?? ''}`.replace(/\d+/g, 'N').trim();
	const next = [...document.querySelectorAll('main button:not([type=submit])')].find(
		(b) =>
			b.checkVisibility() &&
			!b.disabled &&
			!done.includes(name(b)) &&
			!new RegExp(ends, 'i').test(name(b)),
	);

	next?.click();
	return next === undefined ? null : name(next);
}

async function show(who, where) {
	await who.page.evaluate((hash) => {
		document.querySelector('main').firstElementChild?.setAttribute('data-old', '');
		if (location.hash === hash) dispatchEvent(new HashChangeEvent('hashchange'));
		else location.hash = hash;
	}, `#/${where}`);
	await who.page.waitForSelector('main:not(:has(> [data-old])) h1', { state: 'attached' });
	await who.page.evaluate(async () => {
		await window.whenSettled();
		for (const d of document.querySelectorAll('main details')) d.open = true;
	});
}

/* Returns the pages below `where` that links of this page lead to. */
async function links(who) {
	const found = await who.page.evaluate(() =>
		[...document.querySelectorAll('main a[href^="#/"]')].map((a) =>
			a.getAttribute('href').slice(2),
		),
	);
	/* Other users must stay able to sign in. */
	return found.filter(
		(to) =>
			to.includes('/') &&
			(!to.startsWith('users/') || to.startsWith(want.paths.console[0])),
	);
}

/* Attacks a page and the dialogs of its buttons. Returns links to other pages. */
async function visit(who, where) {
	const done = [];
	const { page } = who;

	await recover(who);
	await show(who, where);
	if (process.env.TRACE) console.error(`${who.is} ${where}`);
	const found = await links(who);
	await attack(who, where);
	found.push(...(await links(who)));
	for (let i = 0; i < 30; i++) {
		const fields = await page.locator('main :is(input, textarea)').count();
		const name = await page.evaluate(clickNext, { done, ends: ENDS.source });

		if (name === null) break;
		done.push(name);
		await idle(page);
		const dialog = await page.locator('dialog[open]').count();
		if (
			dialog > 0 ||
			(await page.locator('main :is(input, textarea)').count()) > fields
		)
			await attack(who, `${where} ${name}`);
		await recover(who);
		const now = (await page.evaluate(() => location.hash)).slice(2);
		if (now.includes('/')) found.push(now);
		if (now !== where || dialog > 0) await show(who, where);
	}
	return found;
}

/* Visits all pages once; of pages that differ only by a number, one. */
async function visitAll(who, names) {
	const kind = (where) => where.replace(/\d+/g, 'N').split('?')[0];
	const queue = [...names];
	const seen = new Set(queue.map(kind));

	while (queue.length > 0) {
		const where = queue.shift();

		for (const to of await visit(who, where))
			if (!seen.has(kind(to))) {
				seen.add(kind(to));
				queue.push(to);
			}
		who.pages.push(where);
	}
}

/* Reads all pages again, after script was stored. */
async function readAll(who) {
	await who.page.goto(want.url + who.path);
	await who.page.waitForSelector('[aria-current=page]', { state: 'attached' });
	for (const where of who.pages) {
		await recover(who);
		await show(who, where);
		await look(who, `${where}, read again`);
	}
}

/* Returns whether a request with these headers is that of a signed-in user. */
async function signsIn(headers) {
	const answer = await fetch(`${want.url}/user/profile`, { headers });

	await answer.text();
	return answer.status === 200;
}

async function refreshes(text) {
	const answer = await fetch(`${want.url}/auth/refresh-token`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ refresh_token: text }),
	});

	await answer.text();
	return answer.status === 200;
}

/* Tries all texts that a script can read. */
async function steal(who) {
	const text = await who.page.evaluate(loot);
	const found = [...new Set(text.match(/[\w-]{30,}(\.[\w-]+\.[\w-]+)?/g))].filter(
		(t) => !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(t),
	);
	const cookies = await who.page.context().cookies();
	const [cookie] = cookies.filter((c) => c.name === who.cookie);
	let stolen = 0;

	for (const t of found)
		if (
			(await signsIn({ Authorization: `Bearer ${t}` })) ||
			(await signsIn({ Cookie: `__Host-earmark=${t}` })) ||
			(await signsIn({ Cookie: `__Host-earmark-staff=${t}` })) ||
			(await refreshes(t))
		)
			stolen++;
	return { text, stolen, tried: found.length, cookie };
}

async function stealing(who) {
	const { text, stolen, tried, cookie } = await steal(who);
	const session = `/auth/session${who.cookie.slice(14).replace('-', '/')}`;
	const answer = await fetch(want.url + session, {
		headers: { Cookie: `${who.cookie}=${cookie.value}` },
	});

	if (stolen > 0) who.wrong.push(`${who.is}: a script can read a token`);
	return {
		tried,
		cookie: (await answer.json()).user?.username ?? null,
		hidden: cookie.httpOnly && cookie.secure && !text.includes(cookie.value),
	};
}

/* Attacks the pages that a user sees who is not signed in. */
async function signInSteps(who) {
	const { page } = who;
	const click = async (text) => {
		await page.locator('main button', { hasText: text }).click();
		await attack(who, text);
	};

	for (const link of ['restore/x', 'sign-in/x', `invitation/${want.invitation}`]) {
		await page.goto(`${want.url}${who.path}#/${link}`);
		await page.reload();
		await page.waitForSelector('main h1');
		await attack(who, link);
	}
	await page.goto(`${want.url}${who.path}#/`);
	await page.reload();
	await page.waitForSelector('input[name=identifier]');
	await attack(who, 'sign-in');
	await page.locator('input[name=identifier]').fill('walk@example.org');
	await page.locator('main [type=submit]').click();
	await page.waitForSelector('input[name=code]');
	await attack(who, 'code');
	if (who.is === 'app') await click('I have a referral code');
	await click('Start over');
	await page.locator('main button', { hasText: 'Use a password' }).click();
	await attack(who, 'password');
	await page.locator('input[name=identifier]').fill(want.mfa);
	await page.locator('input[name=password]').fill(want.password);
	await page.locator('main [type=submit]').click();
	await page.waitForSelector('input[name=code]');
	await attack(who, 'second factor');
	await page.reload();
	await page.waitForSelector('input[name=identifier]');
}

/* Opens the one browser of this test. */
async function begin() {
	const who = await open({
		is: 'browser',
		wide: true,
		wrong,
		url: want.url,
		/* Rejected requests; a policy that blocks a script is an error. */
		expected: (m) => /Failed to load resource/.test(m.text()),
	});

	await who.page.exposeFunction('stolen', () => wrong.push('a script ran'));
	await who.page.addInitScript(spy);
	return who;
}

/* The walk through one of the two applications in the browser. */
function walk(browser, plan) {
	return {
		...browser,
		...plan,
		fields: new Set(),
		pages: [],
		submitted: 0,
		injected: 0,
	};
}

async function enter(who, user) {
	who.user = user;
	await who.page.context().clearCookies({ name: who.cookie });
	await who.page.goto(want.url + who.path);
	await who.page.reload();
	await who.page.waitForSelector('input[name=identifier]');
	await byPassword(who, user, want.password);
	await signedIn(who);
}

/* Deletes the account of `user`, who has money, with script in the last form. */
async function leave(who, user) {
	const { page } = who;

	await enter(who, user);
	await show(who, 'account');
	await page.locator('main button.danger').last().click();
	await page.locator('dialog[open] [type=submit]').click();
	await page.waitForSelector('dialog[open] input[name=payout_contact]');
	await page.locator('dialog[open] input[name=forfeit]').check();
	await attack(who, 'deletion');
	await page.locator('dialog[open] [type=submit]').click();
	await page.waitForSelector('input[name=identifier]');
}

const APP = { is: 'app', path: '/app/', cookie: '__Host-earmark' };
const CONSOLE = { is: 'console', path: '/console/', cookie: '__Host-earmark-staff' };

async function app(browser) {
	const source = fs.readFileSync(path.join(html, 'app/main.js'), 'utf8');
	const [, rows] = source.match(/^const pages = \{\n([^]*?)^\};/m);
	const table = [...rows.matchAll(/^\t(\w+): \{/gm)].map((m) => m[1]);
	const who = walk(browser, APP);

	await who.page.goto(want.url + who.path);
	await signInSteps(who);
	await enter(who, want.customer);
	await visitAll(who, ['calls', 'find', 'favorites', ...want.paths.app]);
	await leave(who, want.leaver);
	await enter(who, want.user);
	await visitAll(who, table);
	return { who, table };
}

async function consoleWalk(browser) {
	const who = walk(browser, CONSOLE);

	await who.page.goto(want.url + who.path);
	await signInSteps(who);
	await enter(who, want.staff);
	const table = await who.page.evaluate(async () =>
		Object.keys((await import('/console/screens.js')).screens),
	);
	await visitAll(who, [...table, ...want.paths.console]);
	await show(who, 'users');
	await who.page.keyboard.press('?');
	await attack(who, 'shortcuts');
	return { who, table };
}

/* Returns the names of fields in the code that were never shown. */
function unseen(names) {
	const inCode = new Set();

	for (const folder of ['app', 'console', 'lib'])
		for (const file of fs.readdirSync(path.join(html, folder))) {
			if (!file.endsWith('.js')) continue;
			const text = fs.readFileSync(path.join(html, folder, file), 'utf8');
			for (const m of text.matchAll(/\bname: '(\w+)'/g)) inCode.add(m[1]);
		}
	return [...inCode].filter((n) => !names.has(n)).sort();
}

/*
 * The same walk must fail if a page inserts texts as HTML, and if a page stores
 * a token.
 */
async function control(browser) {
	const who = walk(browser, CONSOLE);
	const before = wrong.length;

	await who.page.route('**/lib/dom.js', async (route) => {
		const answer = await route.fetch();
		const text = await answer.text();
		const broken = text.replace(
			'e.append(...kids.flat(3)',
			"if (kids.length === 1 && typeof kids[0] === 'string') " +
				'e.innerHTML = kids[0];\n\telse e.append(...kids.flat(3)',
		);
		if (broken === text) throw new Error('the control changes nothing');
		await route.fulfill({ response: answer, body: broken });
	});
	await enter(who, want.staff);
	who.pages = ['tickets', 'reviews'];
	await readAll(who);
	await who.page.evaluate((t) => localStorage.setItem('session', t), want.token);
	const { stolen } = await steal(who);
	const blocked = wrong.splice(before).some((l) => /Content Security Policy/.test(l));
	return { injected: who.injected, blocked, stolen };
}

async function main() {
	const browser = await begin();
	const walks = [await app(browser), await consoleWalk(browser)];
	const names = new Set();

	for (const { who, table } of walks) {
		await readAll(who);
		for (const name of who.fields) names.add(name);
		out[who.is] = {
			table,
			pages: who.pages,
			fields: [...who.fields],
			submitted: who.submitted,
			...(await stealing(who)),
		};
	}
	out.unseen = unseen(names);
	out.control = await control(browser);
	await browser.browser.close();
}

main()
	.catch((e) => wrong.push(e.stack))
	.then(() => {
		process.stdout.write(JSON.stringify(out));
		process.exit(wrong.length === 0 ? 0 : 1);
	});
