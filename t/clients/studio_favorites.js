/*
 * The store of a studio: hearts on styles, creatives and documents, and the page
 * of favorites. A heart is sent as a toggle and repeated with the same
 * idempotency key if no response arrives.
 */
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { as, fails, main, shuffled, until } = require('./http.js');

const PATH = '/api/user-favorites';

class StudioStore {
	constructor(api) {
		this.api = api;
		this.favorites = new Map(); /* entity id -> favorite */
		this.shown = new Map(); /* entity id -> number of open toggles */
		this.errors = [];
	}

	isFavorite(id) {
		return this.favorites.has(id) !== (this.shown.get(id) || 0) % 2 > 0;
	}

	count(id, n) {
		this.shown.set(id, (this.shown.get(id) || 0) + n);
	}

	/* Inverts a heart. The response has the state to show. */
	async toggle(type, id, options = {}) {
		this.count(id, 1);
		try {
			const body = await this.retry({
				entity_id: id,
				entity_type: type,
				...options,
			});
			if (body.is_favorite) this.favorites.set(id, body.favorite);
			else this.favorites.delete(id);
		} catch (error) {
			this.errors.push(error.status);
		} finally {
			this.count(id, -1);
		}
	}

	/* Sends a toggle, up to three times while no response arrives. */
	async retry(body) {
		const headers = { 'Idempotency-Key': crypto.randomUUID() };
		for (let left = 3; ; left--) {
			try {
				return await this.api.post(`${PATH}/toggle`, body, headers);
			} catch (error) {
				if (error.status !== 0 || left === 1) throw error;
				if (this.beforeRetry) await this.beforeRetry();
			}
		}
	}

	async create(type, id) {
		const favorite = await this.api.post(PATH, {
			entity_id: id,
			entity_type: type,
		});
		this.favorites.set(id, favorite);
		return favorite;
	}

	async remove(id) {
		const favorite = this.favorites.get(id);
		this.favorites.delete(id);
		try {
			return await this.api.send('DELETE', `${PATH}/${favorite.id}`);
		} catch (error) {
			if (error.status !== 404) this.favorites.set(id, favorite);
			throw error;
		}
	}

	/* Loads all pages of the favorites. Returns their items. */
	async load(query = '', limit = 100) {
		const items = [];
		for (let page = 1; ; page++) {
			const body = await this.api.get(
				`${PATH}?page=${page}&limit=${limit}${query}`,
			);
			items.push(...body.items);
			if (items.length >= body.total_count || body.items.length === 0) break;
		}
		if (query === '')
			this.favorites = new Map(items.map((item) => [item.entity_id, item]));
		return items;
	}
}

async function open(context, name = 'ana') {
	const store = new StudioStore(as(context, name));
	for (const { entity_id: id } of await store.load()) await store.remove(id);
	return store;
}

async function stored(store) {
	return (await new StudioStore(store.api).load()).map((i) => i.entity_id);
}

