/*
 * The store of a page with destinations: buttons change at once, and change back
 * if the service rejects the change or does not respond.
 */
'use strict';

const assert = require('node:assert/strict');
const { Api, as, fails, main, shuffled, until } = require('./http.js');

const PATH = '/api/v1/users/me/favorites';
const FAILED = 'Could not update Favorites. Please try again.';

class DestinationStore {
	constructor(api) {
		this.api = api;
		this.items = new Map(); /* destination id -> favorite */
		this.shown = new Map(); /* destination id -> whether it looks saved */
		this.busy = new Map(); /* destination id -> running change */
		this.toasts = [];
		this.logins = 0;
	}

	isSaved(id) {
		return this.shown.has(id) ? this.shown.get(id) : this.items.has(id);
	}

	/*
	 * Inverts what the user sees. A change of the same destination that runs is
	 * finished first; only the last wish is sent after it.
	 */
	toggle(id) {
		this.shown.set(id, !this.isSaved(id));
		if (!this.busy.has(id)) {
			const change = this.settle(id).finally(() => this.busy.delete(id));
			this.busy.set(id, change);
		}
		return this.busy.get(id);
	}

	async settle(id) {
		while (this.shown.get(id) !== this.items.has(id)) {
			try {
				if (this.shown.get(id)) await this.save(id);
				else await this.unsave(id);
			} catch (error) {
				this.failed(id, error);
				break;
			}
		}
		this.shown.delete(id);
	}

	async save(id) {
		try {
			const favorite = await this.api.post(PATH, { destination_id: id });
			this.toasts.push(favorite.message);
			this.items.set(id, favorite);
		} catch (error) {
			if (error.status !== 409) throw error;
			assert.equal(error.body.error, 'already_saved');
			this.items.set(id, error.body.favorite);
		}
	}

	async unsave(id) {
		try {
			const { body } = await this.api.send('DELETE', `${PATH}/${id}`);
			this.toasts.push(body.message);
		} catch (error) {
			if (error.status !== 404) throw error;
			assert.equal(error.body.error, 'not_saved');
		}
		this.items.delete(id);
	}

	failed(id, error) {
		if (error.status === 401) this.logins++;
		/* Without a response, the change may have been made. */
		if (error.status === 0) this.unknown = id;
		this.toasts.push(error.status === 0 ? FAILED : error.body.message);
	}

	/* Asks whether a destination is saved, after a lost response. */
	async reconcile(id) {
		const { contains } = await this.api.post('/api/v1/me/favorites/contains', {
			items: [{ kind: 'destination', id }],
		});
		if (contains[0] && !this.items.has(id)) await this.save(id);
		else if (!contains[0]) this.items.delete(id);
	}

	/* Loads all pages. Returns their items, newest first. */
	async load(limit, between = async () => {}) {
		const items = [];
		let query = `limit=${limit}`;
		for (let page = 0; query !== null; page++) {
			const body = await this.api.get(`${PATH}?${query}`);
			items.push(...body.items);
			query = body.next_cursor && `limit=${limit}&cursor=${body.next_cursor}`;
			await between(page);
		}
		this.items = new Map(items.map((item) => [item.destination_id, item]));
		return items;
	}
}

async function open(context, name = 'ana') {
	const store = new DestinationStore(as(context, name));
	await store.load(100);
	for (const id of [...store.items.keys()]) await store.unsave(id);
	store.toasts = [];
	return store;
}

/* Returns the destinations that the service has as favorites of a store. */
async function stored(store) {
	const other = new DestinationStore(store.api);
	return (await other.load(100)).map((item) => item.destination_id);
}

async function count(context, id) {
	const api = new Api(context.url);
	const body = await api.get(`/api/v1/destinations/${id}/favorites/count`);
	return body.favorites_count;
}

