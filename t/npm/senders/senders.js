/*
 * Runs the libraries of the vendors, unchanged, with the doubles of message
 * providers and with requests of Earmark, for t/messaging/92-senders-sdk.t.
 *
 * usage: node senders.js CASE PORT [ARGUMENT...]
 */
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const https = require('node:https');

const [name, port, ...given] = process.argv.slice(2);
const read = (file) =>
	fs
		.readFileSync(file, 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));

/*
 * The library has fixed hosts. Redirects all requests to the double over TLS.
 */
function messaging(key, ca) {
	const admin = require('firebase-admin');
	const agent = new (class extends https.Agent {
		createConnection(o, done) {
			return super.createConnection(
				{
					...o,
					port,
					host: '127.0.0.1',
					ca: fs.readFileSync(ca),
					servername: o.servername || o.host,
				},
				done,
			);
		}
	})({ keepAlive: false });
	https.globalAgent = agent;
	const app = admin.initializeApp({
		httpAgent: agent,
		credential: admin.credential.cert(JSON.parse(fs.readFileSync(key, 'utf8')), agent),
	});
	return app.messaging();
}

/* Converts a request of Earmark to the member names of the library. */
function inTheirWords(m) {
	const { android, apns, ...rest } = m;
	const { ttl, collapse_key: collapseKey, ...other } = android;
	const { 'content-available': silent, ...aps } = apns.payload.aps;
	assert.match(ttl, /^\d+s$/);
	return {
		...rest,
		android: {
			...other,
			ttl: 1000 * parseInt(ttl, 10),
			...(collapseKey && { collapseKey }),
		},
		apns: {
			...apns,
			payload: {
				aps: { ...aps, ...(silent === 1 && { contentAvailable: true }) },
			},
		},
	};
}

const CODES = {
	gone: 'registration-token-not-registered',
	other: 'mismatched-credential',
	odd: 'invalid-argument',
	wrong: 'invalid-argument',
	third: 'third-party-auth-error',
	sick: 'internal-error',
	busy: 'message-rate-exceeded',
};

