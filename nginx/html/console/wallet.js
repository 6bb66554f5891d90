/*
 * wallet: the balances and transactions of a user, and the state of the ledger.
 */
import { api, get } from '/lib/api.js';
import { h, money } from '/lib/dom.js';
import { waits } from './approvals.js';
import { may } from './access.js';
import { asks } from './form_dialog.js';
import { listing } from './list.js';
import { amount, badge, count, decimal, facts, panel, signed, time } from './format.js';

const kinds = {
	topup: 'Money added',
	session: 'Session',
	refund: 'Refund',
	bonus: 'Bonus',
	payout: 'Payout',
	adjustment: 'Correction',
};

/* The accounts that can be corrected. */
const accounts = { wallet: 'Own money', bonus: 'Bonus', earnings: 'Earnings' };

function tiles(b) {
	const of = (n) => money(n, b.currency);

	return h(
		'dl',
		{ class: 'tiles' },
		Object.entries({
			Balance: of(b.balance),
			Available: of(b.available),
			Bonus: of(b.bonus),
			'Held by a session': of(b.held),
			Owed: of(b.owed),
			'Free minutes': b.free_minutes,
			...(b.earnings === undefined
				? {}
				: { 'Earnings, not paid out': of(b.earnings) }),
			...(b.payout_contact ? { 'Payout contact': b.payout_contact } : {}),
			...(b.payable_until ? { 'Payable until': time(b.payable_until) } : {}),
		}).map(([k, v]) => h('div', null, h('dt', null, k), h('dd', null, v))),
	);
}

/*
 * Shows the result of the last ledger check, as GET /admin/ledger returns it.
 */
export function ledgerStatus(l) {
	return facts([
		[
			'Ledger',
			l.ok === null || l.ok === undefined
				? badge('pending', 'not verified yet')
				: l.ok
					? badge('ok', 'verified')
					: badge('wrong', 'broken'),
		],
		['Verified', time(l.checked_at)],
		['Transfers', l.transfers === undefined ? null : count(l.transfers ?? 0)],
		l.entries === undefined ? null : ['Entries', count(l.entries ?? 0)],
		l.first_wrong ? ['First invalid transfer', String(l.first_wrong)] : null,
		l.head ? ['Last hash', h('code', null, String(l.head))] : null,
	]);
}

function adjust(u, b) {
	return {
		title: `Correct ${u.username}\u2019s wallet`,
		button: 'Correct',
		done: 'Corrected',
		text:
			'This adds a transfer between the platform and this wallet. It ' +
			'cannot be deleted. To undo it, add a reverse correction.',
		fields: [
			{
				name: 'amount',
				text: `Amount in ${b.currency}`,
				kind: 'amount',
				currency: b.currency,
				required: true,
				hint: 'Such as 50.00 to add, or -50.00 to subtract.',
			},
			{
				name: 'account',
				text: 'Account',
				kind: 'select',
				options: accounts,
				value: 'wallet',
			},
			{
				name: 'reason',
				text: 'Reason',
				kind: 'area',
				max: 500,
				required: true,
				hint: 'It is kept permanently. Do not enter names or addresses.',
			},
		],
		run: async (v, key) => {
			const now = await api('POST', `/admin/wallets/${u.user_id}/adjust`, v, {
				'Idempotency-Key': key,
			});
			if (now.approval_id !== undefined) return waits(now);
			return facts([
				['Amount', signed(v.amount, b.currency)],
				['Balance now', amount(now.balance, now.currency)],
				['Earnings now', amount(now.earnings, now.currency)],
			]);
		},
	};
}

export function wallet(at, u) {
	const have = h('div', null),
		ledger = h('div', null);
	const buttons = h('div', { class: 'acts' });
	const currency = () => have.currency;
	const l = listing(at, {
		title: 'Transactions',
		path: `/admin/wallets/${u.user_id}/transactions`,
		member: 'transactions',
		key: (t) => t.id,
		nothing: 'There are no transactions.',
		onpage: (page) => {
			have.currency = page.currency;
		},
		columns: [
			{ text: 'Type', cell: (t) => kinds[t.type] ?? t.type },
			{ text: 'When', cell: (t) => time(t.created_at) },
			{ text: 'Account', cell: (t) => t.account },
			{ text: 'Reference', wide: true, cell: (t) => t.reference },
			{ text: 'Amount', end: true, cell: (t) => signed(t.amount, currency()) },
			{
				text: 'Balance after',
				end: true,
				cell: (t) => amount(t.balance_after, currency()),
			},
		],
		csv: {
			id: (t) => t.id,
			created_at: (t) => t.created_at,
			type: (t) => t.type,
			account: (t) => t.account,
			reference: (t) => t.reference,
			amount: (t) => decimal(t.amount, currency()),
			balance_after: (t) => decimal(t.balance_after, currency()),
			currency: () => currency(),
		},
	});
	const load = async () => {
		const b = await get(`/admin/wallets/${u.user_id}`);
		have.replaceChildren(tiles(b));
		if (may('finance'))
			buttons.replaceChildren(
				asks('Correct', adjust(u, b), () =>
					Promise.all([load(), l.load()]),
				),
			);
	};

	load().catch((e) => have.replaceChildren(h('p', { class: 'note' }, e.message)));
	if (may('finance'))
		get('/admin/ledger').then(
			(p) => ledger.replaceChildren(ledgerStatus(p)),
			(e) => ledger.replaceChildren(h('p', { class: 'soft' }, e.message)),
		);
	return h(
		'div',
		{ class: 'panels' },
		panel('Balances', buttons, have),
		may('finance') && panel('Ledger', null, ledger),
		h('div', { class: 'broad' }, panel('Transactions', null, l.view)),
	);
}