main({
	/* Creating, creating again, deleting and deleting again. */
	async create(context) {
		const store = await open(context);
		const [id] = context.creatives;
		const favorite = await store.create('creative', id);
		assert.deepEqual(Object.keys(favorite), [
			'id',
			'user_id',
			'entity_id',
			'entity_type',
			'created_at',
			'updated_at',
		]);
		assert.equal(favorite.user_id, store.api.user.uuid);
		await fails(store.create('creative', id), 409);
		assert.deepEqual(await stored(store), [id]);
		assert.equal((await store.remove(id)).status, 204);
		store.favorites.set(id, favorite);
		await fails(store.remove(id), 404);
		assert.deepEqual(await stored(store), []);
	},

	/* A heart changes at once. The list and the detail of creatives agree. */
	async heart(context) {
		const store = await open(context);
		const [id] = context.creatives;
		for (const state of [true, false, true]) {
			const change = store.toggle('creative', id);
			assert.equal(store.isFavorite(id), state);
			await change;
			assert.equal(store.isFavorite(id), state);
			const list = await store.api.get('/api/creatives?limit=100');
			assert.equal(list.items.find((c) => c.id === id).is_favorite, state);
			const detail = await store.api.get(`/api/creatives/${id}`);
			assert.equal(detail.is_favorite, state);
			assert.equal(detail.creative.id, id);
		}
		assert.equal(store.favorites.get(id).entity_type, 'creative');
	},

	/* Double and triple clicks, without waiting. */
	async clicks(context) {
		const store = await open(context);
		for (const [i, n] of [2, 3, 8, 9].entries()) {
			const id = context.creatives[i];
			const changes = [];
			for (let click = 1; click <= n; click++) {
				changes.push(store.toggle('creative', id));
				assert.equal(store.isFavorite(id), click % 2 === 1);
			}
			await Promise.all(changes);
			await store.load();
			assert.equal(store.isFavorite(id), n % 2 === 1);
		}
		assert.deepEqual(store.errors, []);
	},

	/* With is_favorite a repeated click sets a state instead of inverting it. */
	async wanted(context) {
		const store = await open(context);
		const [id] = context.styles;
		const want = (is_favorite) =>
			store.retry({ entity_id: id, entity_type: 'style', is_favorite });
		const all = await Promise.all(Array.from({ length: 6 }, () => want(true)));
		assert.equal(new Set(all.map((body) => body.favorite.id)).size, 1);
		assert.deepEqual(await stored(store), [id]);
		await Promise.all(Array.from({ length: 6 }, () => want(false)));
		assert.deepEqual(await stored(store), []);
	},

	/* A lost response: the repeated toggle is the same change, not another. */
	async lost(context) {
		const store = await open(context);
		const [id] = context.documents;
		const stop = (signal) => {
			for (const pid of context.workers) process.kill(pid, signal);
		};
		for (const state of [true, false]) {
			store.api.timeout = 400;
			store.beforeRetry = async () => {
				stop('SIGCONT');
				store.api.timeout = 60000;
			};
			stop('SIGSTOP');
			await store.toggle('document', id);
			assert.equal(store.isFavorite(id), state);
			assert.deepEqual(await stored(store), state ? [id] : []);
		}
		assert.deepEqual(store.errors, []);
	},

	/* Two tabs toggle the same creatives. The number of toggles decides. */
	async race(context) {
		const tabs = [await open(context), await open(context)];
		const toggles = [0, 0, 0];
		console.log(`SEED=${context.seed}`);
		await Promise.all(
			shuffled(48, context.seed).map((n) => {
				toggles[n % 3] += 1;
				return tabs[n % 2].toggle('creative', context.creatives[n % 3]);
			}),
		);
		await tabs[0].toggle('creative', context.creatives[0]);
		toggles[0] += 1;
		assert.deepEqual([...tabs[0].errors, ...tabs[1].errors], []);
		for (const tab of tabs) {
			await tab.load();
			for (const [i, n] of toggles.entries())
				assert.equal(tab.isFavorite(context.creatives[i]), n % 2 === 1);
		}
	},

	/* Pages, filters and orders. */
	async pages(context) {
		const store = await open(context);
		const saved = [];
		for (const [type, ids] of [
			['style', context.styles],
			['creative', context.creatives],
			['document', context.documents],
		])
			for (const id of ids) {
				await store.create(type, id);
				saved.push([type, id]);
			}
		const ids = saved.map(([, id]) => id);
		const newest = await store.load('', 7);
		assert.deepEqual(
			newest.map((i) => i.entity_id),
			ids.slice().reverse(),
		);
		assert.ok(newest.every((i) => i.entity_data.id === i.entity_id));
		const oldest = await store.load('&sort_by=updated_at&sort_order=asc', 9);
		assert.deepEqual(
			oldest.map((i) => i.entity_id),
			ids,
		);
		for (const type of ['style', 'creative', 'document']) {
			const some = await store.load(`&entity_type=${type}`, 3);
			assert.deepEqual(
				some.map((i) => i.entity_id),
				saved
					.filter(([t]) => t === type)
					.map(([, id]) => id)
					.reverse(),
			);
			assert.ok(some.every((i) => i.entity_type === type));
		}
		const first = await store.api.get(PATH);
		assert.equal(first.items.length, 10);
		await fails(store.api.get(`${PATH}?entity_type=picture`), 400);
	},

	/* The author deletes or hides what others saved. */
	async gone(context) {
		const store = await open(context);
		const author = as(context, 'ben');
		const make = async (path, body) => (await author.post(path, body)).id;
		const style = await make('/api/styles', { name: 'short-lived' });
		const secret = await make('/api/documents', {
			title: 't',
			is_public: true,
		});
		await store.create('style', style);
		await store.create('document', secret);
		await author.send('DELETE', `/api/styles/${style}`);
		await author.send('PATCH', `/api/documents/${secret}`, {
			is_public: false,
		});
		const items = await store.load();
		assert.deepEqual(
			items.map((i) => i.entity_id),
			[secret, style],
		);
		assert.equal(items[1].entity_data, null);
		assert.equal(items[0].entity_data.is_public, false);
		await store.toggle('style', style);
		await store.toggle('document', secret);
		assert.deepEqual(await stored(store), []);
		/* They cannot be saved again: the heart changes back. */
		for (const [type, id] of [
			['style', style],
			['document', secret],
		]) {
			const change = store.toggle(type, id);
			assert.equal(store.isFavorite(id), true);
			await change;
			assert.equal(store.isFavorite(id), false);
		}
		assert.deepEqual(store.errors, [404, 403]);
	},

	/* Favorites of other users, no user, and invalid bodies. */
	async rejected(context) {
		const store = await open(context);
		const ben = await open(context, 'ben');
		const [id] = context.creatives;
		const favorite = await store.create('creative', id);
		ben.favorites.set(id, favorite);
		await fails(ben.remove(id), 403);
		assert.equal(ben.isFavorite(id), true);
		assert.deepEqual(await stored(store), [id]);
		const visitor = new StudioStore(as(context, 'ana'));
		visitor.api.token = null;
		await fails(visitor.load(), 401);
		await visitor.toggle('creative', id);
		assert.deepEqual(visitor.errors, [401]);
		assert.equal(visitor.isFavorite(id), false);
		for (const body of [
			{},
			{ entity_id: id },
			{ entity_id: id, entity_type: 'picture' },
			{ entity_id: 'x', entity_type: 'creative' },
		])
			await fails(store.api.post(PATH, body), 400);
		await until(async () => (await stored(store)).length === 1, 'the list');
	},
});
