/*
 * The favorites of an app on a phone: a copy on the phone that is shown at once,
 * changes that wait while the phone is offline, and cached pages.
 */
'use strict';

const assert = require('node:assert/strict');
const { as, fails, main, until } = require('./http.js');

const PATH = '/customer/favorites';
const TEXTS = {
	0: 'You are offline. The change is made later.',
	400: 'This listener cannot be saved.',
	401: 'Sign in again.',
	403: 'Only customers have favorites.',
	404: 'This listener does not exist any more.',
};

class Favorites {
	constructor(api) {
		this.api = api;
		this.cards = new Map(); /* listener id -> card, or null: not loaded */
		this.waiting = new Map(); /* listener id -> wanted state */
		this.cursor = null; /* of the change feed */
		this.cache = new Map(); /* path -> {etag, body} */
		this.messages = [];
	}

	has(id) {
		return this.waiting.has(id) ? this.waiting.get(id) : this.cards.has(id);
	}

	/* Shows the change, and sends it. Without a network, it waits. */
	async set(id, state) {
		this.waiting.set(id, state);
		await this.send(id);
	}

	async send(id) {
		const state = this.waiting.get(id);
		try {
			const { body } = await this.api.send(state ? 'POST' : 'DELETE', PATH, {
				listener_id: id,
			});
			assert.deepEqual(Object.keys(body).sort(), [
				'is_favorited',
				'listener_id',
				'message',
				'success',
			]);
			assert.equal(body.listener_id, id);
			assert.equal(body.is_favorited, state);
			this.messages.push(body.message);
			if (!state) this.cards.delete(id);
			else if (!this.cards.has(id)) this.cards.set(id, null);
		} catch (error) {
			this.messages.push(TEXTS[error.status] || error.message);
			if (error.status === 0) return;
			this.lastError = error;
		}
		this.waiting.delete(id);
	}

	/* Sends what waits, then reads what other devices changed. */
	async sync() {
		for (const id of [...this.waiting.keys()]) await this.send(id);
		for (let more = true; more; ) {
			const body = await this.api.get(
				`/api/v1/me/changes${this.cursor ? `?since=${this.cursor}` : ''}`,
			);
			if (body.full && this.cursor === null) this.cards.clear();
			for (const item of body.items) {
				if (item.kind !== 'listener') continue;
				if (item.action === 'unsaved') this.cards.delete(item.id);
				else if (!this.cards.has(item.id)) this.cards.set(item.id, null);
			}
			this.cursor = body.cursor;
			more = body.has_more;
		}
		await this.fill();
	}

	/* Loads the cards of favorites that are known by id only. */
	async fill() {
		const ids = [...this.cards].filter(([, card]) => !card).map(([id]) => id);
		for (let i = 0; i < ids.length; i += 100) {
			const { listeners } = await this.api.get(
				`/listeners?ids=${ids.slice(i, i + 100).join(',')}`,
			);
			for (const card of listeners) this.cards.set(card.user_id, card);
		}
	}

	/* Reads a page. Returns the cached one if it is current. */
	async page(query) {
		const path = `${PATH}?${query}`;
		const old = this.cache.get(path);
		const { status, headers, body } = await this.api.send(
			'GET',
			path,
			undefined,
			old ? { 'If-None-Match': old.etag } : {},
		);
		if (status === 304) return { ...old.body, cached: true };
		this.cache.set(path, { etag: headers.get('ETag'), body });
		return body;
	}

	/* Loads all pages. Returns their cards. */
	async load(perPage) {
		const cards = [];
		for (let page = 1, more = true; more; page++) {
			const body = await this.page(`page=${page}&per_page=${perPage}`);
			assert.equal(body.has_previous, page > 1);
			assert.equal(body.page, page);
			cards.push(...body.favorites);
			more = body.has_next;
			assert.equal(more, cards.length < body.total_count);
		}
		this.cards = new Map(cards.map((card) => [card.user_id, card]));
		return cards;
	}
}

async function open(context, name = 'cara') {
	const favorites = new Favorites(as(context, name));
	for (const card of await favorites.load(100)) await favorites.set(card.user_id, false);
	favorites.messages = [];
	return favorites;
}

async function stored(context, name = 'cara') {
	const cards = await new Favorites(as(context, name)).load(100);
	return cards.map((card) => card.user_id);
}

