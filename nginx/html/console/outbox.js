/*
 * outbox: what was sent, waits to be, or was given up. What was given up can
 * be tried again from here.
 */
import { post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { badge, person, time } from './format.js';

const states = { pending: 'Pending', sent: 'Sent', dead: 'Given up' };
const lanes = { sms: 'SMS', email: 'E\u2011mail', push: 'Push' };

function retry(m, again) {
	return asks(
		'Retry',
		{
			title: `Send message ${m.id} again?`,
			button: 'Send it',
			text:
				`To ${m.recipient ?? 'the account'} by ` +
				`${lanes[m.lane]}; its count of tries begins anew.`,
			run: async () => {
				await post(`/admin/outbox/${m.id}/retry`);
				return `Message ${m.id} is on its way again.`;
			},
		},
		again,
	);
}

export default function outbox(at) {
	const l = screen(at, {
		title: 'Outbox',
		path: '/admin/outbox',
		member: 'messages',
		filters: [
			{ name: 'state', text: 'State', options: states },
			{ name: 'lane', text: 'Way', options: lanes },
			{ name: 'user_id', kind: 'number', text: 'User id' },
		],
		key: (m) => m.id,
		every: 5000,
		nothing: 'There are no such messages.',
		columns: [
			{ text: 'Message', cell: (m) => `#${m.id}` },
			{
				text: 'State',
				cell: (m) => badge(m.state, states[m.state].toLowerCase()),
			},
			{ text: 'Way', cell: (m) => lanes[m.lane] },
			{ text: 'User', cell: (m) => person(m.user_id) },
			{ text: 'To', cell: (m) => m.recipient },
			{ text: 'What', cell: (m) => h('code', null, m.template) },
			{ text: 'Tries', end: true, cell: (m) => m.attempts },
			{ text: 'Due or done', cell: (m) => time(m.done_at ?? m.due_at) },
			{ text: 'Error', wide: true, cell: (m) => m.error },
			{
				text: 'Retry',
				end: true,
				hidden: true,
				wide: true,
				cell: (m) => (m.state === 'dead' ? retry(m, () => l.load()) : null),
			},
		],
		csv: {
			id: (m) => m.id,
			lane: (m) => m.lane,
			user_id: (m) => m.user_id,
			recipient: (m) => m.recipient,
			template: (m) => m.template,
			state: (m) => m.state,
			attempts: (m) => m.attempts,
			created_at: (m) => m.created_at,
			due_at: (m) => m.due_at,
			expires_at: (m) => m.expires_at,
			done_at: (m) => m.done_at,
			error: (m) => m.error,
		},
	});
	return l.view;
}
