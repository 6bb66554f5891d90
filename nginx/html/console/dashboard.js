/*
 * dashboard: current numbers, a comparison of today with yesterday, and charts.
 * Days begin at 0:00 UTC.
 */
import { get } from '/lib/api.js';
import { h, language, money } from '/lib/dom.js';
import { chart } from './chart.js';
import { badge, count, panel, time } from './format.js';
import { permitted } from './screens.js';

/* Milliseconds between two updates. */
const EVERY = 3000,
	CHARTS_EVERY = 60000;
const spans = { hour: '48 hours', day: '30 days', week: '26 weeks' };
const texts = {
	registrations: 'Registrations',
	active_users: 'Active users',
	calls: 'Calls',
	minutes: 'Minutes',
	revenue: 'Revenue',
	topups: 'Top-ups',
	refunds: 'Refunds',
	promotions: 'Promotion cost',
	favorites: 'Favorites',
};
const paid = ['revenue', 'topups', 'refunds', 'promotions'];

/* The current numbers: key, text, link to the list. */
const now = [
	['listeners_online', 'Listeners online', null],
	['listeners_busy', 'Of which busy', null],
	['calls_live', 'Active calls', '#/calls?live=true'],
	['sessions_live', 'Active sessions', '#/sessions?state=live'],
	['verifications_pending', 'To verify', '#/listeners?verification=pending'],
	['tickets_open', 'Open tickets', '#/tickets'],
	['outbox_pending', 'Pending messages', '#/outbox?state=pending'],
	['outbox_dead', 'Failed messages', '#/outbox?state=dead'],
	['payments_flagged', 'Flagged payments', '#/payments?flagged=true'],
];

function currentNumbers(d) {
	return h(
		'dl',
		{ class: 'tiles' },
		now.map(([key, text, to]) =>
			h(
				'div',
				null,
				h('dt', null, text),
				h(
					'dd',
					{ 'data-now': key },
					to === null || !permitted(to.split(/[/?]/)[1])
						? count(d.now[key])
						: h('a', { href: to }, count(d.now[key])),
				),
			),
		),
	);
}

function days(d) {
	const say = (key, n) => (paid.includes(key) ? money(n, d.currency) : count(n));

	return h(
		'table',
		{ class: 'days' },
		h('caption', { class: 'hide' }, 'Today and yesterday'),
		h(
			'thead',
			null,
			h(
				'tr',
				null,
				h('td'),
				['Today', 'Yesterday'].map((t) =>
					h('th', { scope: 'col', class: 'end' }, t),
				),
			),
		),
		h(
			'tbody',
			null,
			Object.entries(texts).map(([key, text]) =>
				h(
					'tr',
					null,
					h('th', { scope: 'row' }, text),
					h(
						'td',
						{
							class: 'end',
							'data-today': key,
							'data-text': 'Today',
						},
						say(key, d.today[key]),
					),
					h(
						'td',
						{ class: 'end', 'data-text': 'Yesterday' },
						say(key, d.yesterday[key]),
					),
				),
			),
		),
	);
}

function ledger(d) {
	if (d.ledger.ok === null)
		return h('p', { class: 'soft' }, 'The ledger was not verified yet.');
	return h(
		'p',
		null,
		badge(
			d.ledger.ok ? 'ok' : 'wrong',
			d.ledger.ok ? 'Ledger verified' : 'Ledger broken',
		),
		' ',
		count(d.ledger.transfers),
		' transfers, ',
		time(d.ledger.checked_at),
	);
}

/* ---- Charts. */

function label(at, bucket) {
	return new Date(at).toLocaleString(undefined, {
		timeZone: 'UTC',
		day: 'numeric',
		month: 'short',
		...(bucket === 'hour' ? { hour: '2-digit', minute: '2-digit' } : {}),
	});
}

async function series(metric, bucket) {
	const a = await get(`/admin/analytics?metric=${metric}&bucket=${bucket}`);

	a.points = a.points.map((p) => ({ ...p, text: label(p.at, bucket) }));
	a.say = (n) =>
		a.unit === 'count' || a.unit === 'minutes'
			? count(Math.round(n))
			: money(n, a.unit);
	return a;
}

const whole = (text) => [{ text, of: (p) => p.value }];

/* Returns a series for each key of `by` in any point. */
function shares(a) {
	return [...new Set(a.points.flatMap((p) => Object.keys(p.by)))].map((word) => ({
		text: word.slice(0, 1).toUpperCase() + word.slice(1),
		of: (p) => p.by[word] ?? 0,
	}));
}

function drawn(title, a, parts) {
	return panel(
		title,
		a.total === null
			? null
			: h('span', { class: 'total' }, `${a.say(a.total)} in total`),
		chart(title, a.points, parts, a.say),
	);
}

