/*
 * app: two users with separate browsers at the page for calls.
 *
 *	node app.js '{"url": ..., "shots": ..., "caller": {...}, ...}'
 *
 * url     the page
 * shots   folder and prefix of the names of screenshots
 * caller, callee
 *         {name, id, code} or {name, password}. code is a command that prints the
 *         code sent to id. wide, dark: see checkout.js. join: {username,
 *         password} first creates an account with the address id
 * low     the balance is enough for one minute. Both users are warned, and the
 *         caller adds money during the call
 * relay   uses only the TURN server
 * saved   the callee is already a favorite
 * topup   the caller first adds money
 * notify  the caller enables notifications of the favorite
 * again   the page of the callee is reloaded during the call
 * link    the control file of udp_link.py: the connection is lost for `lost`
 *         seconds and until two more offers, and later has a round-trip time
 *         of 3 s
 *
 * second: another device of the callee, which rings too and must stop
 * offline: seconds for which the caller has no network after the call began, at
 * "cut" of the output (ms).
 * gone: a command that prints text after the server has ended the call. The
 * caller stays offline until then
 * brief: no review, which needs a minute of conversation
 * age: a command that moves the start of the session into the past
 *
 * Prints JSON: {"took": ms from accept to sound on both sides, "kinds": of
 * candidates in use, "cost", "earned", "wrong": [...]}.
 */
'use strict';

const fs = require('fs');
const { goOffline, link } = require('./link.js');
const {
	byCode,
	byPassword,
	inspect,
	nothingLeft,
	open,
	pictureAll,
	press,
	run,
	tab,
} = require('./page.js');

const want = JSON.parse(process.argv[2]);
/* A page finds out in 10 s that its WebSocket is dead; on a busy machine, later. */
const RECOVERY = { timeout: 120000 };
const wrong = [];
const out = { wrong };

/* Uses a fake microphone, and candidates within this machine. */
const args = [
	'--use-fake-device-for-media-stream',
	'--use-fake-ui-for-media-stream',
	'--allow-loopback-in-peer-connection',
	'--autoplay-policy=no-user-gesture-required',
];

/* Runs in the page. Records its connections for later statistics. */
function spy() {
	const Real = window.RTCPeerConnection;

	window.seen = [];
	window.RTCPeerConnection = class extends Real {
		constructor(...given) {
			super(...given);
			this.begun = Date.now();
			window.seen.push(this);
		}
	};
}

/* Runs in the page. Returns received bytes and the kind of candidate. */
async function stats() {
	const pc = window.seen[window.seen.length - 1];
	const found = { bytes: 0, kind: null };

	if (pc === undefined) return found;
	const all = await pc.getStats();
	for (const s of all.values()) {
		if (s.type === 'inbound-rtp') found.bytes += s.bytesReceived;
		if (s.type === 'transport' && s.selectedCandidatePairId) {
			const pair = all.get(s.selectedCandidatePairId);
			found.kind = all.get(pair.localCandidateId).candidateType;
		}
	}
	return found;
}

async function start(is) {
	const plan = want[is];
	const line = want.offline && is === 'caller' ? await link(want.url) : null;
	const url = line?.url ?? want.url;
	const who = await open({
		is,
		args,
		wrong,
		url,
		wide: plan.wide,
		dark: plan.dark,
		shots: want.shots,
		permissions: ['microphone'],
	});

	Object.assign(who, { plan, url, line });
	await who.page.addInitScript(spy);
	return who;
}

async function signIn(who) {
	const { page, plan } = who;

	await page.goto(who.url + (want.relay ? '?relay' : ''));
	await page.waitForSelector('input[name=identifier]');
	await inspect(who, 'signin');
	if (plan.password) {
		await byPassword(who, plan.name, plan.password);
	} else {
		await byCode(who, plan.id, plan.code);
	}
	await page.waitForSelector('nav');
}

