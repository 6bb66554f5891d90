/*
 * cookie_session: sessions with a cookie, for lib/api.js. Scripts cannot read
 * the cookie. This module knows only the account and the CSRF token, which is
 * of no use without the cookie.
 */
import { ApiError, ask, me, useSession } from './api.js';
import { errorText, h } from './dom.js';

/* Milliseconds in which a browser gets the response to its sign-in. */
const SIGN_IN = 1000;

/*
 * Returns a session. kind: the value of "session" in sign-ins; path: where the
 * CSRF token is read.
 */
export function cookieSession(kind, path) {
	let user = null,
		csrf = null,
		sms = true,
		reading = null;

	function read() {
		reading ??= ask('GET', path, undefined, undefined, { cookies: true }).finally(
			() => {
				reading = null;
			},
		);
		return reading;
	}

	function set(answer) {
		({ user, csrf_token: csrf, sends_sms: sms } = answer);
	}

	/*
	 * Reads the session after a request was rejected. A sign-in in another tab
	 * ends the former session a moment before the browser gets its new cookie,
	 * so a rejection is checked again.
	 */
	async function readAgain() {
		try {
			return await read();
		} catch (e) {
			if (e.status !== 401) throw e;
			await new Promise((done) => setTimeout(done, SIGN_IN));
			return read();
		}
	}

	/* Extends the session once a day. */
	async function extend(at) {
		if (at === null || Date.parse(at) > Date.now()) return;
		await ask('POST', '/auth/session', undefined, headers(), { cookies: true });
	}

	function headers() {
		return csrf === null ? {} : { 'X-CSRF-Token': csrf };
	}

	return {
		kind,
		cookies: true,
		user: () => user,
		sendsSms: () => sms,
		headers,
		change(now) {
			user = now;
		},
		clear() {
			user = csrf = null;
		},
		/* Finds out whether the browser is signed in. */
		async load() {
			try {
				const now = await read();
				set(now);
				if (user !== null) extend(now.renew_at).catch(() => {});
			} catch (e) {
				if (e.status !== 401 && e.status !== 403) throw e;
			}
		},
		/* Checks after a sign-in that the browser stored the cookie. */
		async begin() {
			const now = await read().catch((e) => {
				if (e.status !== 401) throw e;
				return { user: null };
			});
			if (now.user === null)
				throw new ApiError(0, {
					error: 'no_cookie',
					message:
						'The browser did not store the cookie. Allow ' +
						'cookies, and open this page over HTTPS.',
				});
			set(now);
		},
		/*
		 * Reads the CSRF token again, after a request was rejected. If
		 * another tab has signed another user in, the page is loaded
		 * again, because it shows the former one.
		 */
		async renew() {
			const now = await readAgain();

			if (now.user !== null && now.user.user_id !== user?.user_id)
				location.reload();
			if (now.user?.user_id !== user?.user_id)
				throw new ApiError(401, {
					error: 'token_required',
					message: 'You are signed out. Sign in again.',
				});
			set(now);
		},
	};
}

/*
 * Starts a page when it is known whether the user is signed in: calls begin() if
 * so, otherwise go(), which is also called after each change of the address. If
 * it cannot be found out, `main` shows why, with a button to try again.
 */
export async function startPage(main, session, go, begin) {
	try {
		await useSession(session);
	} catch (e) {
		const again = () => startPage(main, session, go, begin);

		main.replaceChildren(
			h(
				'div',
				{ class: 'note', role: 'alert' },
				h('p', null, errorText(e)),
				h('button', { type: 'button', onclick: again }, 'Try again'),
			),
		);
		return;
	}
	addEventListener('hashchange', go);
	if (me() === null) go();
	else begin();
}
