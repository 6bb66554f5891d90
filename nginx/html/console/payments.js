/*
 * payments: the list of payments. payment.js shows one of them.
 */
import { h } from '/lib/dom.js';
import { screen } from './list.js';
import { payment } from './payment.js';
import { amount, badge, decimal, person, time } from './format.js';

export const states = {
	pending: 'Pending',
	paid: 'Paid',
	failed: 'Failed',
	expired: 'Expired',
	partially_refunded: 'Partially refunded',
	refunded: 'Refunded',
	disputed: 'Disputed',
};

export default function payments(at) {
	if (at.path.length > 0) return payment(at);
	return screen(at, {
		title: 'Payments',
		path: '/admin/payments',
		member: 'payments',
		filters: [
			{ name: 'status', text: 'Status', options: states },
			{ name: 'flagged', kind: 'check', text: 'Flagged only' },
			{ name: 'user_id', kind: 'number', text: 'User id' },
		],
		key: (p) => p.payment_id,
		nothing: 'No payments match.',
		columns: [
			{
				text: 'Payment',
				cell: (p) =>
					h(
						'a',
						{ href: `#/payments/${p.payment_id}` },
						`#${p.payment_id}`,
					),
			},
			{
				text: 'Status',
				cell: (p) => [
					badge(p.status),
					' ',
					p.flag === null ? null : badge('flagged'),
				],
			},
			{ text: 'Customer', cell: (p) => person(p.user_id, p.username) },
			{ text: 'Provider', cell: (p) => p.provider },
			{ text: 'Reference', wide: true, cell: (p) => p.paid_ref ?? p.ref },
			{ text: 'Started', cell: (p) => time(p.created_at) },
			{ text: 'Amount', end: true, cell: (p) => amount(p.amount, p.currency) },
			{
				text: 'Refunded',
				end: true,
				cell: (p) =>
					p.refunded > 0 ? amount(p.refunded, p.currency) : null,
			},
		],
		csv: {
			payment_id: (p) => p.payment_id,
			user_id: (p) => p.user_id,
			username: (p) => p.username,
			provider: (p) => p.provider,
			status: (p) => p.status,
			amount: (p) => decimal(p.amount, p.currency),
			refunded: (p) => decimal(p.refunded, p.currency),
			disputed: (p) => decimal(p.disputed, p.currency),
			currency: (p) => p.currency,
			ref: (p) => p.ref,
			paid_ref: (p) => p.paid_ref,
			flag: (p) => p.flag,
			error: (p) => p.error,
			credited_at: (p) => p.credited_at,
			created_at: (p) => p.created_at,
		},
	}).view;
}
