/*
 * Three OpenID providers, made of the npm package oidc-provider: "a" signs by
 * RS256, "b" by ES256 and as Apple does (email_verified is a string), "c" does
 * not verify addresses.
 *
 * usage: node oidc.js --modules FOLDER --port-file FILE
 *
 * The port file has the ports of the control server and of a, b and c. All
 * requests to the control server are POST with JSON:
 *
 * /token {issuer, sub, email, verified, nonce, ...}	runs the code flow of
 *	OpenID Connect and returns the ID token as text
 * /forge {issuer, claims, header, key}	signs other claims and header members;
 *	key: "other" an unknown key, "public" HS256 with the public key in PEM,
 *	"none" no signature; claims that are null are left out
 * /rotate {issuer, keep}	makes a new key; keep: the former ones are listed too
 * /jwks {issuer, mode, cache}	mode: "ok", "big" (1 MB), "hang", "error";
 *	cache: Cache-Control
 * /count {issuer}	returns how often the keys were requested
 */
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { parseArgs } = require('node:util');

const { values: options } = parseArgs({
	options: { modules: { type: 'string' }, 'port-file': { type: 'string' } },
});
const REDIRECT = 'https://app.example.org/callback';
const KINDS = {
	a: { alg: 'RS256', make: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) },
	b: { alg: 'ES256', make: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
	c: { alg: 'RS256', make: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) },
};
const accounts = new Map(); // sub: the claims of the account
const issuers = {};
let serial = 0;
let Provider;

function newKey(kind) {
	serial += 1;
	const pair = kind.make();
	const kid = `key-${serial}`;
	const jwk = {
		...pair.privateKey.export({ format: 'jwk' }),
		kid,
		alg: kind.alg,
		use: 'sig',
	};
	return { kid, jwk, private: pair.privateKey, public: pair.publicKey };
}

/* The provider signs with the first key and lists all of them. */
function configuration(it) {
	return {
		jwks: { keys: it.keys.map((key) => key.jwk) },
		clients: [
			{
				client_id: 'app',
				token_endpoint_auth_method: 'none',
				redirect_uris: [REDIRECT],
				response_types: ['code'],
				grant_types: ['authorization_code'],
				id_token_signed_response_alg: it.kind.alg,
			},
		],
		enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
		claims: {
			openid: ['sub'],
			email: ['email', 'email_verified', 'is_private_email', 'hd'],
		},
		conformIdTokenClaims: false,
		pkce: { required: () => false },
		cookies: { keys: ['a key of the tests'] },
		features: { devInteractions: { enabled: false } },
		interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
		findAccount: (ctx, id) => ({ accountId: id, claims: () => accounts.get(id) }),
		async loadExistingGrant(ctx) {
			const grant = new ctx.oidc.provider.Grant({
				clientId: ctx.oidc.client.clientId,
				accountId: ctx.oidc.session.accountId,
			});
			grant.addOIDCScope('openid email');
			await grant.save();
			return grant;
		},
	};
}

function start(it) {
	it.provider = new Provider(it.url, configuration(it));
	it.callback = it.provider.callback();
}

/* Sends the public keys as it.mode says. */
function sendKeys(it, res) {
	it.count += 1;
	const keys = it.keys.map(({ jwk }) => {
		const { kty, kid, alg, use, n, e, crv, x, y } = jwk;
		return { kty, kid, alg, use, n, e, crv, x, y };
	});
	if (it.mode === 'hang') return;
	if (it.mode === 'error') {
		res.writeHead(500).end();
		return;
	}
	const padding = it.mode === 'big' ? 'x'.repeat(1 << 20) : undefined;
	res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': it.cache });
	res.end(JSON.stringify({ keys, padding }));
}

async function serve(it, req, res) {
	if (req.url === '/jwks') {
		sendKeys(it, res);
	} else if (req.url.startsWith('/interaction/')) {
		const details = await it.provider.interactionDetails(req, res);
		await it.provider.interactionFinished(req, res, {
			login: { accountId: details.params.login_hint },
		});
	} else {
		it.callback(req, res);
	}
}

