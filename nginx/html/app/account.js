/*
 * account: the page of the signed-in user's account. Its parts are in the modules
 * account_*.js.
 */
import { changed, get, me, post } from '/lib/api.js';
import { avatar, busy, h, icon, loadInto, toast } from '/lib/dom.js';
import { secondFactor } from '/lib/mfa.js';
import { addresses, passwordForm } from './account_contact.js';
import { deletion } from './account_deletion.js';
import { devices, identities } from './account_devices.js';
import { securityHistory } from './account_security.js';
import { preferences, settings } from './account_settings.js';
import { imageButtons } from './image_buttons.js';

/* A username that the server generated can be replaced once. */
const GENERATED = /^user_[0-9a-z]{10}$/;

/* Returns a card with a heading. */
function part(name, title, ...kids) {
	return h(
		'section',
		{ class: 'card stack', 'data-part': name, 'aria-labelledby': `part-${name}` },
		h('h2', { id: `part-${name}` }, title),
		...kids,
	);
}

/*
 * The policy of the page permits images of its own host only, which the URL of
 * the API may name differently.
 */
function photo(user) {
	return user.profile_image_thumb_url === null
		? avatar(user.user_id, user.username, 'large')
		: h('img', {
				class: 'avatar large',
				alt: 'Your photo',
				src: new URL(user.profile_image_thumb_url).pathname,
			});
}

function usernameForm(show) {
	const name = h('input', {
		name: 'username',
		required: true,
		minlength: '3',
		maxlength: '30',
		pattern: '[A-Za-z0-9_.]+',
		title: 'Letters, digits, dots and underscores',
		autocapitalize: 'none',
		autocomplete: 'username',
	});
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Save username');
	const form = h(
		'form',
		{ class: 'stack' },
		h('label', { class: 'field' }, h('span', null, 'New username'), name),
		h('p', { class: 'soft' }, 'You can choose it once.'),
		send,
	);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			changed(await post('/user/username', { username: name.value.trim() }));
			toast('Your username was changed.');
			show('[data-do=photo]');
		}),
	);
	return h('details', null, h('summary', null, 'Choose a username'), form);
}

/* The card with photo and username. renamed() updates the header. */
function profile(renamed) {
	const at = h('div', { class: 'stack' });

	/* focus: the selector of the element that is focused. */
	function show(focus) {
		const user = me();
		at.replaceChildren(
			h(
				'div',
				{ class: 'self' },
				photo(user),
				h(
					'div',
					null,
					h('strong', null, user.username),
					imageButtons(
						'/user/profile/image',
						'photo',
						user.profile_image_url !== null,
						async (answer) => {
							changed(
								answer ??
									(await get(
										'/user/profile',
									)),
							);
							show('[data-do=photo]');
						},
					),
				),
			),
			GENERATED.test(user.username) ? usernameForm(show) : '',
		);
		renamed(user.username);
		if (focus !== undefined) at.querySelector(focus).focus();
	}
	show();
	return at;
}

/*
 * Reads the account again: another device may have changed it.
 */
export function account(leave, arg, renamed) {
	const page = h('section', { class: 'account' });

	async function load() {
		changed(await get('/user/profile'));
		page.append(
			part('profile', 'Profile', profile(renamed)),
			part('contact', 'Contact', addresses()),
			part('password', 'Password', passwordForm()),
			part('mfa', 'Two-step verification', secondFactor()),
			...identities(part),
			part('devices', 'Devices', devices()),
			part('history', 'Security history', securityHistory()),
			part('notifications', 'Notifications', preferences()),
			part('settings', 'Language and privacy', settings()),
			part(
				'flyers',
				'Flyers',
				h(
					'a',
					{ class: 'up', href: '#/flyers' },
					icon('find'),
					'Show and publish flyers',
				),
			),
			part(
				'destinations',
				'Destinations',
				h(
					'a',
					{ class: 'up', href: '#/destinations' },
					icon('place'),
					'Show destinations',
				),
			),
			part(
				'studio',
				'Studio',
				h(
					'a',
					{ class: 'up', href: '#/studio' },
					icon('page'),
					'Show styles, creatives and documents',
				),
			),
			part(
				'blocked',
				'Blocked users',
				h(
					'a',
					{ class: 'up', href: '#/blocked' },
					icon('flag'),
					'Show blocked users',
				),
			),
			part(
				'export',
				'Your data',
				h(
					'p',
					null,
					'The file contains everything that is stored about you, in ' +
						'the format JSON.',
				),
				h(
					'a',
					{
						class: 'button',
						href: '/api/v1/me/export',
						download: 'earmark-export.json',
					},
					icon('save'),
					'Download my data',
				),
			),
			part('deletion', 'Delete account', deletion()),
		);
	}
	page.append(h('h1', { tabindex: '-1' }, 'Account'));
	loadInto(page, load);
	return page;
}
