/*
 * auth: who the calls are made as: somebody who signed in here, or the owner of
 * a token that was made elsewhere. Both live in this tab alone.
 */
import { forget, me, signOut, token } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { signIn } from '/lib/signin.js';

const KEPT = 'earmark.token';

function pasted() {
	return sessionStorage.getItem(KEPT);
}

/* A name for who it is, or null. */
export function who() {
	return pasted() !== null ? 'by token' : (me()?.username ?? null);
}

/* Is it worth trying? Of a token nobody knows whose it is. */
export function may(roles) {
	return (
		['open', 'maybe'].includes(roles) ||
		pasted() !== null ||
		(me() !== null &&
			(roles === 'any' || roles.split('|').some((r) => me().roles.includes(r))))
	);
}

/* The access token to send, renewed in time; null when nobody is signed in. */
export async function bearer() {
	return pasted() ?? (me() === null ? null : token(false));
}

export async function leave() {
	if (me() !== null) await signOut();
	sessionStorage.removeItem(KEPT);
}

/* The page on which one signs in; then() follows. */
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
				text: 'What is sent from these pages is then ' + 'sent as you.',
				foot: () =>
					h(
						'details',
						{ class: 'more token' },
						h('summary', null, 'Use a token that you have'),
						form,
					),
			},
		),
	];
}
