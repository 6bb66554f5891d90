/*
 * format: formats states, users, times and amounts for the console.
 */
import { duration, h, money } from '/lib/dom.js';

const good = [
	'active',
	'verified',
	'paid',
	'ended',
	'ok',
	'sent',
	'solved',
	'done',
	'credited',
	'accepted',
	'online',
	'saved',
];
const bad = ['banned', 'rejected', 'failed', 'disputed', 'dead', 'flagged', 'missed', 'wrong'];
const waits = [
	'pending',
	'pending_verification',
	'live',
	'ringing',
	'open',
	'asked',
	'busy',
	'partially_refunded',
];

/* Returns a state as a colored label. */
export function badge(word, text) {
	const kind = good.includes(word)
		? 'good'
		: bad.includes(word)
			? 'bad'
			: waits.includes(word)
				? 'wait'
				: 'none';

	return h(
		'span',
		{ class: `badge ${kind}` },
		text ?? String(word ?? 'none').replaceAll('_', ' '),
	);
}

const short = new Intl.DateTimeFormat(undefined, {
	day: 'numeric',
	month: 'short',
	hour: '2-digit',
	minute: '2-digit',
});
const long = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/* Returns a time in the local format. Its tooltip is the ISO 8601 time. */
export function time(iso) {
	if (iso === null || iso === undefined) return null;
	const d = new Date(iso);
	const near = d.getFullYear() === new Date().getFullYear();

	return h('time', { datetime: iso, title: iso }, (near ? short : long).format(d));
}

/* Returns the time since then in the largest unit, such as 5 min. */
export function ago(iso) {
	const s = (Date.now() - new Date(iso)) / 1000;
	const steps = [
		[60, 's'],
		[60, 'min'],
		[24, 'h'],
		[Infinity, 'd'],
	];
	let n = Math.max(0, s);

	for (const [limit, unit] of steps) {
		if (n < limit) return `${Math.floor(n)} ${unit}`;
		n /= limit;
	}
	return '';
}

/* Returns the duration since then. main.js updates it each second. */
export function since(iso) {
	return h(
		'span',
		{ class: 'since', 'data-since': iso },
		duration((Date.now() - new Date(iso)) / 1000),
	);
}

export function person(id, name) {
	if (id === null || id === undefined) return null;
	return h('a', { href: `#/users/${id}` }, name ?? `#${id}`);
}

/*
 * Returns an amount in minor units as text, with a sign only if it is negative.
 */
export function amount(n, currency) {
	return n === null || n === undefined
		? null
		: h('span', { class: 'amount-of' }, money(n, currency));
}

/*
 * Returns an amount in minor units as text, with a plus sign if it is positive.
 */
export function signed(n, currency) {
	return h(
		'span',
		{ class: `amount-of ${n > 0 ? 'plus' : ''}` },
		`${n > 0 ? '+' : ''}${money(n, currency)}`,
	);
}

/* Converts minor units to a decimal number, without rounding. For CSV files. */
export function decimal(n, currency) {
	if (n === null || n === undefined) return '';
	const digits = new Intl.NumberFormat('en', {
		style: 'currency',
		currency,
	}).resolvedOptions().maximumFractionDigits;
	const text = String(Math.abs(n)).padStart(digits + 1, '0');

	return (
		(n < 0 ? '-' : '') +
		(digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`)
	);
}

/*
 * Parses an amount. Returns it in minor units, or NaN if the text is invalid.
 */
export function minor(text, currency) {
	const digits = new Intl.NumberFormat('en', {
		style: 'currency',
		currency,
	}).resolvedOptions().maximumFractionDigits;
	const m = /^\s*([+-]?)(\d{1,12})(?:[.,](\d*))?\s*$/.exec(text);

	if (m === null || (m[3] ?? '').length > digits) return NaN;
	return Number(`${m[1]}${m[2]}${(m[3] ?? '').padEnd(digits, '0')}`);
}

/* Returns a list of properties: facts([['E-mail', u.email], ...]). */
export function facts(rows, more) {
	return h(
		'dl',
		{ class: `facts ${more ?? ''}` },
		rows
			.filter((r) => r !== null)
			.map(([k, v]) =>
				h(
					'div',
					null,
					h('dt', null, k),
					h(
						'dd',
						null,
						v === null || v === undefined || v === ''
							? h('span', { class: 'soft' }, '\u2013')
							: v,
					),
				),
			),
	);
}

/* Returns a section of a page with a title and buttons. */
export function panel(title, acts, ...parts) {
	return h(
		'section',
		{ class: 'panel' },
		h(
			'div',
			{ class: 'head' },
			h('h2', null, title),
			h('div', { class: 'acts' }, acts),
		),
		parts,
	);
}

export function count(n) {
	return n.toLocaleString();
}
