/*
 * listener_rates: the form in which listeners choose the kinds of calls they
 * offer and the price of each.
 */
import { api } from '/lib/api.js';
import { busy, decimal, h, minor, money, toast } from '/lib/dom.js';

const kinds = { audio: 'Audio calls', video: 'Video calls' };

/* One kind: a check box, and an input that is enabled while it is checked. */
function line(kind, name, profile) {
	const rate = profile.rates[kind];
	const on = h('input', { type: 'checkbox', name: kind, checked: rate !== undefined });
	const price = h('input', {
		type: 'text',
		name: `${kind}_rate`,
		inputmode: 'decimal',
		autocomplete: 'off',
		'aria-label': `${name}: price per minute in ${profile.currency}`,
		value: decimal(rate ?? profile.rate_per_minute, profile.currency),
		disabled: rate === undefined,
	});

	on.addEventListener('change', () => {
		price.disabled = !on.checked;
	});
	return {
		kind,
		on,
		price,
		view: h(
			'div',
			{ class: 'kind' },
			h('label', { class: 'chip' }, on, h('span', null, name)),
			h(
				'label',
				{ class: 'field' },
				h('span', null, `Price per minute in ${profile.currency}`),
				price,
			),
		),
	};
}

/* Returns the message of a failed change, with amounts as they were entered. */
function explain(e, currency) {
	const fields = Object.entries(e.body?.fields ?? {});

	if (fields.length === 0) return e.message;
	return fields
		.map(([name, why]) => {
			const text = why.replace(/\d+/g, (n) => money(Number(n), currency));
			return `${kinds[name.replace('rates.', '')] ?? name}: the price ${text}.`;
		})
		.join(' ');
}

/*
 * Returns the form for a listener's own profile. saved() is called with the
 * changed profile.
 */
export function ratesForm(profile, saved) {
	const lines = Object.entries(kinds).map(([k, name]) => line(k, name, profile));
	const problem = h('p', { class: 'note', role: 'alert', hidden: true });
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Save');
	const form = h(
		'form',
		{ class: 'card stack kinds', novalidate: true },
		lines.map((l) => l.view),
		problem,
		send,
	);

	function complain(text, at) {
		problem.textContent = text;
		problem.hidden = text === '';
		at?.focus();
	}

	async function save() {
		const rates = {};
		complain('');
		for (const { kind, on, price } of lines) {
			if (!on.checked) continue;
			rates[kind] = minor(price.value, profile.currency);
			if (!(rates[kind] >= 0)) {
				complain(`${kinds[kind]}: enter a price such as 12.50.`, price);
				return;
			}
		}
		if (Object.keys(rates).length === 0) {
			complain('Choose at least one kind of calls.', lines[0].on);
			return;
		}
		try {
			saved(await api('PUT', '/listeners/profile', { rates }));
			toast('Your prices were saved. They apply to new calls.');
		} catch (e) {
			if (e.name !== 'ApiError') throw e;
			complain(explain(e, profile.currency));
		}
	}
	form.addEventListener('submit', busy(send, save));
	return form;
}
