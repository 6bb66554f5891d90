/*
 * payment: the page of a payment: events from the provider, refunds and
 * disputes.
 */
import { api, get, post } from '/lib/api.js';
import { loadInto, h, icon } from '/lib/dom.js';
import { waits } from './approvals.js';
import { asks } from './form_dialog.js';
import { amount, badge, facts, panel, person, time } from './format.js';

function refund(p) {
	return {
		roles: ['finance'],
		title: `Refund payment ${p.payment_id}`,
		danger: true,
		button: 'Refund',
		done: 'Refund requested',
		parts: facts([
			['Amount', amount(p.amount, p.currency)],
			['Refunded so far', amount(p.refunded, p.currency)],
		]),
		fields: [
			{
				name: 'amount',
				text: `Amount in ${p.currency}`,
				kind: 'amount',
				currency: p.currency,
				hint: 'If empty, the remaining amount.',
			},
			{ name: 'reason', text: 'Reason', kind: 'area', max: 500, required: true },
			{
				name: 'even_if_spent',
				kind: 'check',
				text: 'Even if the money was spent',
				hint: 'The customer owes the amount that the wallet lacks.',
			},
		],
		run: async (v, key) => {
			const body =
				v.amount === null
					? { reason: v.reason, even_if_spent: v.even_if_spent }
					: v;
			const r = await api(
				'POST',
				`/admin/payments/${p.payment_id}/refund`,
				body,
				{ 'Idempotency-Key': key },
			);
			if (r.approval_id !== undefined) return waits(r);
			return facts([
				['Refund', `#${r.return_id}`],
				['State', badge(r.state)],
				['Amount', amount(r.amount, p.currency)],
			]);
		},
	};
}

function flags(p) {
	return h(
		'ul',
		{ class: 'list' },
		p.flags.map((text) => h('li', null, text)),
	);
}

/* Credits an amount that the provider captured and that differs. */
function accept(p) {
	return {
		roles: ['finance'],
		title: `Credit another amount for payment ${p.payment_id}?`,
		button: 'Credit',
		done: 'Credited',
		text:
			'The customer gets the amount that the provider captured. The note is ' +
			'recorded in the audit log.',
		parts: flags(p),
		fields: [
			{
				name: 'amount',
				text: `Captured amount in ${p.currency}`,
				kind: 'amount',
				currency: p.currency,
				hint: 'Required only if several amounts were captured.',
			},
			{ name: 'note', text: 'Note', kind: 'area', max: 500, required: true },
		],
		run: async (v, key) => {
			const now = await api(
				'POST',
				`/admin/payments/${p.payment_id}/accept`,
				v.amount === null ? { note: v.note } : v,
				{ 'Idempotency-Key': key },
			);
			return facts([
				['Requested', amount(now.requested_amount, now.currency)],
				['Credited', amount(now.amount, now.currency)],
			]);
		},
	};
}

function unflag(p) {
	return {
		roles: ['finance'],
		title: `Mark payment ${p.payment_id} as checked?`,
		button: 'Mark as checked',
		text: 'The note is recorded in the audit log.',
		parts: flags(p),
		fields: [{ name: 'note', text: 'Note', kind: 'area', max: 500, required: true }],
		run: async (v) => {
			await post(`/admin/payments/${p.payment_id}/unflag`, v);
			return 'The payment is marked as checked.';
		},
	};
}

function returns(p) {
	return h(
		'ul',
		{ class: 'rows' },
		p.returns.map((r) =>
			h(
				'li',
				null,
				h(
					'div',
					{ class: 'head' },
					h('h3', null, r.kind === 'refund' ? 'Refund' : 'Dispute'),
					badge(r.state),
					amount(r.amount, p.currency),
				),
				facts([
					['Reason', r.reason],
					r.error === null ? null : ['Error', r.error],
					r.lost > 0
						? [
								'Lost by the platform',
								amount(r.lost, p.currency),
							]
						: null,
					['Reference', r.ref],
					['Requested', time(r.created_at)],
					['Last changed', time(r.updated_at)],
				]),
			),
		),
	);
}

function events(p) {
	return h(
		'ul',
		{ class: 'rows' },
		p.events.map((e) =>
			h(
				'li',
				null,
				h(
					'div',
					{ class: 'head' },
					h('h3', null, e.type),
					badge(e.outcome),
					h('span', { class: 'soft' }, time(e.received_at)),
				),
				h('p', { class: 'soft' }, h('code', null, e.event_id)),
				e.detail === null ? null : h('p', null, e.detail),
			),
		),
	);
}

function show(at, view, p, again) {
	const paid = ['paid', 'partially_refunded', 'disputed'].includes(p.status);

	view.replaceChildren(
		h('a', { class: 'up', href: '#/payments' }, icon('back'), 'Payments'),
		h(
			'div',
			{ class: 'head' },
			h('h1', { tabindex: '-1' }, `Payment ${p.payment_id}`),
			badge(p.status),
			h(
				'div',
				{ class: 'acts' },
				p.flag === null || p.credited_at !== null
					? null
					: asks('Credit another amount', accept(p), again, ''),
				p.flag === null
					? null
					: asks('Mark as checked', unflag(p), again, ''),
				paid && p.refunded < p.amount
					? asks('Refund', refund(p), again, 'danger')
					: null,
			),
		),
		p.flag === null
			? ''
			: h(
					'div',
					{ class: 'note' },
					h('strong', null, 'This payment needs to be checked.'),
					flags(p),
				),
		h(
			'div',
			{ class: 'panels' },
			panel(
				'Payment',
				null,
				facts([
					['Customer', person(p.user_id, p.username)],
					['Amount', amount(p.amount, p.currency)],
					p.requested_amount === null
						? null
						: [
								'Requested',
								amount(
									p.requested_amount,
									p.currency,
								),
							],
					['Refunded', amount(p.refunded, p.currency)],
					p.disputed > 0
						? ['Disputed', amount(p.disputed, p.currency)]
						: null,
					['Provider', p.provider],
					['Reference', p.ref],
					['Paid as', p.paid_ref],
					p.error === null ? null : ['Error', p.error],
					['Started', time(p.created_at)],
					['Credited', time(p.credited_at)],
					['Last changed', time(p.updated_at)],
				]),
			),
			panel(
				'Events from the provider',
				null,
				p.events.length === 0
					? h('p', { class: 'soft' }, 'No events yet.')
					: events(p),
			),
			p.returns.length === 0
				? null
				: panel('Refunds and disputes', null, returns(p)),
		),
	);
	view.querySelector('h1').focus({ preventScroll: true });
}

export function payment(at) {
	const view = h(
		'section',
		null,
		h('a', { class: 'up', href: '#/payments' }, icon('back'), 'Payments'),
		h('h1', { tabindex: '-1' }, 'Payment'),
	);
	const load = async () => show(at, view, await get(`/admin/payments/${at.path[0]}`), load);

	at.title(`Payment ${at.path[0]}`);
	loadInto(view, load);
	return view;
}
