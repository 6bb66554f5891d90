/*
 * The listener app: signing in, profile, balance, discovery, calls with events,
 * paid sessions, notifications and support, in the layers of the app: remote
 * API, repository with tokens, and mapping to its own model.
 */
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { Api, as, fails, main, until } = require('./http.js');

/* Sends requests, and renews the access token once if it is rejected. */
class Remote extends Api {
	constructor(url) {
		super(url);
		this.refreshes = 0;
	}

	accept(tokens) {
		this.token = tokens.access_token;
		this.refreshToken = tokens.refresh_token;
	}

	/* All requests that fail meanwhile wait for the same renewal. */
	renew() {
		this.renewal ??= super
			.send('POST', '/auth/refresh-token', { refreshToken: this.refreshToken })
			.then(({ body }) => this.accept(body))
			.finally(() => {
				this.refreshes++;
				this.renewal = null;
			});
		return this.renewal;
	}

	async send(method, path, body, headers) {
		const token = this.token;
		try {
			return await super.send(method, path, body, headers);
		} catch (error) {
			if (error.status !== 401 || !this.refreshToken) throw error;
			if (this.token === token) await this.renew();
			return super.send(method, path, body, headers);
		}
	}
}

/* A listener as the screens of the app use it. */
function toListener(dto) {
	assert.equal(typeof dto.user_id, 'number');
	assert.equal(typeof dto.username, 'string');
	assert.equal(typeof dto.rate_per_minute, 'number');
	assert.ok(Array.isArray(dto.languages));
	return {
		id: dto.user_id,
		name: dto.username,
		picture: dto.profile_image_thumb_url ?? null,
		price: `${(dto.rate_per_minute / 100).toFixed(2)} ${dto.currency}`,
		languages: dto.languages,
		canCall: dto.is_available,
		stars: dto.rating,
		wait: dto.wait_time,
	};
}

/* Receives the events of a user from a stream, in order and without gaps. */
class Events {
	constructor(api) {
		this.api = api;
		this.list = [];
		this.stop = new AbortController();
	}

	async open() {
		const response = await fetch(`${this.api.url}/realtime`, {
			headers: {
				Accept: 'text/event-stream',
				Authorization: `Bearer ${this.api.token}`,
			},
			signal: this.stop.signal,
		});
		assert.equal(response.status, 200);
		this.reading = this.read(response.body).catch(() => {});
		await this.next('ready');
		return this;
	}

	async read(stream) {
		let text = '';
		for await (const bytes of stream) {
			text += Buffer.from(bytes).toString();
			for (let end; (end = text.indexOf('\n\n')) >= 0; ) {
				const data = text.slice(0, end).match(/^data: (.*)$/m);
				if (data) this.list.push(JSON.parse(data[1]));
				text = text.slice(end + 2);
			}
		}
	}

	/* Waits for the next event of a type. Returns its data. */
	async next(type, match = () => true) {
		const found = await until(() => {
			const at = this.list.findIndex((e) => e.type === type && match(e.data));
			return at >= 0 && this.list.splice(0, at + 1).pop();
		}, `event ${type}`);
		return found.data;
	}

	async close() {
		this.stop.abort();
		await this.reading;
	}
}

/* Starts the app of a user: an Api with a stream of events. */
async function start(context, name) {
	const api = as(context, name);
	return { api, id: api.user.id, events: await new Events(api).open() };
}

async function stop(...apps) {
	await Promise.all(apps.map((app) => app.events.close()));
}

/* The customer calls the listener. Returns the id of the call. */
async function ring(customer, listener) {
	await listener.api.post('/presence/update', { status: 'online' });
	const call = await customer.api.post('/call/start', {
		callerId: customer.id,
		calleeId: listener.id,
	});
	assert.equal(call.state, 'ringing');
	const data = await listener.events.next('call.incoming', (e) => e.call_id === call.call_id);
	assert.equal(data.caller_id, customer.id);
	return call.call_id;
}

function act(app, action, callId) {
	return app.api.post(`/call/${action}`, { callId });
}

const balance = async (api) => (await api.get('/user/balance')).balance;

