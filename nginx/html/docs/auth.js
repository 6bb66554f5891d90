/*
 * auth: the identity that requests are sent with: the signed-in user, or an
 * access token that the user pasted. Both are kept in this tab only.
 */
import { forget, me, signOut } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { signIn } from '/lib/signin.js';
import { token } from './token_session.js';

const KEPT = 'earmark.token';

/* Returns the pasted token, or null. */
function pasted() {
	return sessionStorage.getItem(KEPT);
}

/* Returns a text for the identity, or null if the user is not signed in. */
export function who() {
	return pasted() !== null ? 'by token' : (me()?.username ?? null);
}

/*
 * Returns whether the identity may have one of the roles (x-role of an
 * operation). The roles of a pasted token are unknown, so the result is true.
 */
export function may(roles) {
	return (
		['open', 'maybe'].includes(roles) ||
		pasted() !== null ||
		(me() !== null &&
			(roles === 'any' || roles.split('|').some((r) => me().roles.includes(r))))
	);
}

/* Returns the access token to send, or null if the user is not signed in. */
export async function bearer() {
	return pasted() ?? (me() === null ? null : token());
}

export async function leave() {
	if (me() !== null) await signOut();
	sessionStorage.removeItem(KEPT);
}

/* Returns the sign-in page. then() is called after the user has signed in. */
export function page(then) {
	const text = h('input', {
		name: 'token',
		required: true,
		autocomplete: 'off',
		spellcheck: 'false',
		pattern: '[A-Za-z0-9._~+\\/=\\-]+',
	});
	const form = h(
		'form',
		{ class: 'stack' },
		h('label', { class: 'field' }, h('span', null, 'Access token'), text),
		h('button', { type: 'submit' }, 'Use this token'),
	);

	form.addEventListener('submit', (e) => {
		e.preventDefault();
		if (me() !== null) forget();
		sessionStorage.setItem(KEPT, text.value);
		then();
	});
	return [
		signIn(
			() => {
				sessionStorage.removeItem(KEPT);
				then();
			},
			{
				title: 'Sign in',
				text: 'Requests from this page are sent as this user.',
				foot: () =>
					h(
						'details',
						{ class: 'more token' },
						h('summary', null, 'Use an existing token'),
						form,
					),
			},
		),
	];
}
