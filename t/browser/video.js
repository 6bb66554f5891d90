/*
 * video: video calls between two browsers with the fake camera of chromium,
 * from a browser without a camera, and from browsers whose devices are blocked.
 *
 *	node video.js '{"url": ..., "shots": ..., "password": ..., "user": ...}'
 *
 * url     the page
 * shots   folder and prefix of the names of screenshots
 * password
 *         of all users: lena, a listener who offers audio; otto and nora,
 *         customers
 * user    the id of lena
 *
 * Prints JSON: {"offers": [...] (the prices), "cost", "directions": [[kind,
 * direction], ...] of the listener in an audio call, "wrong": [...]}.
 */
'use strict';

const { byPassword, inspect, open, pictureAll, press, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const out = { wrong };
const people = [];

/* Uses candidates within this machine. */
const args = ['--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required'];
const camera = '--use-fake-device-for-media-stream';
const noCamera = '--use-fake-device-for-media-stream=device-count=0';
const allow = '--use-fake-ui-for-media-stream';
const both = ['microphone', 'camera'];

/* Runs in the page. Records its connections for later statistics. */
function spy() {
	const Real = window.RTCPeerConnection;

	window.seen = [];
	window.RTCPeerConnection = class extends Real {
		constructor(...given) {
			super(...given);
			window.seen.push(this);
			if (window.intrude)
				this.addTransceiver(
					document
						.createElement('canvas')
						.captureStream(10)
						.getTracks()[0],
				);
		}
	};
}

/*
 * Runs in the page. Returns what has arrived: decoded frames, bytes of sound,
 * the width of the picture, and a sum over its pixels; 0 while it is hidden.
 */
async function received() {
	const found = { frames: 0, bytes: 0, width: 0, pixels: 0 };
	const e = document.querySelector('.pictures .other');
	const pc = window.seen[window.seen.length - 1];

	if (pc === undefined) return found;
	for (const s of (await pc.getStats()).values()) {
		if (s.type !== 'inbound-rtp') continue;
		if (s.kind === 'video') found.frames = s.framesDecoded ?? 0;
		else found.bytes = s.bytesReceived;
	}
	if (e?.checkVisibility({ visibilityProperty: true }) && e.videoWidth > 0) {
		const canvas = document.createElement('canvas');
		const at = canvas.getContext('2d');
		[canvas.width, canvas.height] = [64, 36];
		at.drawImage(e, 0, 0, 64, 36);
		found.width = e.videoWidth;
		found.pixels = at
			.getImageData(0, 0, 64, 36)
			.data.reduce((sum, v, i) => (sum * 31 + v * (i + 1)) % 1000003, 7);
	}
	return found;
}

/* Waits until test(what was received) is true. */
async function until(who, what, test) {
	let last;

	for (const end = Date.now() + 60000; Date.now() < end; ) {
		last = await who.page.evaluate(received);
		if (test(last)) return last;
		await new Promise((f) => setTimeout(f, 100));
	}
	throw new Error(`${who.is}: no ${what}: ${JSON.stringify(last)}`);
}

/* Waits until frames arrive and the picture changes. */
async function picture(who) {
	const first = await until(who, 'picture', (r) => r.frames > 0 && r.width > 0);

	await until(
		who,
		'moving picture',
		(r) => r.frames > first.frames && r.pixels !== first.pixels && r.pixels > 0,
	);
}

/* Waits until sound arrives. */
function sound(who) {
	return until(who, 'sound', (r) => r.bytes > 3000);
}

/* Waits until no more frames arrive. The last ones may still be on their way. */
async function still(who) {
	let last = -1;

	await until(who, 'still picture', (r) => {
		const same = r.frames === last;
		last = r.frames;
		return same && r.width === 0;
	});
}

async function start(is, how) {
	const who = await open({
		is,
		wrong,
		url: want.url,
		shots: want.shots,
		/* An invalid price is rejected. */
		expected: (m) => is === 'lena' && /status of 400/.test(m.text()),
		...how,
		args: [...args, ...how.args],
	});

	people.push(who);
	await who.page.addInitScript(spy);
	await who.page.goto(want.url);
	await byPassword(who, is.replace(/-.*/, ''), want.password);
	await who.page.waitForSelector('nav');
	return who;
}

/* The listener offers video, with a price, by keyboard. */
async function offerVideo(who) {
	const { page } = who;
	const fill = async (name, text) => {
		await tab(who, `.kinds input[name=${name}]`);
		await page.keyboard.press('Control+A');
		await page.keyboard.type(text);
	};

	await page.waitForSelector('.kinds');
	await inspect(who, 'prices');
	await tab(who, '.kinds input[name=video]');
	await page.keyboard.press('Space');
	await fill('video_rate', 'nine');
	await press(who, '.kinds button[type=submit]');
	await page.waitForSelector('.kinds [role=alert] >> text=enter a price such as');
	await page.keyboard.press('Control+A');
	await page.keyboard.type('900');
	await press(who, '.kinds button[type=submit]');
	await page.waitForSelector('.kinds [role=alert] >> text=must be at most');
	await inspect(who, 'refused-price');
	await fill('video_rate', '9');
	await press(who, '.kinds button[type=submit]');
	await page.waitForSelector('.tiles >> text=Video per minute');
	await inspect(who, 'new-price');
	await page.setViewportSize({ width: 360, height: 640 });
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.locator('.kinds').scrollIntoViewIfNeeded();
	await inspect(who, 'new-price-small');
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.emulateMedia({ colorScheme: 'light' });
}

async function goOnline(who) {
	await press(who, '.switch', 90);
	await who.page.waitForSelector('text=You are online');
}

/* Opens the offer of a call, and chooses video by keyboard. */
async function ring(who) {
	const { page } = who;
	const card = `[data-user="${want.user}"]`;

	await page.waitForSelector(`${card} .free`);
	await page.waitForSelector(`${card} .with-video`);
	await inspect(who, 'card');
	await press(who, `${card} .call-now`, 90);
	await page.waitForSelector('dialog.call.offered');
	out.offers = await page.locator('dialog.call .soft').allTextContents();
	await inspect(who, 'offered');
	await press(who, '[data-do=video]');
}

async function accept(who) {
	await who.page.waitForSelector('dialog.call.incoming >> text=with video');
	await inspect(who, 'incoming');
	if (!(await who.page.evaluate(() => document.activeElement.matches('.good'))))
		wrong.push(`${who.is}: Accept has not the focus`);
	await who.page.keyboard.press('Enter');
}

async function hangUp(who, ...others) {
	await press(who, '[data-do=hang-up]');
	for (const p of [who, ...others]) {
		await p.page.waitForSelector('dialog.call.over .amount');
		if (await p.page.locator('.pictures').isVisible())
			wrong.push(`${p.is}: a picture is shown after the call`);
		await p.page.keyboard.press('Enter');
		await p.page.waitForSelector('.receipt .amount');
	}
}

/* Toggles the camera by keyboard. The button keeps the focus. */
async function toggle(who, on) {
	await press(who, '[data-do=camera]');
	await who.page.waitForSelector(`[data-do=camera][aria-pressed=${on}]`);
	await who.page.waitForFunction(() =>
		document.activeElement.matches('[data-do=camera]:not(:disabled)'),
	);
}

/* Both have cameras. The listener turns hers off and on, and reloads. */
async function talk(caller, callee) {
	const { page } = caller;

	await ring(caller);
	await page.waitForSelector('dialog.call.ringing .own:not([hidden])');
	await inspect(caller, 'ringing');
	await accept(callee);
	await Promise.all([caller, callee].map(picture));
	await Promise.all([caller, callee].map(sound));
	for (const p of [caller, callee]) {
		await p.page.waitForSelector('dialog.call.calm .time');
		await p.page.waitForSelector('.own:not([hidden])');
		await inspect(p, 'talking');
	}
	await toggle(callee, false);
	await page.waitForSelector('.pictures >> text=The camera of lena is off.');
	await still(caller);
	await callee.page.waitForSelector('.own', { state: 'hidden' });
	await Promise.all([caller, callee].map((p) => inspect(p, 'camera-off')));
	callee.page.once('dialog', (d) => d.accept());
	await callee.page.reload();
	await callee.page.waitForSelector('[data-do=camera][aria-pressed=false]');
	await picture(callee);
	await toggle(callee, true);
	await Promise.all([caller, callee].map(picture));
	await hangUp(callee, caller);
	out.cost = Number(await page.getAttribute('.receipt .amount', 'data-sum'));
	await inspect(caller, 'receipt');
	await caller.page.evaluate(() => {
		location.hash = '#/calls';
	});
	await page.waitForSelector('.rows >> text=You called with video');
	await inspect(caller, 'history');
}

/* The caller has no camera, and the listener accepts without hers at first. */
async function withoutCamera(caller, callee) {
	await callee.page.evaluate(() => {
		location.hash = '#/work';
	});
	await ring(caller);
	await caller.page.waitForSelector('dialog.call.ringing >> text=No camera was found.');
	await inspect(caller, 'no-camera');
	await callee.page.waitForSelector('dialog.call.incoming');
	await toggle(callee, false);
	await inspect(callee, 'camera-off-before');
	await press(callee, '[data-do=accept]');
	await Promise.all([caller, callee].map(sound));
	await callee.page.waitForSelector('.pictures >> text=The camera of nora is off.');
	await caller.page.waitForSelector('.pictures >> text=The camera of lena is off.');
	await toggle(callee, true);
	await picture(caller);
	await press(caller, '[data-do=camera]');
	await caller.page.waitForSelector('dialog [role=alert] >> text=No camera was found.');
	await hangUp(caller, callee);
}

/* A changed client sends video in an audio call: the other side rejects it. */
async function intrude(caller, callee) {
	await callee.page.evaluate(() => {
		location.hash = '#/work';
	});
	await caller.page.evaluate(() => {
		window.intrude = true;
		document.querySelector('dialog button:not(.round)').click();
	});
	await press(caller, `[data-user="${want.user}"] .call-now`, 90);
	await press(caller, '[data-do=call]');
	await callee.page.waitForSelector('dialog.call.incoming >> text=is calling you');
	await press(callee, '[data-do=accept]');
	await Promise.all([caller, callee].map(sound));
	out.directions = await callee.page.evaluate(() =>
		window.seen
			.at(-1)
			.getTransceivers()
			.map((t) => [t.receiver.track.kind, t.currentDirection]),
	);
	if (await callee.page.locator('.pictures').isVisible())
		wrong.push('lena: a picture is shown in an audio call');
	await hangUp(callee, caller);
}

/* The browser blocks the camera, or both devices. */
async function blocked(caller, text) {
	await ring(caller);
	await caller.page.waitForSelector(`text=${text}`);
	await inspect(caller, 'blocked');
}

async function main() {
	try {
		const callee = await start('lena', {
			wide: true,
			args: [camera, allow],
			permissions: both,
		});
		await offerVideo(callee);
		await goOnline(callee);
		const caller = await start('otto', {
			dark: true,
			args: [camera, allow],
			permissions: both,
		});
		await talk(caller, callee);
		await caller.browser.close();
		const nora = await start('nora', { args: [noCamera, allow], permissions: both });
		await withoutCamera(nora, callee);
		await nora.browser.close();
		/* Without the fake user interface, other permissions are rejected. */
		const half = await start('nora-half', {
			wide: true,
			dark: true,
			asks: true,
			args: [camera],
			permissions: ['microphone'],
		});
		await blocked(half, 'The camera is blocked.');
		await press(half, '[data-do=cancel]');
		await half.page.waitForSelector('dialog.call.over');
		await intrude(half, callee);
		await half.browser.close();
		const none = await start('nora-none', {
			asks: true,
			args: [camera],
			permissions: ['geolocation'],
		});
		await blocked(none, 'The microphone is blocked.');
		await none.page.waitForSelector('dialog.call', { state: 'detached' });
	} catch (e) {
		wrong.push(e.message);
		await pictureAll(people, `${want.shots}-failed`);
	}
	await Promise.all(people.map((p) => p.browser.close()));
	console.log(JSON.stringify(out, null, 1));
	process.exit(wrong.length > 0 ? 1 : 0);
}

main();
