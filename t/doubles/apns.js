/*
 * A double of Apple's push service (APNs): HTTP/2 over TLS, on one port for each
 * of the two environments.
 *
 * usage: node apns.js --port-file FILE --log FILE --cert PEM --key PEM
 *	--public PEM --key-id ID --team ID --topic BUNDLE [--chaos RATE]
 *
 * The port file has the ports of production and sandbox. Each request is
 * validated as Apple documents, and written to the log as a JSON line.
 *
 * The beginning of a device token selects the response, see FATES. Tokens that
 * begin with "5a" belong to the sandbox, "cafe" and "5acafe" are PushKit tokens.
 *
 * POST /_/set {"offset": S, "interval": S} moves the clock of the double and
 * sets the minimum interval between two provider tokens. POST /_/goaway closes
 * the connections as a server that shuts down. POST /_/freeze stops reading
 * from all connections that are open now.
 *
 * With --chaos, this part of the requests fails in a random way. SEED is read
 * from the environment.
 */
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const http2 = require('node:http2');
const { parseArgs } = require('node:util');

const names = ['port-file', 'log', 'cert', 'key', 'public', 'key-id', 'team', 'topic', 'chaos'];
const { values: options } = parseArgs({
	options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
});
const PUBLIC = crypto.createPublicKey(fs.readFileSync(options.public));
const HOUR = 3600;
const TYPES = ['alert', 'background', 'voip'];
const FATES = {
	bad0: [400, 'BadDeviceToken'],
	f001: [400, 'DeviceTokenNotForTopic'],
	badc: [400, 'BadTopic'],
	4030: [403, 'InvalidProviderToken'],
	// The device was removed just now.
	dead: [410, 'Unregistered', () => Date.now() + 1000],
	// The device was removed long before it was registered again.
	dead01: [410, 'Unregistered', () => 1000],
	e410: [410, 'ExpiredToken', () => Date.now() + 1000],
	4290: [429, 'TooManyRequests'],
	5000: [500, 'InternalServerError'],
	5030: [503, 'ServiceUnavailable'],
};
const sessions = new Set();
const seen = new Map(); // provider token: when it was first used
let offset = 0;
let interval = 20 * 60;
let idle = true; // the first request to a device 1d1e gets IdleTimeout

/* A small generator, so that SEED repeats a run. */
let state = Number(process.env.SEED ?? 1) >>> 0 || 1;
function random() {
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	return (state >>> 0) / 2 ** 32;
}

const now = () => Date.now() / 1000 + offset;
const log = (entry) => fs.appendFileSync(options.log, JSON.stringify(entry) + '\n');

class Rejected extends Error {
	constructor(status, reason, timestamp) {
		super(reason);
		Object.assign(this, { status, reason, timestamp });
	}
}

function reject(status, reason, timestamp) {
	throw new Rejected(status, reason, timestamp);
}

/* Verifies the signature, the header and the claims of a provider token. */
function checkJwt(jwt) {
	const parts = jwt.split('.');
	if (parts.length !== 3) reject(403, 'InvalidProviderToken');
	let head, claims;
	try {
		[head, claims] = parts
			.slice(0, 2)
			.map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
	} catch {
		reject(403, 'InvalidProviderToken');
	}
	const good = crypto.verify(
		'sha256',
		Buffer.from(`${parts[0]}.${parts[1]}`),
		{ key: PUBLIC, dsaEncoding: 'ieee-p1363' },
		Buffer.from(parts[2], 'base64url'),
	);
	if (
		!good ||
		head.alg !== 'ES256' ||
		head.kid !== options['key-id'] ||
		claims.iss !== options.team ||
		!Number.isInteger(claims.iat) ||
		claims.iat > now() + 300
	)
		reject(403, 'InvalidProviderToken');
	if (claims.iat < now() - HOUR) reject(403, 'ExpiredProviderToken');
}

function checkToken(headers) {
	const [scheme, jwt] = (headers.authorization ?? '').split(' ');
	if (scheme.toLowerCase() !== 'bearer' || !jwt) reject(403, 'MissingProviderToken');
	checkJwt(jwt);
	if (seen.has(jwt)) return;
	for (const at of seen.values())
		if (now() - at < interval) reject(429, 'TooManyProviderTokenUpdates');
	seen.set(jwt, now());
}

