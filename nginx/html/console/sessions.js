/*
 * sessions: the list of sessions. session.js shows one of them.
 */
import { duration, h } from '/lib/dom.js';
import { screen } from './list.js';
import { session } from './session.js';
import { amount, badge, decimal, kindTexts, person, since, time } from './format.js';

export default function sessions(at) {
	if (at.path.length > 0) return session(at);
	return screen(at, {
		title: 'Sessions',
		path: '/admin/sessions',
		member: 'sessions',
		filters: [
			{
				name: 'state',
				text: 'State',
				options: { live: 'Active', ended: 'Ended' },
			},
			{ name: 'user_id', kind: 'number', text: 'User id' },
		],
		key: (s) => s.session_id,
		every: 3000,
		nothing: 'No sessions match.',
		columns: [
			{
				text: 'Session',
				cell: (s) =>
					h(
						'a',
						{ href: `#/sessions/${s.session_id}` },
						`#${s.session_id}`,
					),
			},
			{ text: 'State', cell: (s) => badge(s.state) },
			{
				text: 'Customer',
				cell: (s) => person(s.customer_id, s.customer_username),
			},
			{
				text: 'Listener',
				cell: (s) => person(s.listener_id, s.listener_username),
			},
			{ text: 'Kind', cell: (s) => kindTexts[s.kind] },
			{ text: 'Started', cell: (s) => time(s.started_at) },
			{
				text: 'Duration',
				end: true,
				cell: (s) =>
					s.state === 'live'
						? since(s.started_at)
						: duration(s.duration_seconds),
			},
			{ text: 'Cost', end: true, cell: (s) => amount(s.cost, s.currency) },
			{
				text: 'Refunded',
				end: true,
				cell: (s) =>
					s.refunded > 0 ? amount(s.refunded, s.currency) : null,
			},
			{ text: 'Stars', end: true, cell: (s) => s.rating },
		],
		csv: {
			session_id: (s) => s.session_id,
			call_id: (s) => s.call_id,
			state: (s) => s.state,
			kind: (s) => s.kind,
			customer_id: (s) => s.customer_id,
			customer: (s) => s.customer_username,
			listener_id: (s) => s.listener_id,
			listener: (s) => s.listener_username,
			started_at: (s) => s.started_at,
			ended_at: (s) => s.ended_at,
			cause: (s) => s.cause,
			duration_seconds: (s) => s.duration_seconds,
			billed_minutes: (s) => s.billed_minutes,
			free_minutes: (s) => s.free_minutes,
			rate: (s) => decimal(s.rate_per_minute, s.currency),
			cost: (s) => decimal(s.cost, s.currency),
			refunded: (s) => decimal(s.refunded, s.currency),
			earned: (s) => decimal(s.earned, s.currency),
			fee: (s) => decimal(s.fee, s.currency),
			currency: (s) => s.currency,
			rating: (s) => s.rating,
			comment: (s) => s.comment,
		},
	}).view;
}