/* Waits until both sides receive sound. */
async function sound(people, limit) {
	const begin = Date.now();

	for (;;) {
		const all = await Promise.all(people.map((p) => p.page.evaluate(stats)));
		if (all.every((s) => s.bytes > 3000)) {
			out.kinds = all.map((s) => s.kind);
			return;
		}
		if (Date.now() - begin > limit) throw new Error(`no sound: ${JSON.stringify(all)}`);
		await new Promise((f) => setTimeout(f, 50));
	}
}

async function talk(caller, callee, second) {
	await callee.page.waitForSelector('.switch');
	await press(callee, '.switch');
	await callee.page.waitForSelector('text=You are online');
	await inspect(callee, 'online');
	if (second) {
		await second.page.waitForSelector('.switch');
		await press(second, '.switch');
		await second.page.waitForSelector('text=You are online');
	}

	const one = `[data-user="${callee.plan.user}"]`;
	await caller.page.waitForSelector(`${one} .free`);
	await inspect(caller, 'find');
	if (!want.saved) await press(caller, `${one} .heart`);
	await caller.page.waitForSelector(`${one} .heart[aria-pressed=true]`);
	await caller.page.evaluate(() => {
		location.hash = '#/favorites';
	});
	await caller.page.waitForSelector(`h1:text("Favorites")`);
	await caller.page.waitForSelector(`${one} .free`);
	if (want.notify) {
		await tab(caller, `${one} input[role=switch]`);
		await caller.page.keyboard.press('Space');
		await caller.page.waitForSelector('text=You will be notified when');
		await caller.page.reload();
		await caller.page.waitForSelector(`${one} .free`);
		if (!(await caller.page.isChecked(`${one} input[role=switch]`)))
			wrong.push('caller: the notification is not enabled');
	}
	await inspect(caller, 'favorites');
	await press(caller, `${one} .call-now`);
	await caller.page.waitForSelector('dialog.call.offered');
	out.offer = await caller.page.textContent('dialog.call .soft');
	await inspect(caller, 'offered');
	if (!(await caller.page.evaluate(() => document.activeElement.matches('.good'))))
		wrong.push('caller: Call has not the focus');
	await caller.page.keyboard.press('Enter');
	await caller.page.waitForSelector('dialog.call.ringing');
	await callee.page.waitForSelector('dialog.call.incoming');
	if (second) await second.page.waitForSelector('dialog.call.incoming');
	out.tariff = await caller.page.textContent('dialog.call .soft');
	await Promise.all([inspect(caller, 'ringing'), inspect(callee, 'incoming')]);

	/* A ringing call must have the focus. */
	const begin = Date.now();
	if (!(await callee.page.evaluate(() => document.activeElement.matches('.good'))))
		wrong.push('callee: Accept has not the focus');
	await callee.page.keyboard.press('Enter');
	await sound([caller, callee], 5000);
	out.took = Date.now() - begin;
	await Promise.all(
		[caller, callee].map((p) => p.page.waitForSelector('dialog.call.calm .time')),
	);
	await Promise.all([inspect(caller, 'talking'), inspect(callee, 'talking')]);
	if (second) await stopped(second);
	if (want.offline) await cutOff(caller, callee);
	if (want.again) {
		callee.page.once('dialog', (d) => d.accept());
		await callee.page.reload();
		await callee.page.waitForSelector('dialog.call.calm .time');
		await sound([caller, callee], 10000);
	}
	if (want.low) await runLow(caller, callee);
	if (want.link) await loseConnection(caller, callee);
	if (want.age) run(want.age);
	if (!want.gone) {
		await callee.page.focus('[data-do=hang-up]');
		await callee.page.keyboard.press('Enter');
	}
	for (const p of [caller, callee]) {
		await p.page.waitForSelector('dialog.call.over .amount', RECOVERY);
		await inspect(p, 'over');
		await p.page.keyboard.press('Enter');
		await p.page.waitForSelector('.receipt .amount');
		await inspect(p, 'receipt');
	}
	out.cost = Number(await caller.page.getAttribute('.receipt .amount', 'data-sum'));
	out.earned = Number(await callee.page.getAttribute('.receipt .amount', 'data-sum'));
	out.said = await caller.page.textContent('.receipt .amount');
	out.reviews = await caller.page.locator('.receipt .review').count();
	out.clock = await caller.page.textContent('.receipt .clock');
}

