/*
 * listeners: the list of listeners and their verification.
 */
import { avatar, h, language } from '/lib/dom.js';
import { screen } from './list.js';
import { decisionButtons, verification } from './verify.js';
import { amount, badge, decimal, time } from './format.js';

const verifications = { pending: 'To verify', verified: 'Verified', rejected: 'Rejected' };

function nameLink(l) {
	return h(
		'a',
		{ class: 'who', href: `#/users/${l.user_id}` },
		avatar(l.user_id, l.username, 'small', l.profile_image_thumb_url),
		h('span', null, l.username, h('span', { class: 'soft' }, `#${l.user_id}`)),
	);
}

function presence(l) {
	return l.status !== 'active'
		? badge(l.status)
		: l.is_busy
			? badge('busy', 'in a call')
			: l.is_online
				? badge('online')
				: null;
}

export default function listeners(at) {
	const l = screen(at, {
		title: 'Listeners',
		path: '/admin/listeners',
		member: 'listeners',
		filters: [
			{
				name: 'verification',
				text: 'Verification',
				options: verifications,
				any: 'All',
				dflt: 'pending',
			},
		],
		key: (one) => one.user_id,
		nothing: 'No listeners match.',
		columns: [
			{ text: 'Listener', cell: nameLink },
			{ text: 'About', wide: true, cell: (one) => one.bio },
			{
				text: 'Languages',
				cell: (one) => one.languages.map(language).join(', '),
			},
			{
				text: 'Price per minute',
				end: true,
				cell: (one) => amount(one.rate_per_minute, one.currency),
			},
			{ text: 'Registered', cell: (one) => time(one.registered_at) },
			{
				text: 'Verification',
				cell: (one) => [verification(one), ' ', presence(one)],
			},
			{
				text: 'Decide',
				end: true,
				wide: true,
				hidden: true,
				cell: (one) =>
					one.verification !== 'pending'
						? null
						: h(
								'div',
								{ class: 'acts' },
								decisionButtons(one, () =>
									l.load(),
								),
							),
			},
		],
		csv: {
			user_id: (one) => one.user_id,
			username: (one) => one.username,
			verification: (one) => one.verification,
			rejection_reason: (one) => one.rejection_reason,
			languages: (one) => one.languages,
			rate_per_minute: (one) => decimal(one.rate_per_minute, one.currency),
			currency: (one) => one.currency,
			rating: (one) => one.rating,
			reviews_count: (one) => one.reviews_count,
			sessions_count: (one) => one.sessions_count,
			country: (one) => one.country,
			status: (one) => one.status,
			registered_at: (one) => one.registered_at,
		},
	});
	return l.view;
}
