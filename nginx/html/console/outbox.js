/*
 * outbox: the messages that were sent, are pending or have failed. Failed
 * messages can be sent again.
 */
import { post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { badge, person, time } from './format.js';

const states = { pending: 'Pending', sent: 'Sent', dead: 'Failed' };
const channels = { sms: 'SMS', email: 'E\u2011mail', push: 'Push' };

function retry(m, again) {
	return asks(
		'Retry',
		{
			title: `Send message ${m.id} again?`,
			button: 'Send again',
			text:
				`To ${m.recipient ?? 'the account'} by ` +
				`${channels[m.lane]}. Its attempts are counted from zero.`,
			run: async () => {
				await post(`/admin/outbox/${m.id}/retry`);
				return `Message ${m.id} will be sent again.`;
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
			{ name: 'lane', text: 'Channel', options: channels },
			{ name: 'user_id', kind: 'number', text: 'User id' },
		],
		key: (m) => m.id,
		every: 5000,
		nothing: 'No messages match.',
		columns: [
			{ text: 'Message', cell: (m) => `#${m.id}` },
			{
				text: 'State',
				cell: (m) => badge(m.state, states[m.state].toLowerCase()),
			},
			{ text: 'Channel', cell: (m) => channels[m.lane] },
			{ text: 'User', cell: (m) => person(m.user_id) },
			{ text: 'To', cell: (m) => m.recipient },
			{ text: 'Template', cell: (m) => h('code', null, m.template) },
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
