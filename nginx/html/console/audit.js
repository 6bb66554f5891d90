/*
 * audit: the audit log of administrators, with the values before and after.
 */
import { h } from '/lib/dom.js';
import { screen } from './list.js';
import { person, time } from './format.js';

const places = { user: 'users', session: 'sessions', payment: 'payments', ticket: 'tickets' };

/* Links a target such as user:12 to its page, if there is one. */
function target(text) {
	const [kind, id] = text.split(':');

	return Object.hasOwn(places, kind) && /^[0-9]+$/.test(id ?? '')
		? h('a', { href: `#/${places[kind]}/${id}` }, text)
		: text;
}

function members(v) {
	return v === null || v === undefined
		? {}
		: typeof v === 'object' && !Array.isArray(v)
			? v
			: { '': v };
}

const roles = ['customer', 'listener', 'admin', 'service'];

function formatValue(k, v) {
	if (k === 'roles' && typeof v === 'number')
		return roles.filter((r, i) => v & (1 << i)).join(', ');
	return typeof v === 'string' ? v : JSON.stringify(v);
}

/* Lists the members that differ. Returns null if nothing differs. */
function changes(before, after) {
	const was = members(before),
		is = members(after);
	const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
		(k) => JSON.stringify(was[k] ?? null) !== JSON.stringify(is[k] ?? null),
	);

	if (names.length === 0) return null;
	return h(
		'ul',
		{ class: 'changes' },
		names.map((k) =>
			h(
				'li',
				null,
				k === '' ? null : h('span', { class: 'soft' }, `${k} `),
				(was[k] ?? null) === null
					? null
					: h('del', null, formatValue(k, was[k])),
				' ',
				(is[k] ?? null) === null
					? null
					: h('ins', null, formatValue(k, is[k])),
			),
		),
	);
}

export default function audit(at) {
	return screen(at, {
		title: 'Audit',
		path: '/admin/audit',
		member: 'audit',
		about: 'Old values are struck out. New values follow them.',
		filters: [
			{ name: 'actor', kind: 'number', text: 'Actor id' },
			{ name: 'action', kind: 'text', text: 'Action' },
			{ name: 'target', kind: 'text', text: 'Target (such as user:12)' },
			{ name: 'q', kind: 'text', text: 'Request id' },
			{ name: 'from', kind: 'date', text: 'From' },
			{ name: 'to', kind: 'date', text: 'To', end: true },
		],
		key: (a) => a.id,
		nothing: 'No entries match.',
		columns: [
			{ text: 'Action', cell: (a) => a.action },
			{ text: 'When', cell: (a) => time(a.at) },
			{ text: 'Who', cell: (a) => person(a.actor_id) ?? 'command line' },
			{ text: 'Target', cell: (a) => target(a.target) },
			{
				text: 'Before and after',
				wide: true,
				cell: (a) => changes(a.before, a.after),
			},
			{
				text: 'Request',
				extra: true,
				cell: (a) =>
					a.request_id === null
						? null
						: h('code', null, a.request_id),
			},
		],
		csv: {
			id: (a) => a.id,
			at: (a) => a.at,
			actor_id: (a) => a.actor_id,
			action: (a) => a.action,
			target: (a) => a.target,
			before: (a) => JSON.stringify(a.before),
			after: (a) => JSON.stringify(a.after),
			request_id: (a) => a.request_id,
		},
	}).view;
}
