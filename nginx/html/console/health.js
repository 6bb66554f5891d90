/*
 * health: shows GET /health, /admin/ledger and /admin/status and refreshes
 * them. health_findings.js derives the problems from them.
 */
import { get } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { findings } from './health_findings.js';
import { badge, count, facts, panel, time } from './format.js';
import { ledgerStatus } from './wallet.js';

const EVERY = 10000;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const good = ['ok', 'ready', 'up', 'running', 'sound', 'pass'];
const waits = ['never', 'late'];

function bytes(n) {
	let unit = 0;

	for (; n >= 1000 && unit < UNITS.length - 1; unit++) n /= 1000;
	return `${unit === 0 ? n : n.toFixed(1)} ${UNITS[unit]}`;
}

function span(seconds) {
	const d = Math.floor(seconds / 86400),
		hours = Math.floor(seconds / 3600) % 24,
		m = Math.floor(seconds / 60) % 60;

	return d > 0
		? `${d} d ${hours} h`
		: hours > 0
			? `${hours} h ${m} min`
			: m > 0
				? `${m} min`
				: `${Math.floor(seconds)} s`;
}

function label(key) {
	const text = key.replace(/_(at|bytes|seconds)$/, '').replaceAll('_', ' ');

	return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/* Formats a value by its key and its type. */
function value(key, v) {
	if (v === null || v === undefined) return null;
	if (typeof v === 'boolean') return badge(v ? 'ok' : 'wrong', v ? 'yes' : 'no');
	if (typeof v === 'number')
		return /bytes|_size$/.test(key)
			? bytes(v)
			: /seconds$|uptime|age$/.test(key)
				? span(v)
				: count(v);
	if (Array.isArray(v))
		return v
			.map((one) =>
				typeof one === 'object'
					? Object.values(one).join(' ')
					: String(one),
			)
			.join(', ');
	if (/^\d{4}-\d\d-\d\dT/.test(v)) return time(v);
	if (v === 'off') return 'off';
	if (/^(status|state|database|result|outcome)$/.test(key))
		return badge(good.includes(v) ? 'ok' : waits.includes(v) ? 'pending' : 'wrong', v);
	return String(v);
}

function isList(v) {
	return Array.isArray(v) && v.length > 0 && typeof v[0] === 'object';
}

function table(name, rows) {
	const keys = Object.keys(rows[0]);

	return h(
		'table',
		null,
		h('caption', { class: 'hide' }, name),
		h(
			'thead',
			null,
			h(
				'tr',
				null,
				keys.map((k) => h('th', { scope: 'col' }, label(k))),
			),
		),
		h(
			'tbody',
			null,
			rows.map((r) =>
				h(
					'tr',
					null,
					keys.map((k, i) =>
						h(
							i === 0 ? 'th' : 'td',
							i === 0
								? { scope: 'row' }
								: { 'data-text': label(k) },
							value(k, r[k]),
						),
					),
				),
			),
		),
	);
}

/* The groups of limits; a limit belongs to the first whose pattern matches. */
const groups = [
	['One-time codes', /^code_/],
	['Passwords', /^password_?/],
	['Requests', /^/],
];

/* Shows the limits that refused a request, by group. */
function refusals(counts) {
	const rows = groups.map(([name]) => [name, []]);

	for (const [limit, n] of Object.entries(counts)) {
		const i = groups.findIndex(([, pattern]) => pattern.test(limit));
		const rest = limit.replace(groups[i][1], '') || limit;

		if (n > 0) rows[i][1].push(`${rest.replaceAll('_', ' ')}: ${count(n)}`);
	}
	const shown = rows.filter(([, texts]) => texts.length > 0);

	return shown.length > 0
		? facts(shown.map(([name, texts]) => [name, texts.join(', ')]))
		: h('p', { class: 'soft' }, 'none');
}

/*
 * Shows an object: a panel of its scalar members, then a panel for each object
 * and list. own: functions that show the members of their names.
 */
function parts(title, o, own = {}) {
	const plain = [],
		more = [];

	for (const [k, v] of Object.entries(o))
		if (own[k] !== undefined) more.push(panel(label(k), null, own[k](v)));
		else if (isList(v))
			more.push(
				h(
					'div',
					{ class: 'broad' },
					panel(label(k), null, table(label(k), v)),
				),
			);
		else if (v !== null && typeof v === 'object' && !Array.isArray(v))
			more.push(
				panel(
					label(k),
					null,
					facts(
						Object.entries(v)
							.filter(([, x]) => !isList(x))
							.map(([n, x]) => [label(n), value(n, x)]),
					),
				),
			);
		else plain.push([label(k), value(k, v)]);
	return [plain.length > 0 ? panel(title, null, facts(plain)) : null, more];
}

/* Shows the result of GET /admin/ledger, or why there is none. */
function showLedger(result) {
	return result.status === 'fulfilled'
		? ledgerStatus(result.value)
		: h('p', { class: 'soft' }, result.reason.message);
}

/* Returns the body of GET /health, also if the status is 503. */
async function health() {
	try {
		return await get('/health');
	} catch (e) {
		if (e.body?.status === undefined) throw e;
		return e.body;
	}
}

export default function page(at) {
	const summary = h('p', { class: 'lead', role: 'status' });
	const why = h('ul', { class: 'why', hidden: '' });
	const body = h('div', { class: 'panels' });
	let was = '';

	async function load() {
		const [now, ledger, all] = await Promise.allSettled([
			health(),
			get('/admin/ledger'),
			get('/admin/status'),
		]);
		const text = JSON.stringify([now, ledger, all]);
		if (text === was) return;
		was = text;
		const found = findings(now.value, ledger.value, all.value);
		summary.replaceChildren(
			found.some((f) => f.wrong)
				? badge('wrong', 'There are errors')
				: found.length > 0
					? badge('pending', 'There are warnings')
					: badge('ok', 'All checks passed'),
			` at ${new Date().toLocaleTimeString()}`,
		);
		why.replaceChildren(
			...found.map((f) =>
				h(
					'li',
					null,
					badge(
						f.wrong ? 'wrong' : 'pending',
						f.wrong ? 'error' : 'warning',
					),
					` ${f.text}`,
				),
			),
		);
		why.hidden = found.length === 0;
		const wrong = (title, one) =>
			panel(title, null, h('p', { class: 'soft' }, one.reason.message));
		/* GET /admin/status has the other members of GET /health too. */
		const { status, database } = now.value ?? {};
		body.replaceChildren(
			...[
				now.status === 'fulfilled'
					? parts(
							'Health',
							all.status === 'fulfilled'
								? { status, database }
								: now.value,
						)
					: wrong('Health', now),
				all.status === 'fulfilled'
					? parts(
							'Installation',
							{ ...all.value, ledger: {} },
							{
								refused: refusals,
								ledger: () => showLedger(ledger),
							},
						)
					: [
							wrong('Installation', all),
							panel('Ledger', null, showLedger(ledger)),
						],
			]
				.flat(4)
				.filter((e) => e !== null),
		);
	}
	load();
	at.every(EVERY, load);
	return h(
		'section',
		null,
		h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Health')),
		summary,
		why,
		body,
	);
}
