/*
 * verify: may somebody listen? What is decided, here and in the queue.
 */
import { post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { badge } from './format.js';

export function verdict(l) {
	return h(
		'span',
		null,
		badge(l.verification),
		l.rejection_reason ? h('span', { class: 'soft' }, ` ${l.rejection_reason}`) : null,
	);
}

export function decide(l, again) {
	return [
		asks(
			'Verify',
			{
				title: `Verify ${l.username}?`,
				button: 'Verify',
				text:
					'Customers find and ring verified ' +
					'listeners alone. The listener is told.',
				run: async () => {
					await post(`/admin/listeners/${l.user_id}/verify`);
					return `${l.username} is verified.`;
				},
			},
			again,
			'small btn-primary',
		),
		asks(
			'Reject',
			{
				title: `Reject ${l.username}?`,
				danger: true,
				button: 'Reject',
				text: 'The listener is told, and may mend it ' + 'and ask again.',
				fields: [
					{ name: 'reason', text: 'Reason', kind: 'area', max: 500 },
				],
				run: async ({ reason }) => {
					await post(
						`/admin/listeners/${l.user_id}/reject`,
						reason === null ? {} : { reason },
					);
					return `${l.username} is rejected.`;
				},
			},
			again,
		),
	];
}
