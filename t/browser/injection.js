/*
 * injection: types script into all text fields of the pages, and looks for
 * tokens as a script that runs in the page could.
 *
 *	node injection.js '{"url": ..., "user": ..., "staff": ..., "password": ...,
 *	    "screens": [...]}'
 *
 * user     the username of a customer who is a listener, for /app/
 * staff    the username of an administrator, for /console/
 * screens  paths of pages of the console without a link in its navigation
 *
 * A script wraps fetch(), XMLHttpRequest and WebSocket before the page loads.
 * In the end, all texts that it has seen, the storage, document.cookie and the
 * document are searched for texts that could be a token. Each of them is tried
 * as an access token, a refresh token and a cookie.
 *
 * Prints JSON: {"app": {"fields": number of fields, "tried": number of texts,
 * "cookie": whether the cookie signs in, "hidden": whether scripts cannot read
 * it}, "console": the same, "wrong": [...]}.
 */
'use strict';

const { byPassword, open } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const out = { wrong };
const PAYLOAD =
	'"\'><img src=x onerror="stolen()"><script>stolen()</script>' +
	'<svg onload="stolen()"></svg>javascript:stolen()';
const FIELDS =
	'input:is(:not([type]), [type=text], [type=search], [type=email], [type=tel],' +
	' [type=url], [type=password]), textarea';

/* Runs in the page before its scripts. */
function spy() {
	const seen = [];
	const keep = (x) => seen.push(typeof x === 'string' ? x : JSON.stringify(x));
	const realFetch = window.fetch;
	const RealSocket = window.WebSocket;
	const setHeader = XMLHttpRequest.prototype.setRequestHeader;

	window.seenBySpy = seen;
	window.fetch = async (to, how) => {
		keep([String(to.url ?? to), ...new Headers(how?.headers), how?.body ?? '']);
		const answer = await realFetch(to, how);
		answer.clone()
			.text()
			.then(keep, () => {});
		keep([...answer.headers]);
		return answer;
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

	for (const s of [localStorage, sessionStorage]) texts.push(JSON.stringify({ ...s }));
	for (const { name } of await indexedDB.databases()) texts.push(name);
	for (const k of Object.keys(window))
		if (typeof window[k] === 'string') texts.push(window[k]);
	texts.push(await caches.keys().then((k) => k.join()));
	return texts.join('\n');
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

/* Fills all text fields below root, and submits each. Returns their number. */
async function attack(page, root) {
	const all = page.locator(`${root} :is(${FIELDS}):visible`);
	const n = await all.count();

	for (let i = 0; i < n; i++) {
		const e = all.nth(i);
		await e.fill(PAYLOAD, { timeout: 2000 }).catch(() => {});
	}
	if (n > 0) {
		await all
			.first()
			.press('Enter', { timeout: 2000 })
			.catch(() => {});
		const send = page.locator(`${root} form:has(textarea) [type=submit]:visible`);
		await send
			.first()
			.click({ timeout: 500 })
			.catch(() => {});
	}
	await page.waitForLoadState('networkidle').catch(() => {});
	return n;
}

/* Attacks the dialogs that the buttons of the page open. */
async function attackDialogs(page) {
	const buttons = page.locator('main button:visible');
	const n = await buttons.count();
	let fields = 0;

	for (let i = 0; i < n; i++) {
		const b = buttons.nth(i);
		if (/sign out|download|next|more/i.test(await b.textContent().catch(() => 'more')))
			continue;
		await b.click({ timeout: 2000 }).catch(() => {});
		if ((await page.locator('dialog[open]').count()) === 0) continue;
		fields += await attack(page, 'dialog[open]');
		await page.keyboard.press('Escape');
	}
	return fields;
}

async function visit(page, hash) {
	await page.goto(`${page.url().split('#')[0]}#/${hash}`);
	await page.waitForSelector('main h1');
	await page.waitForLoadState('networkidle').catch(() => {});
	for (const e of await page.locator('main details:not([open]) > summary').all())
		await e.click({ timeout: 2000 }).catch(() => {});
	return (await attack(page, 'main')) + (await attackDialogs(page));
}

async function steal(who, name) {
	const text = await who.page.evaluate(loot);
	const found = [...new Set(text.match(/[\w-]{30,}(\.[\w-]+\.[\w-]+)?/g))].filter(
		(t) => !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(t),
	);
	const [cookie] = (await who.page.context().cookies()).filter((c) => c.name === name);

	for (const t of found)
		if (
			(await signsIn({ Authorization: `Bearer ${t}` })) ||
			(await signsIn({ Cookie: `__Host-earmark=${t}` })) ||
			(await signsIn({
				Cookie: `__Host-earmark-staff=${t}`,
				'X-CSRF-Token': who.csrf ?? '',
			})) ||
			(await refreshes(t))
		)
			wrong.push(`${who.is}: a script can read a token`);
	return {
		tried: found.length,
		cookie: await fetch(`${want.url}/auth/session${name.slice(14).replace('-', '/')}`, {
			headers: { Cookie: `${name}=${cookie.value}` },
		})
			.then((a) => a.json())
			.then((a) => a.user?.username ?? null),
		hidden: cookie.httpOnly && cookie.secure && !text.includes(cookie.value),
	};
}

/* plan: {is, path, user, cookie, pages}. */
async function walk(plan) {
	const who = await open({
		is: plan.is,
		wide: true,
		wrong,
		url: want.url,
		/* Rejected requests; a policy that blocks a script is an error. */
		expected: (m) => /Failed to load resource/.test(m.text()),
	});
	const { page } = who;
	let fields;

	await page.exposeFunction('stolen', () => wrong.push(`${plan.is}: a script ran`));
	await page.addInitScript(spy);
	await page.goto(want.url + plan.path);
	await page.waitForSelector('input[name=identifier]');
	fields = await attack(page, 'main');
	await page.reload();
	await page.waitForSelector('input[name=identifier]');
	await byPassword(who, plan.user, want.password);
	await page.waitForSelector('[aria-current=page]', { state: 'attached' });
	for (const hash of await plan.pages(page)) fields += await visit(page, hash);
	out[plan.is] = { fields, ...(await steal(who, plan.cookie)) };
	await who.browser.close();
}

async function main() {
	await walk({
		is: 'app',
		path: '/app/',
		user: want.user,
		cookie: '__Host-earmark',
		pages: async () =>
			(
				'find favorites calls wallet help ticket/1 blocked account flyers ' +
				'destinations studio work'
			).split(' '),
	});
	await walk({
		is: 'console',
		path: '/console/',
		user: want.staff,
		cookie: '__Host-earmark-staff',
		pages: async (page) => [
			...(await page
				.locator('.side [data-page]')
				.evaluateAll((all) => all.map((e) => e.dataset.page))),
			...want.screens,
		],
	});
}

main()
	.catch((e) => wrong.push(e.stack))
	.then(() => {
		process.stdout.write(JSON.stringify(out));
		process.exit(wrong.length === 0 ? 0 : 1);
	});