main({
	/* Registration with a code, sign-in, and the profile. */
	async account(context) {
		const app = new Remote(context.url);
		const phone = '+919876501234';
		await app.post('/auth/register', {
			username: 'newuser',
			password: 'a-long-word-7',
			phone,
			preferredLanguage: 'hindi',
		});
		const code = await until(
			() =>
				fs
					.readFileSync(context.outbox, 'utf8')
					.split('\n')
					.filter(Boolean)
					.map((line) => JSON.parse(line))
					.find((m) => m.to === phone && m.code)?.code,
			'the code',
		);
		const verify = { identifier: phone, purpose: 'register' };
		await fails(
			app.post('/auth/verify-otp', {
				...verify,
				code: code === '000000' ? '000001' : '000000',
			}),
			400,
		);
		app.accept(await app.post('/auth/verify-otp', { ...verify, code }));
		const profile = await app.get('/user/profile');
		assert.equal(profile.preferred_language, 'hi');
		assert.equal(profile.phone, phone);
		const { body } = await app.send('PUT', '/user/profile', { sex: 'other' });
		assert.equal(body.sex, 'other');
		const again = new Remote(context.url);
		again.accept(
			await again.post('/auth/login', {
				identifier: phone,
				password: 'a-long-word-7',
			}),
		);
		assert.equal((await again.get('/user/profile')).username, 'newuser');
	},

	/* Ten screens load with an expired token: one renewal serves them all. */
	async refresh(context) {
		const app = new Remote(context.url);
		app.accept(
			await app.post('/auth/login', {
				identifier: 'cara',
				password: context.password,
			}),
		);
		const first = app.refreshToken;
		app.token = app.token.slice(0, -4) + 'AAAA';
		const profiles = await Promise.all(
			Array.from({ length: 10 }, () => app.get('/user/profile')),
		);
		assert.ok(profiles.every((profile) => profile.username === 'cara'));
		assert.equal(app.refreshes, 1);
		assert.notEqual(app.refreshToken, first);
		app.refreshToken = 'unknown';
		app.token = 'unknown';
		await fails(app.get('/user/profile'), 401);
	},

	/* The lists of the app, by filter, by id, and one listener. */
	async discovery(context) {
		const app = as(context, 'cara');
		const list = await app.get('/api/v1/listeners/');
		const all = list.listeners.map(toListener);
		assert.equal(all.length, list.total_count);
		const found = await app.get('/api/v1/listeners/gsearch?lang=hindi&gender=male');
		assert.deepEqual(
			found.listeners.map((dto) => dto.username),
			['lev'],
		);
		const ids = all.map((listener) => listener.id).reverse();
		const { listeners } = await app.get(`/listeners?ids=${ids.join(',')}`);
		assert.deepEqual(
			listeners.map((dto) => dto.user_id),
			ids,
		);
		for (const dto of listeners)
			assert.deepEqual(await app.get(`/listeners/${dto.user_id}`), dto);
		await fails(app.get('/listeners/999999'), 404);
	},

	/* A payment is pending until the provider confirms it. */
	async topup(context) {
		const app = as(context, 'cara');
		const before = await balance(app);
		const payment = await app.post('/payments/initiate', { amount: 20000 });
		assert.equal(payment.status, 'pending');
		assert.equal(await balance(app), before);
		execFileSync(context.earmark, [
			'-c',
			context.conf,
			'pay',
			'simulate',
			String(payment.payment_id),
		]);
		await until(async () => (await balance(app)) === before + 20000, 'the credit');
		const { transactions } = await app.get('/user/transactions');
		assert.equal(transactions[0].type, 'topup');
		assert.equal(transactions[0].amount, 20000);
		await fails(app.post('/payments/initiate', { amount: 1 }), 400);
	},

	/* Ring, accept, talk with a token each, end. */
	async call(context) {
		const cara = await start(context, 'cara');
		const lena = await start(context, 'lena');
		const dan = as(context, 'dan');
		const call = await ring(cara, lena);
		const taken = await act(lena, 'accept', call);
		assert.equal(taken.state, 'accepted');
		const accepted = await cara.events.next('call.accepted');
		assert.equal(accepted.call_id, call);
		const channel = taken.channel_name;
		for (const app of [cara, lena]) {
			const media = await app.api.post(
				`/agora/token?channelName=${channel}&uid=${app.id}&role=publisher`,
			);
			assert.equal(media.uid, app.id);
			assert.ok(media.token.startsWith('007'));
			await app.api.post('/call/heartbeat', { callId: call });
		}
		const seen = await dan.get(`/presence/${lena.id}`);
		assert.equal(seen.is_busy, true);
		const busy = await fails(dan.post('/call/start', { calleeId: lena.id }), 409);
		assert.equal(busy.body.error, 'callee_busy');
		const card = toListener(await dan.get(`/listeners/${lena.id}`));
		assert.equal(card.canCall, false);
		assert.ok(card.wait >= 1);
		await fails(
			dan.post('/agora/token', { channelName: channel, uid: dan.user.id }),
			403,
		);
		const ended = await act(cara, 'end', call);
		assert.equal(ended.state, 'ended');
		await lena.events.next('call.ended', (e) => e.call_id === call);
		/* A repeat returns the same call. */
		assert.equal((await act(cara, 'end', call)).state, 'ended');
		await fails(
			cara.api.post('/agora/token', { channelName: channel, uid: cara.id }),
			403,
		);
		for (const app of [cara, lena]) {
			const { calls } = await app.api.get(`/calls/history?userId=${app.id}`);
			assert.equal(calls[0].call_id, call);
			const detail = await app.api.get(`/calls/${call}`);
			assert.equal(detail.state, 'ended');
		}
		await fails(dan.get(`/calls/${call}`), 404);
		await fails(dan.get(`/calls/history?userId=${cara.id}`), 403);
		await stop(cara, lena);
	},

	/* Reject, cancel, and a listener who does not answer. */
	async unanswered(context) {
		const cara = await start(context, 'cara');
		const lev = await start(context, 'lev');
		let call = await ring(cara, lev);
		assert.equal((await act(lev, 'reject', call)).state, 'rejected');
		await cara.events.next('call.rejected', (e) => e.call_id === call);
		await fails(act(lev, 'accept', call), 409);
		call = await ring(cara, lev);
		assert.equal((await act(cara, 'cancel', call)).state, 'cancelled');
		await lev.events.next('call.cancelled', (e) => e.call_id === call);
		const { notifications } = await lev.api.get('/notifications');
		assert.equal(notifications[0].data.type, 'call.missed');
		call = await ring(cara, lev);
		await fails(act(cara, 'timeout', call), 409);
		await cara.events.next('call.missed', (e) => e.call_id === call);
		assert.equal((await act(cara, 'timeout', call)).state, 'missed');
		await stop(cara, lev);
	},

	/* The other user is offline, unknown or the caller, or money is missing. */
	async refused(context) {
		const dan = as(context, 'dan');
		const lena = as(context, 'lena');
		const to = (calleeId) => dan.post('/call/start', { calleeId });
		await lena.post('/presence/update', { status: 'offline' });
		assert.equal((await fails(to(lena.user.id), 409)).body.error, 'callee_offline');
		await lena.post('/presence/update', { status: 'online' });
		const poor = await fails(to(lena.user.id), 402);
		assert.ok(poor.body.needed > poor.body.available);
		await fails(to(999999), 404);
		await fails(to(dan.user.id), 400);
		const api = new Api(context.url);
		await fails(api.post('/call/start', { calleeId: lena.user.id }), 401);
	},

	/* A paid session without a ring, which the listener joins. */
	async session(context) {
		const cara = as(context, 'cara');
		const lena = as(context, 'lena');
		await lena.post('/presence/update', { status: 'online' });
		const started = await cara.post('/sessions/start', {
			listenerId: lena.user.id,
		});
		const session = { sessionId: started.session_id };
		assert.equal(started.tariff.rate_per_minute, 600);
		await lena.post('/call/connected', session);
		const before = await balance(cara);
		const ended = await cara.post('/sessions/end', session);
		assert.equal(before - ended.cost, await balance(cara));
		for (const [api, path] of [
			[cara, '/sessions/history'],
			[lena, '/listeners/sessions'],
		]) {
			const { sessions } = await api.get(path);
			assert.equal(sessions[0].session_id, started.session_id);
		}
		await fails(
			cara.post(`/sessions/${started.session_id}/review`, { rating: 5 }),
			409,
		);
	},

	/* Notifications, a device for push messages, and support. */
	async messages(context) {
		const cara = as(context, 'cara');
		const admin = as(context, 'adm');
		await admin.post('/notifications/send', {
			userId: cara.user.id,
			title: 'Hello',
			body: 'World',
		});
		const { notifications } = await cara.get('/notifications');
		assert.equal(notifications[0].title, 'Hello');
		await cara.post('/notifications/devices', {
			token: 'device-token-of-cara-1',
			platform: 'android',
		});
		const { devices } = await cara.get('/notifications/devices');
		assert.equal(devices[0].platform, 'android');
		const ticket = await cara.post('/support/ticket', {
			subject: 'Question',
			body: 'Where is my receipt?',
		});
		const { tickets } = await cara.get('/support/tickets');
		assert.equal(tickets[0].id, ticket.id);
		const health = await cara.get('/health');
		assert.equal(health.status, 'ok');
		assert.ok((await cara.get('/version')).version);
	},

	/* What administrators do in the app. */
	async admin(context) {
		const admin = as(context, 'adm');
		for (const name of ['users', 'listeners', 'sessions']) {
			const body = await admin.get(`/admin/${name}`);
			assert.ok(body[name].length > 0);
			await fails(as(context, 'cara').get(`/admin/${name}`), 403);
		}
		const eve = as(context, 'eve');
		await eve.get('/user/profile');
		await admin.post('/admin/ban-user', {
			userId: eve.user.id,
			reason: 'Spam',
		});
		await fails(eve.get('/user/profile'), 403);
	},
});
