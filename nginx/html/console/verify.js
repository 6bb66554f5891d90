/*
 * verify: the verification of a listener and the buttons that decide on it.
 */
import { post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { badge } from './format.js';

export function verification(l) {
	return h(
		'span',
		null,
		badge(l.verification),
		l.rejection_reason ? h('span', { class: 'soft' }, ` ${l.rejection_reason}`) : null,
	);
}

export function decisionButtons(l, again) {
	return [
		asks(
			'Verify',
			{
				title: `Verify ${l.username}?`,
				roles: ['moderator'],
				button: 'Verify',
				text:
					'Customers can find and call this listener. The listener is ' +
					'notified.',
				run: async () => {
					await post(`/admin/listeners/${l.user_id}/verify`);
					return `${l.username} was verified.`;
				},
			},
			again,
			'small btn-primary',
		),
		asks(
			'Reject',
			{
				title: `Reject ${l.username}?`,
				roles: ['moderator'],
				danger: true,
				button: 'Reject',
				text: 'The listener is notified and can apply again.',
				fields: [
					{ name: 'reason', text: 'Reason', kind: 'area', max: 500 },
				],
				run: async ({ reason }) => {
					await post(
						`/admin/listeners/${l.user_id}/reject`,
						reason === null ? {} : { reason },
					);
					return `${l.username} was rejected.`;
				},
			},
			again,
		),
	];
}