/* The other device of the callee stops ringing, also after a reload. */
async function stopped(second) {
	await second.page.waitForSelector('text=accepted on another device');
	await second.page.waitForSelector('dialog.call', { state: 'detached' });
	await second.page.reload();
	await second.page.waitForSelector('.switch');
	await new Promise((f) => setTimeout(f, 2000));
	out.second = await second.page.locator('dialog.call').count();
}

/*
 * Runs in the page. Sends and plays nothing any more: a silent call needs a
 * tenth of the processor time.
 */
function silence() {
	for (const s of window.seen[window.seen.length - 1].getSenders()) {
		s.track?.stop();
		s.replaceTrack(null);
	}
	document.getElementById('sound').srcObject = null;
}

function sleep(seconds) {
	return new Promise((f) => setTimeout(f, seconds * 1000));
}

/*
 * Cuts the caller off from the server for want.offline seconds, and until the
 * call is gone.
 */
async function cutOff(caller, callee) {
	for (const p of [caller, callee]) await p.page.evaluate(silence);
	out.cut = Date.now();
	/* WebSockets are not part of goOffline(). */
	caller.line.cut();
	const goOnline = await goOffline(caller.page);
	await sleep(want.offline);
	for (let left = 120; want.gone && run(want.gone) === ''; left--) {
		if (left === 0) throw new Error('the server does not end the call');
		await sleep(1);
	}
	caller.line.restore();
	await goOnline();
	const ends = want.gone ? 'dialog.call.over .amount' : 'dialog.call.talking';
	await caller.page.waitForSelector(ends, RECOVERY);
	/* Failing requests are expected during this time. */
	const other = wrong.filter((w) => !w.includes('ERR_INTERNET_DISCONNECTED'));
	wrong.splice(0, wrong.length, ...other);
}

/*
 * Drops all media for want.lost seconds and until two more offers, then delays
 * it to a round-trip time of 3 s. A datagram crosses the link twice on its way
 * to the other side. Signals are delayed by the same time. out.offers has the
 * milliseconds between offers of the caller. The first offer connected the
 * call.
 */
async function loseConnection(caller, callee) {
	const people = [caller, callee];
	/* The caller creates a connection for each offer. */
	const offers = () => caller.page.evaluate(() => window.seen.map((pc) => pc.begun));

	fs.writeFileSync(want.link, 'drop');
	await sleep(want.lost);
	for (let left = 600; left > 0 && (await offers()).length < 3; left--) await sleep(0.1);
	out.offersWhileLost = (await offers()).length - 1;
	for (const p of people)
		await p.page.route('**/call/signal', async (route) => {
			await new Promise((f) => setTimeout(f, 1500));
			await route.continue();
		});
	fs.writeFileSync(want.link, '750');
	await sound(people, 60000);
	out.offers = (await offers()).map((at, i, all) => at - all[i - 1]).slice(1);
	for (const p of people) await p.page.unrouteAll({ behavior: 'ignoreErrors' });
	fs.writeFileSync(want.link, '0');
}

/* Runs in the page. Returns the user names for each relay. */
function relays() {
	return window.seen[window.seen.length - 1]
		.getConfiguration()
		.iceServers.filter((s) => s.username)
		.map((s) => s.username);
}

/* Returns true if the user name for the relay changes from old within 20 s. */
async function renewed({ page }, old) {
	for (const end = Date.now() + 20000; Date.now() < end; ) {
		const [user] = await page.evaluate(relays);
		if (user !== undefined && user !== old) return true;
		await new Promise((f) => setTimeout(f, 200));
	}
	return false;
}

