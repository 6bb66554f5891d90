/*
 * api: sends requests to the API and renews the access token before it
 * expires. Tokens are kept in memory and in sessionStorage, which survives a
 * reload. Other tabs do not see them.
 */
const BASE = '/api/v1';
const KEPT = 'earmark';
/* Milliseconds before its expiry at which an access token is renewed. */
const EARLY = 60 * 1000;
/*
 * Milliseconds to wait for the response to a GET request. After a change of the
 * network, the browser may reuse a connection that is dead without a sign.
 */
const WAIT = 15 * 1000;

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

/* Registers f, which is called after the tokens were removed for any reason. */
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

/* wait: milliseconds until the request fails without a response; 0: no limit. */
async function ask(method, path, body, more, wait = method === 'GET' ? WAIT : 0) {
	const headers = { Accept: 'application/json', ...more };
	const limit = new AbortController();
	const timer = wait > 0 && setTimeout(() => limit.abort(), wait);
	let answer;

	if (body !== undefined) headers['Content-Type'] = 'application/json';
	try {
		answer = await fetch(BASE + path, {
			method,
			headers,
			body: body === undefined ? undefined : JSON.stringify(body),
			cache: 'no-store',
			credentials: 'omit',
			signal: limit.signal,
		});
	} catch {
		throw new ApiError(0, {
			error: 'unreachable',
			message: 'The server cannot be reached. Check your connection.',
		});
	} finally {
		clearTimeout(timer);
	}
	const text = await answer.text();
	let json = null;
	try {
		json = text === '' ? null : JSON.parse(text);
	} catch {
		/* Not JSON: a proxy in front of the server responded. */
	}
	if (answer.ok) return json;
	throw new ApiError(
		answer.status,
		json ?? {
			error: 'unreadable',
			message: `The server returned status ${answer.status}.`,
		},
	);
}

/* Sends a POST request without a token, to sign in. */
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

/*
 * Returns an access token that is valid for at least EARLY. Concurrent callers
 * share one renewal. If force is true, the token is renewed in any case.
 */
export async function token(force) {
	if (tokens === null)
		throw new ApiError(401, {
			error: 'token_required',
			message: 'You are signed out. Sign in again.',
		});
	if (force || Date.now() > tokens.until - EARLY) {
		renewing ??= renew().finally(() => {
			renewing = null;
		});
		await renewing;
	}
	return tokens.access;
}

export async function api(method, path, body, more, wait) {
	const used = await token(false);
	const headers = { ...more, Authorization: `Bearer ${used}` };

	try {
		return await ask(method, path, body, headers, wait);
	} catch (e) {
		/*
		 * The account was banned or deleted: no token works any more.
		 */
		if (e.code === 'account_inactive') forget();
		if (e.status !== 401 || tokens === null) throw e;
		/*
		 * Another request of this tab may have renewed the token
		 * already.
		 */
		const now = await token(used === tokens.access);
		return ask(
			method,
			path,
			body,
			{ ...headers, Authorization: `Bearer ${now}` },
			wait,
		);
	}
}

export const get = (path, wait) => api('GET', path, undefined, undefined, wait);

/*
 * Fetches an object whose member `list` is paged, with all pages. For short
 * lists.
 */
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

/* Sends a POST request with a new idempotency key. */
export function postOnce(path, body) {
	return api('POST', path, body, { 'Idempotency-Key': crypto.randomUUID() });
}

/*
 * Returns a function like postOnce() that can be called again to retry. It
 * reuses its idempotency key while the result of the same request is unknown.
 * After a success, after a client error and for another body it uses a new key.
 */
export function once() {
	let key = null,
		sent = null;

	return async (path, body) => {
		const text = `${path} ${JSON.stringify(body)}`;
		if (key === null || text !== sent) key = crypto.randomUUID();
		sent = text;
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
		/* The local tokens are removed even if the request fails. */
	}
	forget();
}