/* Compares minutes online with calls requested, by language. */
function supplyAndDemand(supply, demand) {
	const sum = (a) => {
		const all = {};
		for (const p of a.points)
			for (const [word, n] of Object.entries(p.by))
				all[word] = (all[word] ?? 0) + n;
		return all;
	};
	const have = sum(supply),
		want = sum(demand);
	const languages = [...new Set([...Object.keys(have), ...Object.keys(want)])]
		.filter((w) => (have[w] ?? 0) + (want[w] ?? 0) > 0)
		.sort((a, b) => (want[b] ?? 0) - (want[a] ?? 0) || (have[b] ?? 0) - (have[a] ?? 0));

	if (languages.length === 0)
		return h('p', { class: 'soft' }, 'No listener was online, and no calls were made.');
	return h(
		'table',
		{ class: 'days' },
		h('caption', { class: 'hide' }, 'Supply and demand by language'),
		h(
			'thead',
			null,
			h(
				'tr',
				null,
				h('th', { scope: 'col' }, 'Language'),
				['Hours online', 'Calls', 'Calls per hour'].map((t) =>
					h('th', { scope: 'col', class: 'end' }, t),
				),
			),
		),
		h(
			'tbody',
			null,
			languages.map((w) => {
				const hours = (have[w] ?? 0) / 60,
					calls = want[w] ?? 0;

				return h(
					'tr',
					null,
					h('th', { scope: 'row' }, language(w)),
					[
						['Hours online', hours.toFixed(1)],
						['Calls', count(calls)],
						[
							'Calls per hour',
							hours === 0
								? '\u2013'
								: (calls / hours).toFixed(2),
						],
					].map(([t, n]) =>
						h('td', { class: 'end', 'data-text': t }, n),
					),
				);
			}),
		),
	);
}

async function charts(bucket) {
	const [
		registrations,
		active,
		calls,
		minutes,
		revenue,
		topups,
		refunds,
		favorites,
		supply,
		demand,
	] = await Promise.all(
		[
			'registrations',
			'active_users',
			'calls',
			'minutes',
			'revenue',
			'topups',
			'refunds',
			'favorites',
			'supply',
			'demand',
		].map((m) => series(m, bucket)),
	);

	return [
		drawn('Calls by outcome', calls, shares(calls)),
		drawn('Minutes', minutes, whole('Minutes')),
		drawn('Revenue', revenue, whole('Revenue')),
		drawn('Top-ups', topups, whole('Top-ups')),
		drawn('Refunds', refunds, shares(refunds)),
		drawn('Active users', active, whole('Active users')),
		drawn('Registrations', registrations, whole('Registrations')),
		drawn('Favorites by kind', favorites, shares(favorites)),
		drawn('Listener minutes online', supply, whole('Minutes')),
		drawn('Calls requested', demand, whole('Calls')),
		h(
			'div',
			{ class: 'broad' },
			panel(
				'Supply and demand by language',
				null,
				supplyAndDemand(supply, demand),
			),
		),
	];
}

export default async function dashboard(at) {
	const bucket = Object.hasOwn(spans, at.params.get('by')) ? at.params.get('by') : 'day';
	const top = h('div', { class: 'panels' });
	const below = h('div', { class: 'panels over-time' });
	let was = '',
		drew = [],
		cut = false;

	async function updateNumbers() {
		const d = await get('/admin/dashboard');
		const text = JSON.stringify({ ...d, at: null });

		if (text === was) return;
		was = text;
		top.replaceChildren(
			panel('Now', null, currentNumbers(d), ledger(d)),
			panel('Today', null, days(d)),
		);
	}
	async function updateCharts() {
		const parts = await charts(bucket);
		const same =
			parts.length === drew.length &&
			parts.every((p, i) => p.isEqualNode(drew[i]));

		/* The charts are not replaced while a table is open. */
		if (cut || same || below.querySelector('details[open]')) return;
		drew = parts.map((p) => p.cloneNode(true));
		below.replaceChildren(...parts);
	}
	at.leave(() => {
		cut = true;
	});
	await Promise.all([updateNumbers(), updateCharts()]);
	at.every(EVERY, updateNumbers);
	at.every(CHARTS_EVERY, updateCharts);
	return h(
		'section',
		null,
		h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Dashboard')),
		top,
		h(
			'div',
			{ class: 'under' },
			h(
				'nav',
				{ class: 'tabs', 'aria-label': 'Period' },
				Object.entries(spans).map(([name, text]) =>
					h(
						'a',
						{
							href: `#/dashboard?by=${name}`,
							'aria-current':
								name === bucket ? 'page' : null,
						},
						text,
					),
				),
			),
			h('p', { class: 'soft' }, 'Days are in UTC.'),
		),
		below,
	);
}
