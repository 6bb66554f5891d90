/*
 * calls: the list of calls. Active calls can be ended, together with their
 * sessions.
 */
import { post } from '/lib/api.js';
import { duration, h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { amount, badge, decimal, kindTexts, person, since, time } from './format.js';

const states = {
	ringing: 'Ringing',
	accepted: 'In progress',
	ended: 'Ended',
	rejected: 'Rejected',
	cancelled: 'Cancelled',
	missed: 'Missed',
};

function isActive(c) {
	return c.state === 'ringing' || c.state === 'accepted';
}

function end(c, again) {
	return asks(
		'End',
		{
			title: `End call ${c.call_id}?`,
			roles: ['support', 'moderator'],
			danger: true,
			button: 'End call',
			text:
				`${c.caller_username ?? 'The caller'} and ` +
				`${c.callee_username ?? 'the listener'} are disconnected ` +
				'immediately. The session ends and is billed up to now.',
			fields: [
				{
					name: 'reason',
					text: 'Reason',
					kind: 'area',
					max: 500,
					required: true,
				},
			],
			run: async ({ reason }) => {
				await post(`/admin/calls/${c.call_id}/end`, { reason });
				return `Call ${c.call_id} was ended.`;
			},
		},
		again,
		'small danger',
	);
}

export default function calls(at) {
	const l = screen(at, {
		title: 'Calls',
		path: '/admin/calls',
		member: 'calls',
		filters: [
			{ name: 'live', kind: 'check', text: 'Active only' },
			{ name: 'state', text: 'State', options: states },
			{ name: 'user_id', kind: 'number', text: 'User id' },
		],
		key: (c) => c.call_id,
		every: 3000,
		nothing: (params) =>
			params.get('live') === 'true'
				? 'There are no active calls.'
				: 'No calls match.',
		columns: [
			{
				text: 'Call',
				cell: (c) =>
					c.session_id === null
						? `#${c.call_id}`
						: h(
								'a',
								{
									href: `#/sessions/${c.session_id}`,
									title: 'Session of this call',
								},
								`#${c.call_id}`,
							),
			},
			{
				text: 'State',
				cell: (c) =>
					c.state === 'accepted'
						? badge('live', 'in progress')
						: badge(c.state),
			},
			{ text: 'Caller', cell: (c) => person(c.caller_id, c.caller_username) },
			{ text: 'Listener', cell: (c) => person(c.callee_id, c.callee_username) },
			{ text: 'Kind', cell: (c) => kindTexts[c.kind] },
			{ text: 'Started', cell: (c) => time(c.created_at) },
			{
				text: 'Duration',
				end: true,
				cell: (c) =>
					isActive(c)
						? since(c.accepted_at ?? c.created_at)
						: c.duration_seconds === null
							? null
							: duration(c.duration_seconds),
			},
			{ text: 'Cost', end: true, cell: (c) => amount(c.cost, c.currency) },
			{ text: 'Ended by', cell: (c) => c.cause },
			{
				text: 'End',
				end: true,
				hidden: true,
				wide: true,
				cell: (c) => (isActive(c) ? end(c, () => l.load()) : null),
			},
		],
		csv: {
			call_id: (c) => c.call_id,
			state: (c) => c.state,
			kind: (c) => c.kind,
			caller_id: (c) => c.caller_id,
			caller: (c) => c.caller_username,
			callee_id: (c) => c.callee_id,
			callee: (c) => c.callee_username,
			created_at: (c) => c.created_at,
			accepted_at: (c) => c.accepted_at,
			ended_at: (c) => c.ended_at,
			cause: (c) => c.cause,
			duration_seconds: (c) => c.duration_seconds,
			session_id: (c) => c.session_id,
			cost: (c) => decimal(c.cost, c.currency),
			currency: (c) => c.currency,
		},
	});
	return l.view;
}
