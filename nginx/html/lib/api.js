/*
 * api: sends requests to the API for the signed-in user. The page chooses how
 * the user signs in with useSession(): lib/cookie_session.js or
 * docs/token_session.js.
 */
import { apiMessage } from './api_message.js';

const BASE = '/api/v1';
/*
 * Milliseconds to wait for the response to a GET request. After a change of the
 * network, the browser may reuse a connection that is dead without a sign.
 */
const WAIT = 15 * 1000;

let session = null;
let onLeave = () => {};
let onStepUp = async () => false;
let onSetup = () => {};

export class ApiError extends Error {
	constructor(status, body) {
		super(apiMessage(body));
		this.name = 'ApiError';
		this.status = status;
		this.code = body.error;
		this.body = body;
	}
}

/*
 * Sets how the user signs in, and finds out whether they are signed in. A
 * session has these members:
 *	kind		the value of "session" in sign-ins
 *	cookies		whether requests are sent with cookies
 *	user()		the account, or null
 *	sendsSms()	whether the service sends SMS; only in pages that users can
 *			join
 *	headers()	the headers that authenticate a request, or a promise
 *	load()		called once
 *	begin(answer)	called after a sign-in
 *	renew()		called after a request was rejected
 *	change(user)	replaces the account
 *	clear()		forgets the account
 */
export async function useSession(s) {
	session = s;
	await s.load();
}

export function me() {
	return session?.user() ?? null;
}

export function sendsSms() {
	return session.sendsSms();
}

export function has(role) {
	return me()?.roles.includes(role) ?? false;
}

/* Registers f, which is called after the user was signed out for any reason. */
export function whenLeaving(f) {
	onLeave = f;
}

/*
 * Registers f, which asks for the second factor when an action needs it, and
 * resolves to true if the request may be sent again.
 */
export function whenStepUp(f) {
	onStepUp = f;
}

/* Registers f, which is called if the user must set up a second factor first. */
export function whenSetupNeeded(f) {
	onSetup = f;
}

/* Replaces the account of the signed-in user, after a change of its roles. */
export function changed(user) {
	session.change(user);
}

export function forget() {
	if (me() === null) return;
	session.clear();
	sessionStorage.clear();
	onLeave();
}

/*
 * Sends a request. path: below BASE, or one that begins with /api/. body: a
 * value that becomes JSON, or a Blob. wait: milliseconds until it fails without
 * a response; 0: no limit. cookies: whether the browser sends and stores
 * cookies.
 */
export async function ask(
	method,
	path,
	body,
	more,
	{ wait = method === 'GET' ? WAIT : 0, cookies = false } = {},
) {
	const headers = { Accept: 'application/json', ...more };
	const limit = new AbortController();
	const timer = wait > 0 && setTimeout(() => limit.abort(), wait);
	let answer, text;

	const file = body instanceof Blob;
	if (body !== undefined) headers['Content-Type'] = file ? body.type : 'application/json';
	try {
		answer = await fetch(path.startsWith('/api/') ? path : BASE + path, {
			method,
			headers,
			body: body === undefined || file ? body : JSON.stringify(body),
			cache: 'no-store',
			credentials: cookies ? 'same-origin' : 'omit',
			signal: limit.signal,
		});
		text = await answer.text();
	} catch {
		throw new ApiError(0, {
			error: 'unreachable',
			message: 'The server cannot be reached. Check your connection.',
		});
	} finally {
		clearTimeout(timer);
	}
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

/* Sends a POST request of a user who is not signed in. */
export function open(path, body) {
	return ask('POST', path, body);
}

/* Sends a request that signs in, and keeps the session. */
export async function signIn(path, body) {
	const answer = await ask('POST', path, { ...body, session: session.kind }, undefined, {
		cookies: session.cookies,
	});

	await session.begin(answer);
}

/* Gets new headers after a request was rejected. */
async function renew() {
	try {
		await session.renew();
	} catch (e) {
		if (e.status === 401 || e.status === 403) forget();
		throw e;
	}
	return session.headers();
}

export async function api(method, path, body, more, wait) {
	const how = { wait, cookies: session.cookies };
	let used;

	try {
		used = await session.headers();
		return await ask(method, path, body, { ...more, ...used }, how);
	} catch (e) {
		/*
		 * The account was banned or deleted: no session works any more.
		 */
		if (e.code === 'account_inactive') forget();
		if (e.code === 'mfa_setup_required') onSetup();
		if (e.code === 'step_up_required' && (await onStepUp()))
			return ask(method, path, body, { ...more, ...used }, how);
		if ((e.status !== 401 && e.code !== 'csrf') || me() === null) throw e;
		return ask(method, path, body, { ...more, ...(await renew()) }, how);
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
		/* The page forgets the user even if the request fails. */
	}
	forget();
}