function checkHeaders(headers, raw) {
	const given = raw.filter((name, i) => i % 2 === 0 && name.startsWith('apns-'));
	if (new Set(given).size !== given.length) reject(400, 'DuplicateHeaders');
	const type = headers['apns-push-type'];
	const topic = headers['apns-topic'];
	const priority = headers['apns-priority'] ?? '10';
	if (!topic) reject(400, 'MissingTopic');
	if (topic.replace(/\.voip$/, '') !== options.topic) reject(400, 'TopicDisallowed');
	if (type !== undefined && !TYPES.includes(type)) reject(400, 'InvalidPushType');
	if ((type === 'voip') !== topic.endsWith('.voip')) reject(400, 'BadTopic');
	if (!['10', '5', '1'].includes(priority) || (type === 'background' && priority !== '5'))
		reject(400, 'BadPriority');
	if (!/^\d+$/.test(headers['apns-expiration'] ?? '0')) reject(400, 'BadExpirationDate');
	if (Buffer.byteLength(headers['apns-collapse-id'] ?? '') > 64) reject(400, 'BadCollapseId');
	const id = headers['apns-id'];
	if (id !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
		reject(400, 'BadMessageId');
}

/* Returns the parsed body. */
function checkBody(type, body) {
	if (body.length === 0) reject(400, 'PayloadEmpty');
	if (body.length > (type === 'voip' ? 5120 : 4096)) reject(413, 'PayloadTooLarge');
	let json;
	try {
		json = JSON.parse(body.toString());
	} catch {
		reject(400, 'PayloadEmpty');
	}
	const aps = json.aps ?? {};
	const visible = ['alert', 'sound', 'badge'].some((name) => name in aps);
	if (type === 'background' && (aps['content-available'] !== 1 || visible))
		reject(400, 'InvalidPushType');
	if (type === 'alert' && !visible) reject(400, 'InvalidPushType');
	return json;
}

function checkDevice(environment, token, voip) {
	if (!token) reject(400, 'MissingDeviceToken');
	if (!/^([0-9a-f]{2})+$/.test(token)) reject(400, 'BadDeviceToken');
	const sandbox = token.startsWith('5a');
	if (sandbox !== (environment === 'sandbox')) reject(400, 'BadDeviceToken');
	if (token.startsWith(sandbox ? '5acafe' : 'cafe') !== voip)
		reject(400, 'DeviceTokenNotForTopic');
	if (token.startsWith('1d1e') && idle) {
		idle = false;
		reject(400, 'IdleTimeout');
	}
	const word = Object.keys(FATES)
		.sort((a, b) => b.length - a.length)
		.find((key) => token.startsWith(key));
	if (word === undefined) return;
	const [status, reason, timestamp] = FATES[word];
	reject(status, reason, timestamp?.());
}

/* Returns the parsed body of a valid request. */
function check(environment, headers, raw, body) {
	if (headers[':method'] !== 'POST') reject(405, 'MethodNotAllowed');
	const found = /^\/3\/device\/(.*)$/.exec(headers[':path']);
	if (!found) reject(404, 'BadPath');
	checkToken(headers);
	checkHeaders(headers, raw);
	const type = headers['apns-push-type'] ?? 'alert';
	const json = checkBody(type, body);
	checkDevice(environment, found[1], type === 'voip');
	return json;
}

/* Allows concurrent requests, once after the first valid token. */
function allowStreams(session) {
	if (!session || session.allowed) return;
	session.allowed = true;
	session.settings({ maxConcurrentStreams: 100 });
}

/* Responds, unless the client or a failure has ended the stream. */
function reply(stream, headers, body) {
	if (stream.closed || stream.destroyed) return;
	stream.respond(headers);
	stream.end(body);
}

/* Fails in a random way. Returns whether it did. */
function chaos(stream) {
	if (random() >= Number(options.chaos)) return false;
	const kind = Math.floor(random() * 5);
	if (kind === 0) return true; // no response
	if (kind === 1) stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
	else if (kind === 2) stream.session?.destroy();
	else {
		const [status, reason] = kind === 3 ? [429, 'TooManyRequests'] : [503, 'Shutdown'];
		reply(stream, { ':status': status }, JSON.stringify({ reason }));
	}
	return true;
}

function respond(environment, stream, headers, raw, body) {
	const token = headers[':path'].split('/').pop();
	const entry = { what: 'apns', environment, to: token, at: Date.now() };
	entry.headers = Object.fromEntries(
		Object.entries(headers).filter(([name]) => name.startsWith('apns-')),
	);
	entry.session = [...sessions].indexOf(stream.session);
	entry.bytes = body.length;
	if (options.chaos) {
		log({ ...entry, what: 'arrived', raw: body.toString() });
		if (chaos(stream)) return;
	}
	try {
		entry.jwt = headers.authorization?.split('.').pop();
		entry.body = check(environment, headers, raw, body);
		log({ ...entry, status: 200 });
		if (token.startsWith('aced')) return; // accepted, without a response
		allowStreams(stream.session);
		const id = headers['apns-id'] ?? crypto.randomUUID();
		reply(stream, { ':status': 200, 'apns-id': id });
	} catch (e) {
		if (!(e instanceof Rejected)) throw e;
		const { status, reason, timestamp } = e;
		log({ ...entry, status, reason });
		reply(
			stream,
			{ ':status': status, 'content-type': 'application/json' },
			JSON.stringify({ reason, timestamp }),
		);
	}
}

const verbs = {
	set(given) {
		offset = given.offset ?? offset;
		interval = given.interval ?? interval;
	},
	goaway() {
		for (const session of sessions) session.close();
	},
	freeze() {
		for (const session of sessions) session.frozen = true;
	},
};

function control(stream, headers, body) {
	const given = body.length > 0 ? JSON.parse(body.toString()) : {};
	stream.respond({ ':status': 200 });
	stream.end('{}\n');
	stream.on('close', () => verbs[headers[':path'].slice(3)](given));
}

function serve(environment) {
	const server = http2.createSecureServer({
		cert: fs.readFileSync(options.cert),
		key: fs.readFileSync(options.key),
		minVersion: 'TLSv1.2',
		// Apple allows more only after a request with a valid token.
		settings: { maxConcurrentStreams: 1 },
	});
	server.on('session', (session) => {
		sessions.add(session);
		session.on('close', () => sessions.delete(session));
		session.on('error', () => {});
	});
	server.on('sessionError', () => {});
	server.on('stream', (stream, headers, flags, raw) => {
		const parts = [];
		stream.on('error', () => {});
		stream.on('data', (part) => parts.push(part));
		stream.on('end', () => {
			const body = Buffer.concat(parts);
			if (stream.session?.frozen) return;
			if (headers[':path'].startsWith('/_/')) control(stream, headers, body);
			else if (stream.session) respond(environment, stream, headers, raw, body);
		});
	});
	return new Promise((done) => {
		server.listen(0, '127.0.0.1', () => done(server.address().port));
	});
}

Promise.all(['production', 'sandbox'].map(serve)).then((ports) => {
	fs.writeFileSync(options['port-file'] + '.new', ports.join('\n') + '\n');
	fs.renameSync(options['port-file'] + '.new', options['port-file']);
});
