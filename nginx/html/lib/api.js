/*
 * api: requests with an access token that is renewed in time. The tokens live
 * in this tab: in memory, and in sessionStorage for a reload.
 */
const BASE = '/api/v1';
const KEPT = 'earmark';
const EARLY = 60 * 1000;

let tokens = read();
let renewing = null;
let onLeave = () => {};

export class ApiError extends Error {
	constructor(status, body) {
		super(
			Object.values(body.fields ?? {}).length > 0
				? Object.entries(body.fields)
						.map(([k, v]) => `${k}: ${v}`)
						.join('; ')
				: body.message,
		);
		this.name = 'ApiError';
		this.status = status;
		this.code = body.error;
		this.body = body;
	}
}

function read() {
	try {
		return JSON.parse(sessionStorage.getItem(KEPT));
	} catch {
		return null;
	}
}

function keep(now) {
	tokens = now;
	if (now === null) sessionStorage.clear();
	else sessionStorage.setItem(KEPT, JSON.stringify(now));
}

export function me() {
	return tokens?.user ?? null;
}

export function has(role) {
	return me()?.roles.includes(role) ?? false;
}

/* f is called when the tokens are gone, whoever took them. */
export function whenLeaving(f) {
	onLeave = f;
}

export function signedIn(answer) {
	keep({
		access: answer.access_token,
		refresh: answer.refresh_token,
		until: Date.now() + answer.expires_in * 1000,
		user: answer.user ?? tokens.user,
	});
}

export function forget() {
	if (tokens === null) return;
	keep(null);
	onLeave();
}

async function ask(method, path, body, more) {
	const headers = { Accept: 'application/json', ...more };
	let answer;

	if (body !== undefined) headers['Content-Type'] = 'application/json';
	try {
		answer = await fetch(BASE + path, {
			method,
			headers,
			body: body === undefined ? undefined : JSON.stringify(body),
			cache: 'no-store',
			credentials: 'omit',
		});
	} catch {
		throw new ApiError(0, {
			error: 'unreachable',
			message: 'The server can not be reached.',
		});
	}
	const text = await answer.text();
	let json = null;
	try {
		json = text === '' ? null : JSON.parse(text);
	} catch {
		/* Something between us and the server has spoken. */
	}
	if (answer.ok) return json;
	throw new ApiError(
		answer.status,
		json ?? { error: 'unreadable', message: `The server said ${answer.status}.` },
	);
}

/* Without a token: signing in. */
export function open(path, body) {
	return ask('POST', path, body);
}

async function renew() {
	try {
		signedIn(
			await ask('POST', '/auth/refresh-token', { refresh_token: tokens.refresh }),
		);
	} catch (e) {
		if (e.status === 401 || e.status === 403) forget();
		throw e;
	}
}

/* A token that is good for a while; one renewal at a time. */
export async function token(force) {
	if (tokens === null)
		throw new ApiError(401, { error: 'token_required', message: 'Sign in, please.' });
	if (force || Date.now() > tokens.until - EARLY) {
		renewing ??= renew().finally(() => {
			renewing = null;
		});
		await renewing;
	}
	return tokens.access;
}

export async function api(method, path, body, more) {
	const used = await token(false);
	const headers = { ...more, Authorization: `Bearer ${used}` };

	try {
		return await ask(method, path, body, headers);
	} catch (e) {
		/* Banned: no token does any more. */
		if (e.code === 'account_inactive') forget();
		if (e.status !== 401 || tokens === null) throw e;
		/* Somebody else in this tab may have renewed it already. */
		const now = await token(used === tokens.access);
		return ask(method, path, body, { ...headers, Authorization: `Bearer ${now}` });
	}
}

export const get = (path) => api('GET', path);

/* One that has pages of a list, with all of that: for what is short. */
export async function getAll(path, list) {
	const all = await get(path);

	for (let next = all.next_cursor; next !== null; ) {
		const page = await get(`${path}&cursor=${next}`);
		all[list].push(...page[list]);
		next = page.next_cursor;
	}
	return all;
}

export const post = (path, body) => api('POST', path, body);

/* As post, but what the network makes of it happens once. */
export function postOnce(path, body) {
	return api('POST', path, body, { 'Idempotency-Key': crypto.randomUUID() });
}

/*
 * A postOnce that may be tried again: while nobody knows what came of it, the
 * same body goes out under the same key. What follows something done, or
 * refused, or reads otherwise, is new.
 */
export function once() {
	let key = null,
		was = null;

	return async (path, body) => {
		const text = `${path} ${JSON.stringify(body)}`;
		if (key === null || text !== was) key = crypto.randomUUID();
		was = text;
		try {
			const done = await api('POST', path, body, { 'Idempotency-Key': key });
			key = null;
			return done;
		} catch (e) {
			if (
				e.status >= 400 &&
				e.status < 500 &&
				e.code !== 'idempotency_in_progress'
			)
				key = null;
			throw e;
		}
	};
}

export async function signOut() {
	try {
		await post('/auth/logout');
	} catch {
		/* It is left all the same. */
	}
	forget();
}
