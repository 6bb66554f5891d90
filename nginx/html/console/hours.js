/*
 * hours: when a listener takes calls: weekly hours, exceptions, and the maximum
 * of a day.
 */
import { DAYS, h } from '/lib/dom.js';
import { badge, count, facts, panel, time } from './format.js';

function times(w) {
	return h('span', { class: 'window' }, `${w.from}\u2013${w.to}`);
}

/* Returns the windows of a day; the days without any have a dash. */
function day(a, key) {
	const windows = a.weekly.filter((w) => w.day === key);

	return windows.length === 0 ? null : windows.map((w, i) => [i > 0 ? ', ' : '', times(w)]);
}

function date(text) {
	return new Date(`${text}T00:00:00`).toLocaleDateString(undefined, {
		day: 'numeric',
		month: 'short',
		year: 'numeric',
	});
}

function exception(x) {
	return [
		x.date === x.until ? date(x.date) : `${date(x.date)} \u2013 ${date(x.until)}`,
		x.from === null ? 'no calls' : times(x),
	];
}

/* Returns the state now: the reason why the listener cannot be called. */
function state(a) {
	return a.limit_until !== null
		? ['maximum reached, until ', time(a.limit_until)]
		: a.accepting_calls
			? badge('ok', 'yes')
			: badge('none', 'no');
}

function maximum(a) {
	return a.max_minutes_per_day === null
		? 'none'
		: `${count(a.max_minutes_per_day)} minutes, ${count(a.minutes_used)} used`;
}

/* Returns the panels of a listener's page. */
export function hours(u) {
	const a = u.availability;

	return h(
		'div',
		{ class: 'panels' },
		panel(
			'Availability',
			null,
			facts([
				['Accepts calls', state(a)],
				['Available again', time(a.next_available_at)],
				['Maximum in 24 hours', maximum(a)],
				['Time zone', a.time_zone],
			]),
		),
		panel(
			'Every week',
			null,
			facts(Object.entries(DAYS).map(([key, text]) => [text, day(a, key)])),
		),
		panel(
			'Exceptions',
			null,
			a.exceptions.length === 0
				? h('p', { class: 'soft' }, 'There are no exceptions.')
				: facts(a.exceptions.map(exception)),
		),
	);
}