main({
	/* A listener is shown as saved at once, and removed at once. */
	async add(context) {
		const favorites = await open(context);
		const [id] = context.listeners;
		for (const [state, message] of [
			[true, 'Successfully added lis1 to favorites'],
			[true, 'Successfully added lis1 to favorites'],
			[false, 'Successfully removed lis1 from favorites'],
			[false, 'Successfully removed lis1 from favorites'],
		]) {
			const change = favorites.set(id, state);
			assert.equal(favorites.has(id), state);
			await change;
			assert.equal(favorites.has(id), state);
			assert.equal(favorites.messages.pop(), message);
			assert.deepEqual(await stored(context), state ? [id] : []);
		}
	},

	/* A rejected change is undone, and the user reads why. */
	async rejected(context) {
		const favorites = await open(context);
		for (const [id, status, message] of [
			[context.users.cara.id, 400, 'Cannot favorite yourself'],
			[context.pending, 400, 'Listener account is not verified'],
			[context.banned, 400, 'Listener account is inactive'],
			[999999, 404, 'Listener not found'],
		]) {
			const change = favorites.set(id, true);
			assert.equal(favorites.has(id), true);
			await change;
			assert.equal(favorites.has(id), false);
			assert.equal(favorites.messages.pop(), TEXTS[status]);
			assert.equal(favorites.lastError.body.message, message);
		}
		favorites.api.token = null;
		await favorites.set(context.listeners[0], true);
		assert.equal(favorites.messages.pop(), TEXTS[401]);
		favorites.api.token = context.service;
		await favorites.set(context.listeners[0], true);
		assert.equal(favorites.messages.pop(), TEXTS[403]);
		assert.deepEqual(await stored(context), []);
	},

	/* Changes without a network wait, and the last one of each is sent. */
	async offline(context) {
		const favorites = await open(context);
		const [one, two, three] = context.listeners;
		await favorites.set(three, true);
		const url = favorites.api.url;
		favorites.api.url = 'http://127.0.0.1:1';
		await favorites.set(one, true);
		await favorites.set(two, true);
		await favorites.set(two, false);
		await favorites.set(three, false);
		assert.equal(favorites.has(one), true);
		assert.equal(favorites.has(three), false);
		assert.ok(favorites.messages.includes(TEXTS[0]));
		assert.deepEqual(await stored(context), [three]);
		favorites.api.url = url;
		await favorites.sync();
		assert.deepEqual(await stored(context), [one]);
		assert.equal(favorites.waiting.size, 0);
		assert.deepEqual([...favorites.cards.keys()], [one]);
		assert.equal(favorites.cards.get(one).username, 'lis1');
	},

	/* Two phones: each reads what the other changed, by the change feed. */
	async conflict(context) {
		const phones = [await open(context), new Favorites(as(context, 'cara'))];
		const [one, two, three] = context.listeners;
		await phones[0].sync();
		await phones[1].sync();
		await phones[0].set(one, true);
		await phones[0].set(two, true);
		await phones[1].set(three, true);
		await phones[1].set(one, false);
		for (const phone of phones) {
			await phone.sync();
			assert.deepEqual([...phone.cards.keys()].sort(), [two, three].sort());
			assert.ok([...phone.cards.values()].every((card) => card.username));
		}
		assert.deepEqual((await stored(context)).sort(), [two, three].sort());
	},

	/* Pages are complete, and a page that did not change is not sent again. */
	async pages(context) {
		const favorites = await open(context);
		for (const id of context.listeners) await favorites.set(id, true);
		const cards = await favorites.load(4);
		assert.deepEqual(
			cards.map((card) => card.user_id),
			context.listeners.slice().reverse(),
		);
		for (const name of [
			'user_id',
			'username',
			'sex',
			'bio',
			'interests',
			'profile_image_url',
			'preferred_language',
			'rating',
			'country',
			'is_online',
			'last_seen',
			'is_busy',
			'wait_time',
			'is_available',
			'favorited_at',
		])
			assert.ok(
				cards.every((card) => name in card),
				name,
			);
		assert.equal((await favorites.page('page=2&per_page=4')).cached, true);
		await favorites.set(context.listeners[0], false);
		const body = await favorites.page('page=2&per_page=4');
		assert.equal(body.cached, undefined);
		assert.equal(body.total_count, context.listeners.length - 1);
		const large = await favorites.page('per_page=1000');
		assert.equal(large.per_page, 100);
		await fails(favorites.page('page=0'), 400);
	},

	/* The counts follow the presence of the listeners. */
	async presence(context) {
		const favorites = await open(context);
		const [one, two] = context.listeners;
		await favorites.set(one, true);
		await favorites.set(two, true);
		const lis = as(context, 'lis1');
		for (const [status, online] of [
			['offline', 0],
			['online', 1],
			['offline', 0],
		]) {
			await lis.post('/presence/update', { status });
			const body = await until(async () => {
				const page = await favorites.page('page=1');
				return page.online_count === online && page;
			}, status);
			assert.equal(body.available_count, online);
			assert.equal(body.total_count, 2);
			const card = body.favorites.find((c) => c.user_id === one);
			assert.equal(card.is_online, online === 1);
			assert.equal(card.is_available, online === 1);
			assert.equal(card.is_busy, false);
		}
	},
});