main({
	/* The button shows "saved" before the response, and keeps it. */
	async save(context) {
		const store = await open(context);
		const [id] = context.ids;
		const before = await count(context, id);
		const change = store.toggle(id);
		assert.equal(store.isSaved(id), true);
		assert.equal(store.items.has(id), false);
		await change;
		assert.equal(store.isSaved(id), true);
		assert.deepEqual(store.toasts, ['Destination saved to Favorites']);
		assert.deepEqual(await stored(store), [id]);
		assert.equal(await count(context, id), before + 1);
		await store.toggle(id);
		assert.equal(store.isSaved(id), false);
		assert.equal(store.toasts[1], 'Destination removed from Favorites');
		assert.equal(await count(context, id), before);
	},

	/* Another device saved or removed it: the button shows this state. */
	async conflict(context) {
		const store = await open(context);
		const other = await open(context);
		const [id] = context.ids;
		await other.toggle(id);
		await store.toggle(id);
		assert.equal(store.isSaved(id), true);
		assert.equal(store.items.get(id).favorite_id, other.items.get(id).favorite_id);
		await other.toggle(id);
		await store.toggle(id);
		assert.equal(store.isSaved(id), false);
		assert.deepEqual(await stored(store), []);
	},

	/* The last click wins, however many there were. */
	async clicks(context) {
		const store = await open(context);
		for (const [i, n] of [2, 3, 20, 21].entries()) {
			const id = context.ids[i];
			const changes = [];
			for (let click = 0; click < n; click++) {
				changes.push(store.toggle(id));
				if (click % 5 === 4) await new Promise(setImmediate);
			}
			await Promise.all(changes);
			assert.equal(store.isSaved(id), n % 2 === 1);
		}
		assert.deepEqual(
			new Set(await stored(store)),
			new Set([context.ids[1], context.ids[3]]),
		);
	},

	/* Two devices change the same destinations at the same time. */
	async race(context) {
		const stores = [await open(context), await open(context)];
		const before = await Promise.all(context.ids.map((id) => count(context, id)));
		console.log(`SEED=${context.seed}`);
		for (const n of shuffled(60, context.seed)) {
			const store = stores[n % 2];
			store.toggle(context.ids[n % 3]);
			if (n % 7 === 0) await new Promise(setImmediate);
		}
		await Promise.all(stores.flatMap((store) => [...store.busy.values()]));
		const saved = await stored(stores[0]);
		for (const store of stores) {
			assert.ok(store.toasts.every((toast) => /^Destination /.test(toast)));
			await store.load(100);
			assert.deepEqual([...store.items.keys()], saved);
		}
		for (const [i, id] of context.ids.entries())
			assert.equal(
				await count(context, id),
				before[i] + (saved.includes(id) ? 1 : 0),
			);
	},

	/* Pages contain each row once, also if others are added and removed. */
	async pages(context) {
		const store = await open(context);
		for (const id of context.ids) await store.toggle(id);
		const all = await store.load(7);
		assert.deepEqual(
			all.map((item) => item.destination_id),
			context.ids.slice().reverse(),
		);
		for (const name of ['destination_name', 'city', 'country', 'saved_at'])
			assert.ok(
				all.every((item) => typeof item[name] === 'string'),
				name,
			);
		const other = new DestinationStore(store.api);
		await other.load(100);
		const ids = context.ids.slice().reverse();
		const some = await store.load(5, async (page) => {
			/* The first row goes to the front again, one after it leaves. */
			if (page === 0) {
				await other.toggle(ids[0]);
				await other.toggle(ids[0]);
			} else if (page === 1) {
				await other.toggle(ids[12]);
			}
		});
		const seen = some.map((item) => item.destination_id);
		assert.equal(new Set(seen).size, seen.length);
		for (const id of ids.filter((x) => x !== ids[12])) assert.ok(seen.includes(id), id);
		assert.ok(!seen.includes(ids[12]));
		const page = await store.api.get(`${PATH}?limit=5&offset=5`);
		assert.deepEqual(page.pagination, {
			limit: 5,
			offset: 5,
			total: ids.length - 1,
		});
		assert.equal(page.items.length, 5);
	},

	/* A visitor is sent to the login, and the button changes back. */
	async anonymous(context) {
		const store = new DestinationStore(new Api(context.url));
		const [id] = context.ids;
		const change = store.toggle(id);
		assert.equal(store.isSaved(id), true);
		await change;
		assert.equal(store.isSaved(id), false);
		assert.equal(store.logins, 1);
		store.api = as(context, 'ana');
		await store.load(100);
		if (store.isSaved(id)) await store.toggle(id);
		await store.toggle(id);
		assert.equal(store.isSaved(id), true);
	},

	/* The favorites of another account cannot be read or changed. */
	async others(context) {
		const store = await open(context);
		const ben = as(context, 'ben');
		const path = `/api/v1/users/${store.api.user.uuid}/favorites`;
		const [id] = context.ids;
		await fails(ben.post(path, { destination_id: id }), 403);
		await fails(ben.get(path), 403);
		await fails(ben.send('DELETE', `${path}/${id}`), 403);
		const error = await fails(store.api.post(PATH, { destination_id: 'x' }), 422);
		assert.ok(error.body.fields.destination_id);
		assert.deepEqual(await stored(store), []);
	},

	/* The service is down: buttons change back, with the documented text. */
	async down(context) {
		const store = new DestinationStore(as(context, 'ana'));
		const [id, saved] = context.ids;
		store.items.set(saved, {});
		for (const [one, before] of [
			[id, false],
			[saved, true],
		]) {
			const change = store.toggle(one);
			assert.equal(store.isSaved(one), !before);
			await change;
			assert.equal(store.isSaved(one), before);
		}
		assert.deepEqual(store.toasts, [FAILED, FAILED]);
	},

	/*
	 * The service hangs: the button changes back. Later the store asks for the
	 * state, because the change may have been made.
	 */
	async hang(context) {
		const store = await open(context);
		const [id] = context.ids;
		for (const pid of context.workers) process.kill(pid, 'SIGSTOP');
		store.api.timeout = 500;
		try {
			await store.toggle(id);
		} finally {
			for (const pid of context.workers) process.kill(pid, 'SIGCONT');
		}
		assert.equal(store.isSaved(id), false);
		assert.equal(store.unknown, id);
		assert.deepEqual(store.toasts, [FAILED]);
		store.api.timeout = 60000;
		await until(async () => {
			await store.reconcile(id);
			return (await stored(store)).includes(id) === store.isSaved(id);
		}, 'the state of the service');
	},
});