/* Checks the warning, and that the call continues with the added money. */
async function runLow(caller, callee) {
	const { page } = caller;

	for (const p of [caller, callee]) {
		/* The warning comes half a minute before the money is used up. */
		await p.page.waitForSelector('dialog.call [role=alert]', { timeout: 60000 });
		await inspect(p, 'low');
	}
	const before = await Promise.all([caller, callee].map((p) => p.page.evaluate(relays)));
	await press(caller, 'dialog.call [role=alert] button');
	await page.waitForSelector('[data-amount="20000"]');
	await press(caller, '[data-amount="20000"]');
	await payHere(caller);
	for (const p of [caller, callee])
		await p.page.waitForSelector('dialog.call [role=alert]', { state: 'detached' });
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog.sheet', { state: 'detached' });
	await page.waitForSelector('dialog.call >> text=enough for');
	await inspect(caller, 'extended');
	/* Events of their own renew the credentials, maybe after this one. */
	out.renewed = await Promise.all([caller, callee].map((p, i) => renewed(p, before[i][0])));
	out.enough = await page.textContent('dialog.call .soft');
	await sound([caller, callee], 5000);
}

/* The payment is in another tab. This tab is notified. */
async function payHere(who) {
	const { page } = who;
	const [pay] = await Promise.all([
		page.context().waitForEvent('page'),
		press(who, 'a[data-pay]'),
	]);

	await pay.waitForSelector('button[value=pay]');
	await pay.click('button[value=pay]');
	await page.waitForSelector('text=Payment received');
	await pay.close();
}

/* Pays in another tab of the sandbox. This tab must show the new balance. */
async function topUp(who) {
	const { page } = who;

	await page.evaluate(() => {
		location.hash = '#/wallet';
	});
	await page.waitForSelector('.hold button.btn-primary');
	await inspect(who, 'wallet');
	await press(who, '.hold button.btn-primary');
	await page.waitForSelector('[data-amount="20000"]');
	await inspect(who, 'amounts');
	await press(who, '[data-amount="20000"]');
	await payHere(who);
	await inspect(who, 'received');
	await page.keyboard.press('Enter');
	await page.waitForSelector('[data-balance]');
	await inspect(who, 'wallet');
	out.balance = Number(await page.getAttribute('[data-balance]', 'data-balance'));
	await page.evaluate(() => {
		location.hash = '#/find';
	});
}

async function afterwards(caller, callee) {
	await tab(caller, '.star input');
	await caller.page.keyboard.press('ArrowRight');
	await caller.page.keyboard.press('ArrowRight');
	await caller.page.keyboard.press('ArrowRight');
	await inspect(caller, 'stars');
	await caller.page.focus('.review button');
	await caller.page.keyboard.press('Enter');
	await caller.page.waitForSelector('.note.quiet');
	await caller.page.evaluate(() => {
		location.hash = '#/calls';
	});
	await caller.page.waitForSelector('.rows a');
	await inspect(caller, 'calls');
	await callee.page.evaluate(() => {
		location.hash = '#/work';
	});
	await callee.page.waitForSelector('.rows a');
	await inspect(callee, 'work');
}

async function main() {
	const people = [await start('caller'), await start('callee')];
	if (want.second) people.push(await start('second'));
	const [caller, callee, second] = people;

	try {
		await Promise.all(people.map(signIn));
		if (want.topup) await topUp(caller);
		await talk(caller, callee, second);
		if (!want.brief) await afterwards(caller, callee);
		for (const p of people) {
			/*
			 * The response is late, so the WebSocket is closed first. The page
			 * must not send another request with the revoked token.
			 */
			await p.page.route('**/auth/logout', async (route) => {
				const response = await route.fetch();
				await new Promise((f) => setTimeout(f, 500));
				await route.fulfill({ response });
			});
			await p.page.evaluate(() => document.querySelector('.out').click());
			await p.page.waitForSelector('input[name=identifier]');
			await nothingLeft(p);
		}
	} catch (e) {
		wrong.push(e.message);
		await pictureAll(people, `${want.shots}-failed`);
	}
	await Promise.all(people.map((p) => p.browser.close()));
	caller.line?.close();
	console.log(JSON.stringify(out, null, 1));
	process.exit(wrong.length > 0 ? 1 : 0);
}

main();
