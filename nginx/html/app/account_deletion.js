/*
 * account_deletion: deletes the account. An account with money is deleted only
 * if the user gives the money up; earnings stay payable to a contact.
 */
import { api, forget, get } from '/lib/api.js';
import { busy, h, money, toast } from '/lib/dom.js';
import { withPassword } from '/lib/value_dialog.js';

/* Amounts that the account owns. */
const amounts = { balance: 'Balance', bonus: 'Of which bonus', earnings: 'Earned, not paid out' };

/* Shows what the account owns, and the fields that give it up. */
function moneyFields(at, has, currency) {
	const forfeit = h('input', { type: 'checkbox', name: 'forfeit', required: true });
	const contact = h('input', { name: 'payout_contact', maxlength: '500', required: true });

	at.replaceChildren(
		h('p', { class: 'note wrong', role: 'alert' }, 'This account has money.'),
		h(
			'dl',
			{ class: 'facts' },
			Object.entries(amounts)
				.filter(([k]) => has[k] > 0)
				.map(([k, text]) =>
					h(
						'div',
						null,
						h('dt', null, text),
						h('dd', null, money(has[k], currency)),
					),
				),
		),
		h('label', { class: 'tick' }, forfeit, 'I give up the balance and the bonus'),
		has.earnings > 0
			? h(
					'label',
					{ class: 'field' },
					h(
						'span',
						null,
						'Where your earnings can be paid (for 24 months)',
					),
					contact,
				)
			: '',
	);
	forfeit.focus();
	return () => ({
		forfeit: forfeit.checked,
		payout_contact: has.earnings > 0 ? contact.value.trim() : undefined,
	});
}

/* Sends the request. Returns false if the user canceled. */
async function remove(body) {
	const sent = await withPassword((password) =>
		api('DELETE', '/user/profile', { ...body, password }),
	);

	return sent !== null;
}

function show() {
	const extra = h('div', { class: 'stack' });
	const go = h('button', { class: 'danger', type: 'submit' }, 'Delete my account');
	const cancel = h('button', { type: 'button', onclick: () => e.close() }, 'Cancel');
	const form = h(
		'form',
		{ class: 'card stack' },
		h('h2', { id: 'deletion' }, 'Delete your account?'),
		h(
			'p',
			null,
			'Your profile, favorites, messages and devices are deleted. Records of ' +
				'payments are kept without your name. This cannot be undone.',
		),
		extra,
		go,
		cancel,
	);
	const e = h('dialog', { class: 'sheet', 'aria-labelledby': 'deletion' }, form);
	let read = () => ({});

	form.addEventListener(
		'submit',
		busy(go, async () => {
			try {
				if (!(await remove(read()))) return;
			} catch (why) {
				if (why.code !== 'account_has_money') throw why;
				const { currency } = await get('/user/balance');
				read = moneyFields(extra, why.body, currency);
				return;
			}
			e.close();
			forget();
			toast('Your account was deleted.');
		}),
	);
	document.body.append(e);
	e.addEventListener('close', () => e.remove());
	e.showModal();
	cancel.focus();
}

export function deletion() {
	return [
		h('p', null, 'Deleting the account signs out all devices.'),
		h(
			'button',
			{ class: 'danger', type: 'button', 'data-do': 'delete', onclick: show },
			'Delete account …',
		),
	];
}