/* Follows redirects to the callback of the app. Returns the query of it. */
async function follow(url) {
	const jar = new Map();
	let at = url;
	for (let i = 0; i < 10; i++) {
		const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
		const res = await fetch(at, { redirect: 'manual', headers: { cookie } });
		for (const line of res.headers.getSetCookie()) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
			if (value === '') jar.delete(name);
			else jar.set(name, value);
		}
		const next = res.headers.get('location');
		if (next === null) throw new Error(`${at}: ${res.status} ${await res.text()}`);
		if (next.startsWith(REDIRECT)) return new URL(next).searchParams;
		at = new URL(next, at).href;
	}
	throw new Error('too many redirects');
}

async function token({ issuer, sub, nonce, ...claims }) {
	const it = issuers[issuer];
	accounts.set(sub, { sub, ...claims });
	const query = new URLSearchParams({
		client_id: 'app',
		redirect_uri: REDIRECT,
		response_type: 'code',
		scope: 'openid email',
		login_hint: sub,
	});
	if (nonce !== undefined) query.set('nonce', nonce);
	const result = await follow(`${it.url}/auth?${query}`);
	const res = await fetch(`${it.url}/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'authorization_code',
			code: result.get('code'),
			redirect_uri: REDIRECT,
			client_id: 'app',
		}),
	});
	const body = await res.json();
	if (body.id_token === undefined) throw new Error(JSON.stringify(body));
	return body.id_token;
}

const encode = (value) => Buffer.from(value).toString('base64url');

function sign(text, alg, key) {
	if (alg === 'HS256') {
		const pem = key.public.export({ type: 'spki', format: 'pem' });
		return crypto.createHmac('sha256', pem).update(text).digest();
	}
	return crypto.sign('sha256', Buffer.from(text), {
		key: key.private,
		dsaEncoding: 'ieee-p1363',
	});
}

function forge({ issuer, claims, header, key: which }) {
	const it = issuers[issuer];
	const key = which === 'other' ? newKey(it.kind) : it.keys[0];
	const now = Math.floor(Date.now() / 1000);
	const alg = { public: 'HS256', none: 'none' }[which] ?? it.kind.alg;
	const payload = {
		iss: it.url,
		aud: 'app',
		sub: 'forged',
		iat: now,
		exp: now + 600,
		...claims,
	};
	for (const [name, value] of Object.entries(payload))
		if (value === null) delete payload[name];
	const head = {
		alg,
		typ: 'JWT',
		kid: which === 'other' ? it.keys[0].kid : key.kid,
		...header,
	};
	for (const [name, value] of Object.entries(head)) if (value === null) delete head[name];
	const text = `${encode(JSON.stringify(head))}.${encode(JSON.stringify(payload))}`;
	return `${text}.${alg === 'none' ? '' : sign(text, alg, key).toString('base64url')}`;
}

const actions = {
	token,
	forge,
	rotate({ issuer, keep }) {
		const it = issuers[issuer];
		it.keys = [newKey(it.kind), ...(keep ? it.keys : [])];
		start(it);
		return it.keys[0].kid;
	},
	jwks({ issuer, mode, cache }) {
		const it = issuers[issuer];
		it.mode = mode ?? it.mode;
		it.cache = cache ?? it.cache;
		return it.mode;
	},
	count: ({ issuer }) => String(issuers[issuer].count),
};

async function control(req, res) {
	const parts = [];
	for await (const part of req) parts.push(part);
	try {
		const text = await actions[req.url.slice(1)](JSON.parse(Buffer.concat(parts)));
		res.writeHead(200).end(text);
	} catch (error) {
		res.writeHead(500).end(String(error.stack));
	}
}

const listen = (server) =>
	new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));

async function main() {
	const entry = path.join(options.modules, 'node_modules/oidc-provider/lib/index.js');
	({ Provider } = await import(pathToFileURL(entry)));
	const ports = [await listen(http.createServer(control))];
	for (const [name, kind] of Object.entries(KINDS)) {
		const it = {
			kind,
			keys: [newKey(kind)],
			mode: 'ok',
			cache: 'max-age=3600',
			count: 0,
		};
		const port = await listen(http.createServer((req, res) => serve(it, req, res)));
		it.url = `http://127.0.0.1:${port}`;
		issuers[name] = it;
		start(it);
		ports.push(port);
	}
	fs.writeFileSync(`${options['port-file']}.new`, `${ports.join(' ')}\n`);
	fs.renameSync(`${options['port-file']}.new`, options['port-file']);
}

main();
