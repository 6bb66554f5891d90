/*
 * reviews: the reviews of all listeners. Administrators hide and show them.
 */
import { post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { badge, person, time } from './format.js';

function decision(r, again) {
	const word = r.is_hidden ? 'unhide' : 'hide';

	return asks(
		r.is_hidden ? 'Show' : 'Hide',
		{
			title: `${r.is_hidden ? 'Show' : 'Hide'} review #${r.review_id}?`,
			roles: ['moderator'],
			danger: !r.is_hidden,
			button: r.is_hidden ? 'Show' : 'Hide',
			text: r.is_hidden
				? 'The review is listed again if it is the latest of this customer.'
				: 'The review is not listed and not part of the rating. An earlier ' +
					'review of the same customer counts instead.',
			fields: [{ name: 'reason', text: 'Reason', kind: 'area', max: 500 }],
			run: async ({ reason }) => {
				await post(
					`/admin/reviews/${r.review_id}/${word}`,
					reason === null ? {} : { reason },
				);
				return r.is_hidden
					? 'The review is shown again.'
					: 'The review is hidden.';
			},
		},
		again,
	);
}

function state(r) {
	return r.is_hidden
		? badge('rejected', 'hidden')
		: r.counts
			? badge('ok', 'counts')
			: badge('none', 'older');
}

export default function reviews(at) {
	const l = screen(at, {
		title: 'Reviews',
		path: '/admin/reviews',
		member: 'reviews',
		filters: [
			{
				name: 'hidden',
				text: 'Visibility',
				options: { true: 'Hidden', false: 'Visible' },
			},
			{ name: 'listener_id', kind: 'number', text: 'Listener id' },
		],
		key: (r) => r.review_id,
		nothing: 'No reviews match.',
		columns: [
			{
				text: 'Review',
				cell: (r) =>
					h(
						'a',
						{ href: `#/sessions/${r.session_id}` },
						`#${r.review_id}`,
					),
			},
			{ text: 'Stars', end: true, cell: (r) => r.rating },
			{
				text: 'Text',
				wide: true,
				cell: (r) => r.comment && h('p', { class: 'said' }, r.comment),
			},
			{
				text: 'Customer',
				cell: (r) => person(r.customer_id, r.customer_username),
			},
			{
				text: 'Listener',
				cell: (r) => person(r.listener_id, r.listener_username),
			},
			{ text: 'State', cell: state },
			{ text: 'Written', end: true, cell: (r) => time(r.created_at) },
			{
				text: 'Decide',
				end: true,
				wide: true,
				hidden: true,
				cell: (r) =>
					h(
						'div',
						{ class: 'acts' },
						decision(r, () => l.load()),
					),
			},
		],
		csv: {
			review_id: (r) => r.review_id,
			session_id: (r) => r.session_id,
			rating: (r) => r.rating,
			comment: (r) => r.comment,
			customer_id: (r) => r.customer_id,
			customer_username: (r) => r.customer_username,
			listener_id: (r) => r.listener_id,
			listener_username: (r) => r.listener_username,
			is_hidden: (r) => r.is_hidden,
			counts: (r) => r.counts,
			created_at: (r) => r.created_at,
		},
	});
	return l.view;
}
