/*
 * webhooks: the webhooks received from payment providers, and their outcomes.
 */
import { h } from '/lib/dom.js';
import { screen } from './list.js';
import { badge, time } from './format.js';

const providers = { stripe: 'Stripe', razorpay: 'Razorpay', sandbox: 'Sandbox' };

export default function webhooks(at) {
	return screen(at, {
		title: 'Webhooks',
		path: '/admin/webhooks',
		member: 'webhooks',
		about:
			'Only webhooks with a valid signature are listed. Others are ' +
			'recorded in the log.',
		filters: [
			{ name: 'provider', text: 'Provider', options: providers },
			{ name: 'payment_id', kind: 'number', text: 'Payment id' },
		],
		key: (w) => w.id,
		every: 10000,
		nothing: 'No webhooks match.',
		columns: [
			{ text: 'Event', cell: (w) => h('code', null, w.event_id) },
			{ text: 'Type', cell: (w) => w.type },
			{ text: 'Outcome', cell: (w) => badge(w.outcome) },
			{
				text: 'Payment',
				cell: (w) =>
					w.payment_id === null
						? null
						: h(
								'a',
								{
									href: `#/payments/${w.payment_id}`,
								},
								`#${w.payment_id}`,
							),
			},
			{ text: 'Provider', cell: (w) => w.provider },
			{ text: 'Received', end: true, cell: (w) => time(w.received_at) },
		],
		csv: {
			id: (w) => w.id,
			provider: (w) => w.provider,
			event_id: (w) => w.event_id,
			type: (w) => w.type,
			payment_id: (w) => w.payment_id,
			outcome: (w) => w.outcome,
			received_at: (w) => w.received_at,
		},
	}).view;
}
