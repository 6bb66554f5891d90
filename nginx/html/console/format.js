/*
 * format: formats states, users, times and amounts for the console.
 */
import { duration, h, money } from '/lib/dom.js';

export { decimal, minor } from '/lib/dom.js';

/* The kinds of calls and sessions. */
export const kindTexts = { audio: 'Audio', video: 'Video' };

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