const cases = {
	/* Signs in, sends, and checks the errors. */
	async fcm() {
		const m = messaging(...given);
		assert.match(
			await m.send({ token: 'good-1', data: { type: 'x' } }),
			/^projects\/demo\/messages\//,
		);
		assert.match(
			await m.send(
				{ token: 'slow-1', notification: { title: 'a', body: 'b' } },
				true,
			),
			/^projects\/demo\/messages\//,
		);
		for (const [word, code] of Object.entries(CODES))
			await assert.rejects(
				m.send({ token: `${word}-1`, data: { type: 'x' } }),
				{ code: `messaging/${code}` },
				word,
			);
		await m.app.delete();
	},

	/* The double rejects what FCM rejects for Apple devices. */
	async fcm_apple() {
		const m = messaging(...given);
		const silent = { 'apns-push-type': 'background', 'apns-priority': '5' };
		const loud = { 'apns-push-type': 'alert', 'apns-priority': '10' };
		const send = (headers, aps, more = {}) =>
			m.send({
				token: 'good-1',
				data: { type: 'x' },
				apns: { headers, payload: { aps } },
				...more,
			});
		const notification = { title: 'a', body: 'b' };
		await send(silent, { contentAvailable: true });
		await send(loud, { alert: { title: 'a' }, sound: 'default' });
		await send(loud, { sound: 'default' }, { notification });
		for (const [headers, aps, more] of [
			[{ ...silent, 'apns-priority': '10' }, { contentAvailable: true }],
			[silent, {}],
			[silent, { content_available: 1 }],
			[silent, { contentAvailable: true }, { notification }],
			[silent, { contentAvailable: true, sound: 'default' }],
			[loud, { sound: 'default' }],
			[{ ...loud, 'apns-push-type': 'voip' }, { alert: { title: 'a' } }],
			[
				{ ...loud, 'apns-collapse-id': 'x'.repeat(65) },
				{ alert: { title: 'a' } },
			],
			[loud, { alert: { title: 'x'.repeat(4096) } }],
		])
			await assert.rejects(
				send(headers, aps, more),
				{ code: 'messaging/invalid-argument' },
				JSON.stringify([headers, aps]),
			);
		const collapsed = { token: 'often-1', android: { collapseKey: 'x' } };
		for (let i = 0; i < 20; i++) await m.send(collapsed);
		await assert.rejects(m.send(collapsed), {
			code: 'messaging/message-rate-exceeded',
		});
		await m.app.delete();
	},

	/* Retries if the double fails. */
	async fcm_down() {
		const m = messaging(...given);
		await assert.rejects(m.send({ token: 'down-1', data: { type: 'x' } }), {
			code: 'messaging/server-unavailable',
		});
		await m.app.delete();
	},

	/* Compares requests of Earmark with those of the library. */
	async fcm_same() {
		const [key, ca, ours, theirs] = given;
		const m = messaging(key, ca);
		const want = read(ours)
			.filter((e) => e.what === 'fcm')
			.map((e) => e.message);
		assert.equal(want.length, 3);
		assert.ok(!read(ours).some((e) => e.bad));
		for (const message of want) await m.send(inTheirWords(message));
		await m.app.delete();
		const got = read(theirs)
			.filter((e) => e.what === 'fcm')
			.map((e) => e.message)
			.slice(-3);
		assert.deepEqual(got, want);
	},

	/*
	 * Verifies a webhook of Earmark with the library of the specification.
	 */
	async webhook() {
		const { Webhook } = require('standardwebhooks');
		const [file, secret] = given;
		const [e] = read(file).filter((x) => x.what === 'sms');
		const hook = new Webhook(secret);
		assert.deepEqual(hook.verify(e.raw, e.headers), JSON.parse(e.raw));
		assert.throws(() => hook.verify(e.raw + ' ', e.headers));
		assert.throws(() => hook.verify(e.raw, { ...e.headers, 'webhook-id': 'msg_0' }));
	},

	/*
	 * Compares requests with those of Twilio's library, and tests its
	 * magic numbers.
	 */
	async twilio() {
		const [file] = given,
			twilio = require('twilio');
		const Base = require('twilio/lib/base/RequestClient');
		const httpClient = new (class extends (Base.default ?? Base) {
			request(opts) {
				return super.request({
					...opts,
					uri: opts.uri.replace(
						'https://api.twilio.com',
						`http://127.0.0.1:${port}`,
					),
				});
			}
		})();
		const client = (token) => twilio('AC1', token, { httpClient, lazyLoading: false });
		const create = (more, token = '12345') =>
			client(token).messages.create({
				from: '+15550199',
				to: '+15550123',
				body: 'Body.\n.two',
				...more,
			});
		const ours = read(file).filter((e) => e.what === 'twilio');
		assert.equal(ours.length, 1);
		const sent = await create({});
		assert.equal(sent.status, 'queued');
		assert.match(sent.sid, /^SM/);
		const all = read(file).filter((e) => e.what === 'twilio');
		assert.deepEqual(all.at(-1), ours[0]);
		for (const [to, code] of [
			['+15005550001', 21211],
			['+15005550004', 21610],
			['+15005550009', 21614],
		])
			await assert.rejects(create({ to }), { status: 400, code });
		await assert.rejects(create({ from: '+15005550007' }), {
			status: 400,
			code: 21606,
		});
		await assert.rejects(create({}, 'x'), { status: 401, code: 20003 });
	},
};

/* Sends one notification to a device. Returns undefined or the reason. */
async function push(provider, token, members) {
	const { Notification } = require('@parse/node-apn');
	const note = Object.assign(
		new Notification(),
		{ topic: 'org.example.app', pushType: 'alert', alert: 'a' },
		members,
	);
	const { sent, failed } = await provider.send(note, token);
	if (failed.length === 0) {
		assert.equal(sent.length, 1);
		return undefined;
	}
	return `${failed[0].status} ${failed[0].response?.reason ?? failed[0].error}`;
}

