/*
 * wallet: the balance of the user, the transactions, and adding money.
 */
import { get, once } from '/lib/api.js';
import { busy, loadInto, h, money, toastError, when } from '/lib/dom.js';
import * as live from './realtime.js';

/* Amounts that the user can choose, in the minor unit. */
const AMOUNTS = [10000, 20000, 50000, 100000];
const kinds = {
	topup: 'Money added',
	session: 'Call',
	refund: 'Refund',
	bonus: 'Bonus',
	payout: 'Payout',
	adjustment: 'Correction',
};

/* Opens a modal dialog with a title, its parts and a close button. */
function sheet(title, ...parts) {
	const e = h(
		'dialog',
		{ class: 'sheet', 'aria-labelledby': 'sheet' },
		h(
			'div',
			{ class: 'card stack' },
			h('h2', { id: 'sheet' }, title),
			...parts,
			h(
				'button',
				{ class: 'btn-link', type: 'button', onclick: () => e.close() },
				'Close',
			),
		),
	);

	document.body.append(e);
	e.showModal();
	return e;
}

function paid(e, sum, currency) {
	e.querySelector('.card').replaceChildren(
		h('h2', { id: 'sheet' }, 'Payment received'),
		h('p', { class: 'amount', role: 'status' }, money(sum, currency)),
		h(
			'button',
			{ class: 'btn-primary', type: 'button', onclick: () => e.close() },
			'Done',
		),
	);
	e.querySelector('button').focus();
}

/*
 * Links to the checkout of the provider and waits for the result of the
 * payment.
 */
function pay(e, p) {
	const url = p.checkout.url;
	let off = null,
		timer = null;

	async function look() {
		const now = await get(`/payments/${p.payment_id}`);
		if (now.status === 'paid') paid(e, p.amount, p.currency);
		else if (now.status !== 'pending')
			e.querySelector('.line').textContent =
				'The payment failed, and you were not charged. Try again.';
		if (now.status !== 'pending') end();
	}
	function end() {
		clearInterval(timer);
		off?.();
	}
	if (url === undefined) {
		e.querySelector('.line').textContent =
			`This page does not support payments with ${p.provider}. ` +
			'Use the mobile app.';
		return;
	}
	e.querySelector('.choices').replaceWith(
		h(
			'a',
			{
				class: 'button btn-primary',
				href: url,
				target: '_blank',
				rel: 'noopener noreferrer',
				'data-pay': p.payment_id,
			},
			`Pay ${money(p.amount, p.currency)}`,
		),
	);
	e.querySelector('.line').textContent =
		'The payment opens in a new tab. This page shows the result.';
	e.querySelector('a').focus();
	off = live.on('wallet.changed', () => look().catch(() => {}));
	timer = setInterval(() => look().catch(() => {}), 3000);
	e.addEventListener('close', end);
}

export function topUp(currency) {
	const post = once();
	const choices = AMOUNTS.map((amount) => {
		const b = h(
			'button',
			{ type: 'button', 'data-amount': amount },
			money(amount, currency),
		);
		b.addEventListener(
			'click',
			busy(b, async () => pay(e, await post('/payments/initiate', { amount }))),
		);
		return b;
	});
	const e = sheet(
		'Add money',
		h('p', { class: 'line soft', role: 'status' }, 'Choose an amount'),
		h('div', { class: 'choices' }, choices),
	);

	e.addEventListener('close', () => e.remove());
}

function figure(label, n, currency) {
	return n > 0
		? h(
				'div',
				null,
				h('dt', null, label),
				h(
					'dd',
					null,
					typeof currency === 'string' ? money(n, currency) : n,
				),
			)
		: null;
}

function balance(at, b) {
	at.replaceChildren(
		h('p', { class: 'soft' }, 'Balance'),
		h(
			'p',
			{ class: 'amount', 'data-balance': b.balance },
			money(b.balance, b.currency),
		),
		h(
			'dl',
			{ class: 'facts' },
			figure('Of which bonus', b.bonus, b.currency),
			figure('Held for a call', b.held, b.currency),
			figure('You owe', b.owed, b.currency),
			figure('Free minutes', b.free_minutes),
			figure('Earned, not paid out yet', b.earnings, b.currency),
		),
		h(
			'button',
			{ class: 'btn-primary', type: 'button', onclick: () => topUp(b.currency) },
			'Add money',
		),
	);
}

function row(t, currency) {
	return h(
		'li',
		null,
		h(
			'div',
			null,
			h('strong', null, kinds[t.type] ?? t.type),
			h('span', { class: 'soft' }, when(t.created_at)),
		),
		h(
			'span',
			{ class: `sum ${t.amount > 0 ? 'plus' : ''}` },
			`${t.amount > 0 ? '+' : ''}${money(t.amount, currency)}`,
		),
	);
}

export function wallet(leave) {
	const top = h('div', { class: 'card hold' });
	const list = h('ul', { class: 'rows' });

	async function load() {
		const [b, t] = await Promise.all([
			get('/user/balance'),
			get('/user/transactions?per_page=20'),
		]);
		const had = top.contains(document.activeElement);
		balance(top, b);
		if (had) top.querySelector('button').focus();
		list.replaceChildren(...t.transactions.map((one) => row(one, t.currency)));
		if (t.transactions.length === 0)
			list.append(h('li', { class: 'empty' }, 'There are no transactions yet.'));
	}
	leave(live.on('wallet.changed', () => load().catch(toastError)));
	loadInto(list, load);
	return h(
		'section',
		null,
		h('h1', { tabindex: '-1' }, 'Wallet'),
		top,
		h('h2', { class: 'part' }, 'Transactions'),
		list,
	);
}
