/*
 * restore: the page of the link in the notice about a changed address. It undoes
 * the change when the user confirms, because mail programs open links.
 */
import { forget, open } from '/lib/api.js';
import { busy, h } from '/lib/dom.js';

function card(...parts) {
	return h('section', { class: 'narrow' }, h('div', { class: 'card stack' }, ...parts));
}

export function restore(token) {
	const go = h('button', { class: 'btn-primary', type: 'button' }, 'This was not me');
	const view = card(
		h('h1', { tabindex: '-1' }, 'Undo the change'),
		h(
			'p',
			null,
			'An address of your account was changed. If this was not you, ' +
				'restore your account. All devices are signed out and the ' +
				'password is removed.',
		),
		go,
	);

	go.addEventListener(
		'click',
		busy(go, async () => {
			await open('/user/restore', { token });
			forget();
			view.replaceWith(
				card(
					h('h1', { tabindex: '-1' }, 'Your account was restored'),
					h(
						'p',
						null,
						'Sign in with a code, then set a new password. For ' +
							'24 hours, the addresses cannot be changed.',
					),
					h('a', { class: 'btn-primary', href: '#/' }, 'Sign in'),
				),
			);
		}),
	);
	return view;
}
