/*
 * approvals: adjustments and refunds that wait for another administrator.
 */
import { post } from '/lib/api.js';
import { h, money } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { currency } from './currency.js';
import { screen } from './list.js';
import { amount, badge, decimal, facts, person, signed, time } from './format.js';

const kinds = {
	wallet_adjust: 'Correction',
	session_refund: 'Refund of a session',
	payment_refund: 'Refund of a payment',
};
const states = { pending: 'pending', approved: 'approved', rejected: 'rejected' };
const badges = { pending: 'pending', approved: 'ok', rejected: 'none' };

/* Returns what a dialog shows after a request that was stored. */
export function waits(stored) {
	return h(
		'p',
		null,
		'This exceeds what you may move in 24 hours. Another administrator must approve it: ',
		h('a', { href: '#/approvals' }, `request ${stored.approval_id}`),
		'.',
	);
}

/* Returns a link to the user, session or payment of a request. */
function target(a) {
	if (a.user_id !== undefined)
		return h('a', { href: `#/users/${a.user_id}/wallet` }, `Wallet ${a.user_id}`);
	if (a.session_id !== undefined)
		return h('a', { href: `#/sessions/${a.session_id}` }, `Session ${a.session_id}`);
	return h('a', { href: `#/payments/${a.payment_id}` }, `Payment ${a.payment_id}`);
}

function decide(a, unit, verb) {
	const approve = verb === 'approve';

	return {
		title: approve
			? `Approve request ${a.approval_id}?`
			: `Reject request ${a.approval_id}?`,
		roles: [],
		button: approve ? 'Approve' : 'Reject',
		danger: !approve,
		text: approve
			? 'The request runs at once. You cannot approve your own requests.'
			: 'The request will not run.',
		parts: facts([
			['Request', kinds[a.kind]],
			['Amount', signed(a.amount, unit)],
			a.earnings ? ['Earnings', amount(a.earnings, unit)] : null,
			['Reason', a.reason],
		]),
		fields: [{ name: 'note', text: 'Note', kind: 'area', max: 500 }],
		run: async (v) => {
			await post(
				`/admin/approvals/${a.approval_id}/${verb}`,
				v.note === null ? {} : v,
			);
			return `Request ${a.approval_id} was ${approve ? 'approved' : 'rejected'}.`;
		},
	};
}

export default async function approvals(at) {
	const unit = await currency();
	const l = screen(at, {
		title: 'Approvals',
		path: '/admin/approvals',
		member: 'approvals',
		key: (a) => a.approval_id,
		filters: [{ name: 'state', text: 'State', options: states }],
		nothing: 'No requests match.',
		none: 'There are no requests yet.',
		columns: [
			{ text: 'Request', cell: (a) => `#${a.approval_id}` },
			{ text: 'State', cell: (a) => badge(badges[a.state], a.state) },
			{
				text: 'For',
				cell: (a) =>
					h(
						'span',
						null,
						target(a),
						a.account ? `, ${a.account}` : null,
					),
			},
			{
				text: 'Amount',
				end: true,
				cell: (a) =>
					h(
						'span',
						null,
						signed(a.amount, unit),
						a.earnings
							? ` and earnings ${money(a.earnings, unit)}`
							: null,
					),
			},
			{
				text: 'Reason',
				wide: true,
				cell: (a) => h('span', { class: 'reason' }, a.reason),
			},
			{
				text: 'By',
				cell: (a) => person(a.requested_by, `#${a.requested_by}`),
			},
			{ text: 'When', extra: true, cell: (a) => time(a.requested_at) },
			{
				text: 'Decide',
				end: true,
				hidden: true,
				wide: true,
				cell: (a) =>
					a.state === 'pending'
						? h(
								'div',
								{ class: 'acts' },
								asks(
									'Approve',
									decide(a, unit, 'approve'),
									() => l.load(),
								),
								asks(
									'Reject',
									decide(a, unit, 'reject'),
									() => l.load(),
								),
							)
						: null,
			},
		],
		csv: {
			id: (a) => a.approval_id,
			kind: (a) => a.kind,
			state: (a) => a.state,
			target: (a) => a.user_id ?? a.session_id ?? a.payment_id,
			account: (a) => a.account,
			amount: (a) => decimal(a.amount, unit),
			earnings: (a) =>
				a.earnings === undefined ? null : decimal(a.earnings, unit),
			reason: (a) => a.reason,
			requested_by: (a) => a.requested_by,
			requested_at: (a) => a.requested_at,
			decided_by: (a) => a.decided_by,
			decided_at: (a) => a.decided_at,
			note: (a) => a.note,
		},
	});
	return l.view;
}