/* Returns members that make the body of a notification this long. */
function sized(bytes, members) {
	const { Notification } = require('@parse/node-apn');
	const note = Object.assign(new Notification(), members, { payload: { x: '' } });
	const rest = bytes - Buffer.byteLength(note.compile());

	return { ...members, payload: { x: 'x'.repeat(rest) } };
}

function apple(key, ca, token = {}) {
	const { Provider } = require('@parse/node-apn');
	const provider = new Provider({
		token: { key, keyId: 'ABCDE12345', teamId: 'TEAM567890', ...token },
		address: 'localhost',
		port: Number(port),
		ca: fs.readFileSync(ca),
		requestTimeout: 2000,
	});
	return provider;
}

/* A client of APNs that Apple and this project do not make. */
Object.assign(cases, {
	async apns() {
		const provider = apple(...given);
		const silent = { alert: undefined, pushType: 'background', contentAvailable: 1 };
		const voip = { pushType: 'voip', topic: 'org.example.app.voip' };
		const alert = { alert: 'a' };
		for (const [want, token, members] of [
			[undefined, 'aa01', {}],
			[undefined, 'aa01', { collapseId: 'x'.repeat(64), expiry: 2000000000 }],
			[undefined, 'aa01', { ...silent, priority: 5 }],
			[undefined, 'cafe01', { ...voip, payload: { call_id: 7 } }],
			['400 BadPriority', 'aa01', { ...silent, priority: 10 }],
			['400 InvalidPushType', 'aa01', { pushType: 'ring' }],
			['400 BadTopic', 'cafe01', { pushType: 'voip' }],
			['400 BadTopic', 'aa01', { topic: voip.topic }],
			['400 DeviceTokenNotForTopic', 'aa01', voip],
			['400 DeviceTokenNotForTopic', 'cafe01', {}],
			['400 TopicDisallowed', 'aa01', { topic: 'org.example.other' }],
			['400 BadCollapseId', 'aa01', { collapseId: 'x'.repeat(65) }],
			['400 BadMessageId', 'aa01', { id: 'X' }],
			['400 BadDeviceToken', 'bad001', {}],
			['400 BadDeviceToken', '5a01', {}],
			['403 InvalidProviderToken', '403001', {}],
			['410 Unregistered', 'dead02', {}],
			['429 TooManyRequests', '429001', {}],
			[undefined, 'aa01', sized(4096, alert)],
			['413 PayloadTooLarge', 'aa01', sized(4097, alert)],
			[undefined, 'cafe01', sized(4097, { ...voip, ...alert })],
			[undefined, 'cafe01', sized(5120, { ...voip, ...alert })],
			['413 PayloadTooLarge', 'cafe01', sized(5121, { ...voip, ...alert })],
		])
			assert.equal(await push(provider, token, members), want, token);
		provider.shutdown();
	},

	/* Another key, team, or token, which Earmark's recent one excludes. */
	async apns_token() {
		const [key, ca, other] = given;
		for (const [want, token] of [
			['403 InvalidProviderToken', { keyId: 'X' }],
			['403 InvalidProviderToken', { teamId: 'X' }],
			['403 InvalidProviderToken', { key: other }],
			['429 TooManyProviderTokenUpdates', {}],
		]) {
			const provider = apple(key, ca, token);
			assert.equal(await push(provider, 'aa01', {}), want);
			provider.shutdown();
		}
	},
});

/* A promise that is never resolved would end this program with success. */
let done = false;
process.on('exit', (status) => {
	if (status === 0 && !done) process.exitCode = 1;
});
cases[name]().then(
	() => {
		done = true;
	},
	(e) => {
		console.error(e);
		process.exitCode = 1;
	},
);
