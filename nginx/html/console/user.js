/*
 * user: the page of a user, with tabs for the account, the wallet and the
 * devices. Each tab has a URL, such as #/users/12/wallet.
 */
import { get, me, post } from '/lib/api.js';
import { avatar, loadInto, h, icon, language } from '/lib/dom.js';
import { may } from './access.js';
import { asks } from './form_dialog.js';
import { devices } from './devices.js';
import { hours } from './hours.js';
import { decisionButtons, verification } from './verify.js';
import { amount, badge, facts, panel, time } from './format.js';
import { rates } from './rates.js';
import { removePictureButton } from './remove_picture.js';
import { permitted } from './screens.js';
import { wallet } from './wallet.js';

const allParts = {
	account: 'Account',
	wallet: 'Wallet',
	devices: 'Devices',
	rates: 'Rates',
	hours: 'Hours',
};

function ban(u) {
	return {
		title: `Ban ${u.username}?`,
		roles: ['moderator'],
		danger: true,
		button: 'Ban',
		text:
			'All tokens become invalid immediately, and an active call ends. ' +
			'The user is notified of the reason.',
		fields: [
			{ name: 'reason', text: 'Reason', kind: 'area', max: 500, required: true },
			{
				name: 'until',
				text: 'Until',
				kind: 'when',
				hint: 'If empty, until an administrator lifts the ban.',
			},
		],
		run: async ({ reason, until }) => {
			await post(
				'/admin/ban-user',
				until === null
					? { user_id: u.user_id, reason }
					: { user_id: u.user_id, reason, until },
			);
			return (
				`${u.username} was banned` +
				(until === null
					? '.'
					: ` until ${new Date(until).toLocaleString()}.`)
			);
		},
	};
}

function unban(u) {
	return {
		title: `Unban ${u.username}?`,
		roles: ['moderator'],
		button: 'Unban',
		text: 'The user can sign in again. Earlier tokens stay invalid.',
		run: async () => {
			await post('/admin/unban-user', { user_id: u.user_id });
			return `${u.username} was unbanned.`;
		},
	};
}

function acts(u, again) {
	if (u.status === 'banned') return asks('Unban', unban(u), again, 'btn-primary');
	if (u.status === 'deleted' || u.user_id === me().user_id) return null;
	return [removePictureButton(u, again), asks('Ban', ban(u), again, 'danger')];
}

function listener(u, again) {
	const l = u.listener;

	if (l === null) return null;
	return panel(
		'Listener',
		l.verification === 'pending' ? decisionButtons(l, again) : null,
		facts([
			['Verification', verification(l)],
			[
				'Price per minute',
				Object.entries(l.rates).map(([kind, rate], i) => [
					i > 0 ? ', ' : '',
					`${kind} `,
					amount(rate, l.currency),
				]),
			],
			['Languages', l.languages.map(language).join(', ')],
			[
				'Rating',
				l.reviews_count === 0
					? 'No reviews yet'
					: `${Number(l.rating).toFixed(1)} of 5, ` +
						`${l.reviews_count} reviews`,
			],
			['Sessions', l.sessions_count],
			['Favorite of', l.favorites_count],
			[
				'Now',
				l.is_busy
					? badge('busy', 'in a call')
					: l.is_online
						? badge('online')
						: 'offline',
			],
			['Accepts calls', u.availability.accepting_calls ? 'yes' : 'no'],
			['Available again', time(l.next_available_at)],
			['Registered', time(l.registered_at)],
		]),
	);
}

function account(u, again) {
	return h(
		'div',
		{ class: 'panels' },
		panel(
			'Account',
			null,
			facts([
				[
					'E-mail',
					u.email && !u.email_verified
						? `${u.email} (not verified)`
						: u.email,
				],
				['Phone', u.phone],
				['Roles', u.roles.join(', ')],
				['Country', u.country],
				[
					'Language',
					u.preferred_language && language(u.preferred_language),
				],
				['Sex', u.sex],
				['Bio', u.bio],
				['Interests', u.interests.join(', ')],
				['Joined', time(u.created_at)],
				['Last seen', time(u.last_seen)],
				['Favorites', u.favorites_count],
				['Sessions', u.sessions_count],
				['Referral code', u.referral_code],
				['UUID', h('code', null, u.uuid)],
			]),
		),
		listener(u, again),
	);
}

function links(u) {
	const to = (page, text, query) =>
		permitted(page)
			? h('a', { href: `#/${page}?${query ?? `user_id=${u.user_id}`}` }, text)
			: null;

	return h(
		'p',
		{ class: 'links' },
		to('sessions', 'Sessions'),
		to('calls', 'Calls'),
		to('payments', 'Payments'),
		to('tickets', 'Tickets'),
		to('reports', 'Reports'),
		to('outbox', 'Messages'),
		to('audit', 'Audit', `target=user:${u.user_id}`),
	);
}

function show(at, view, u, again) {
	const parts = { ...allParts };
	if (u.listener === null) delete parts.rates;
	if (u.listener === null) delete parts.hours;
	if (!may('finance', 'support')) delete parts.wallet;
	if (!may('support')) delete parts.devices;
	const part = Object.hasOwn(parts, at.path[1] ?? '') ? at.path[1] : 'account';
	const body =
		part === 'wallet'
			? wallet(at, u)
			: part === 'devices'
				? devices(at, u)
				: part === 'rates'
					? rates(at, u)
					: part === 'hours'
						? hours(u)
						: account(u, again);

	at.title(u.username);
	view.replaceChildren(
		h('a', { class: 'up', href: '#/users' }, icon('back'), 'Users'),
		h(
			'div',
			{ class: 'head' },
			avatar(u.user_id, u.username, '', u.profile_image_thumb_url),
			h(
				'div',
				{ class: 'named' },
				h('h1', { tabindex: '-1' }, u.username),
				h('p', { class: 'soft' }, `#${u.user_id}`, badge(u.status)),
			),
			h('div', { class: 'acts' }, acts(u, again)),
		),
		u.status === 'banned'
			? h(
					'p',
					{ class: 'note' },
					h('strong', null, u.ban_reason ?? 'Banned'),
					u.banned_until === null
						? 'Until an administrator lifts the ban.'
						: ['Until ', time(u.banned_until)],
				)
			: '',
		h(
			'div',
			{ class: 'under' },
			h(
				'nav',
				{ class: 'tabs', 'aria-label': 'Parts' },
				Object.entries(parts).map(([k, text]) =>
					h(
						'a',
						{
							href: `#/users/${u.user_id}${k === 'account' ? '' : `/${k}`}`,
							'aria-current': k === part && 'page',
						},
						text,
					),
				),
			),
			links(u),
		),
		body,
	);
	view.querySelector('h1').focus({ preventScroll: true });
}

export function user(at) {
	const view = h(
		'section',
		null,
		h('a', { class: 'up', href: '#/users' }, icon('back'), 'Users'),
		h('h1', { tabindex: '-1' }, 'User'),
	);
	const load = async () => show(at, view, await get(`/admin/users/${at.path[0]}`), load);

	loadInto(view, load);
	return view;
}
