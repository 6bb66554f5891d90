/*
 * token_session: sessions with tokens, for lib/api.js. The reference shows
 * requests with a token, so that they can be sent from a shell too. The access
 * token is renewed before it expires. Tokens are kept in memory and in
 * sessionStorage, which survives a reload. Other tabs do not see them.
 */
import { ApiError, ask } from '/lib/api.js';

const KEPT = 'earmark';
/* Milliseconds before its expiry at which an access token is renewed. */
const EARLY = 60 * 1000;

let tokens = read(),
	renewing = null;

function read() {
	try {
		return JSON.parse(sessionStorage.getItem(KEPT));
	} catch {
		return null;
	}
}

function keep(now) {
	tokens = now;
	if (now === null) sessionStorage.removeItem(KEPT);
	else sessionStorage.setItem(KEPT, JSON.stringify(now));
}

function begin(answer) {
	keep({
		access: answer.access_token,
		refresh: answer.refresh_token,
		until: Date.now() + answer.expires_in * 1000,
		user: answer.user ?? tokens.user,
	});
}

/* Concurrent callers share one renewal. */
function renew() {
	renewing ??= ask('POST', '/auth/refresh-token', { refresh_token: tokens.refresh })
		.then(begin)
		.finally(() => {
			renewing = null;
		});
	return renewing;
}

/* Returns an access token that is valid for at least EARLY. */
export async function token() {
	if (tokens === null)
		throw new ApiError(401, {
			error: 'token_required',
			message: 'You are signed out. Sign in again.',
		});
	if (Date.now() > tokens.until - EARLY) await renew();
	return tokens.access;
}

export const tokenSession = {
	kind: 'token',
	cookies: false,
	user: () => tokens?.user ?? null,
	headers: async () => ({ Authorization: `Bearer ${await token()}` }),
	change: (user) => keep({ ...tokens, user }),
	clear: () => keep(null),
	load: async () => {},
	begin,
	renew,
};
