/*
 * rates: the changes of a listener's rates.
 */
import { listing } from './list.js';
import { amount, kindTexts, panel, time } from './format.js';

export function rates(at, u) {
	let currency = null;
	const text = (r) =>
		r === null
			? null
			: Object.entries(r).map(([kind, rate], i) => [
					i > 0 ? ', ' : '',
					`${kindTexts[kind]} `,
					amount(rate, currency),
				]);
	const l = listing(at, {
		title: 'Rates',
		path: `/admin/listeners/${u.user_id}/rates`,
		member: 'rates',
		key: (r) => r.id,
		nothing: 'The rates did not change.',
		onpage: (page) => {
			currency = page.currency;
		},
		columns: [
			{ text: 'Changed', cell: (r) => time(r.changed_at) },
			{
				text: 'Cause',
				cell: (r) => (r.cause === 'change' ? 'Change' : 'Registration'),
			},
			{ text: 'Before', cell: (r) => text(r.before) },
			{ text: 'After', cell: (r) => text(r.after) },
		],
	});

	return panel('Changes of the price per minute', null, l.view);
}
