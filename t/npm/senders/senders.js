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
	assert.match(ttl, /^\d+s$/);
	return {
		...rest,
		android: {
			...other,
			ttl: 1000 * parseInt(ttl, 10),
			...(collapseKey && { collapseKey }),
		},
		apns: !apns.payload
			? apns
			: {
					...apns,
					payload: {
						aps: {
							contentAvailable:
								apns.payload.aps[
									'content-available'
								] === 1,
						},
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
