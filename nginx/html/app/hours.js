/*
 * hours: the page on which a listener states when they take calls.
 */
import { api, get } from '/lib/api.js';
import { busy, DAYS, h, loadInto, toast, when } from '/lib/dom.js';

/* Former names, which browsers use and a server may not have. */
const RENAMED = {
	'Africa/Asmera': 'Africa/Asmara',
	'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
	'America/Catamarca': 'America/Argentina/Catamarca',
	'America/Coral_Harbour': 'America/Atikokan',
	'America/Cordoba': 'America/Argentina/Cordoba',
	'America/Godthab': 'America/Nuuk',
	'America/Indianapolis': 'America/Indiana/Indianapolis',
	'America/Jujuy': 'America/Argentina/Jujuy',
	'America/Louisville': 'America/Kentucky/Louisville',
	'America/Mendoza': 'America/Argentina/Mendoza',
	'Asia/Calcutta': 'Asia/Kolkata',
	'Asia/Katmandu': 'Asia/Kathmandu',
	'Asia/Rangoon': 'Asia/Yangon',
	'Asia/Saigon': 'Asia/Ho_Chi_Minh',
	'Atlantic/Faeroe': 'Atlantic/Faroe',
	'Europe/Kiev': 'Europe/Kyiv',
	'Pacific/Enderbury': 'Pacific/Kanton',
	'Pacific/Ponape': 'Pacific/Pohnpei',
	'Pacific/Truk': 'Pacific/Chuuk',
};

const renamed = (zone) => RENAMED[zone] ?? zone;
const field = (text, e) => h('label', { class: 'field' }, h('span', null, text), e);

/* Returns a text about the availability, for the listener. */
export function summary(a) {
	if (!a.accepting_calls) return 'You do not accept calls. You are offline for everybody.';
	if (a.limit_until !== null)
		return (
			`You reached your maximum of ${a.max_minutes_per_day} minutes. ` +
			`You can be called again from ${when(a.limit_until)}.`
		);
	if (a.next_available_at !== null)
		return `Your hours begin next: ${when(a.next_available_at)}.`;
	return 'Tell customers when you take calls.';
}

/* A time input. It has no 24:00, so the end of a day is 00:00. */
function time(name, label, value, required) {
	return h('input', {
		type: 'time',
		name,
		'aria-label': label,
		value: value === '24:00' ? '00:00' : value,
		required,
	});
}

function date(name, label, value, required) {
	return field(label, h('input', { type: 'date', name, value, required }));
}

/* The button that removes an item. Then `next` has the focus. */
function remove(item, label, next) {
	return h(
		'button',
		{
			type: 'button',
			class: 'btn-link',
			'aria-label': label,
			onclick: () => {
				item().remove();
				next.focus();
			},
		},
		'Remove',
	);
}

/* Returns the times of an item, or null for both if they are empty. */
function times(item) {
	const from = item.querySelector('[name=from]').value || null;
	const to = item.querySelector('[name=to]').value || null;

	/* From 00:00 to 00:00 is a complete day. */
	return { from, to: from === '00:00' && to === '00:00' ? '24:00' : to };
}

/* The windows of a day, and the button that adds one. */
function dayFields(key, windows) {
	const list = h('ul', { class: 'windows' });
	const add = h(
		'button',
		{ type: 'button', 'data-add': key, 'aria-label': `Add hours on ${DAYS[key]}` },
		'Add hours',
	);
	const append = (w) => {
		const item = h(
			'li',
			{ 'data-day': key },
			time('from', `${DAYS[key]}, from`, w.from, true),
			time('to', `${DAYS[key]}, to`, w.to, true),
			remove(() => item, `Remove hours on ${DAYS[key]}`, add),
		);
		list.append(item);
		return item;
	};

	windows.filter((w) => w.day === key).forEach(append);
	add.addEventListener('click', () => append({}).querySelector('input').focus());
	return h('fieldset', { class: 'day' }, h('legend', null, DAYS[key]), list, add);
}

function exceptionFields(exceptions) {
	const list = h('ul', { class: 'exceptions' });
	const add = h('button', { type: 'button', 'data-add': 'exception' }, 'Add exception');
	const append = (x) => {
		const item = h(
			'li',
			null,
			date('date', 'First day', x.date, true),
			date('until', 'Last day', x.until),
			field('From', time('from', 'Exception, from', x.from)),
			field('To', time('to', 'Exception, to', x.to)),
			remove(() => item, 'Remove exception', add),
		);
		list.append(item);
		return item;
	};

	exceptions.forEach(append);
	add.addEventListener('click', () => append({}).querySelector('input').focus());
	return h(
		'fieldset',
		{ class: 'day' },
		h('legend', null, 'Exceptions'),
		h(
			'p',
			{ class: 'soft' },
			'These days replace your weekly hours. Without times, you take no calls.',
		),
		list,
		add,
	);
}

function zoneSelect(zone) {
	const mine = renamed(zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
	const all = new Set([mine, 'UTC', ...Intl.supportedValuesOf('timeZone').map(renamed)]);

	return h(
		'select',
		{ name: 'time_zone' },
		[...all].sort().map((z) => h('option', { value: z, selected: z === mine }, z)),
	);
}

/* Returns the body of the request that stores the form. */
function values(form) {
	return {
		accepting_calls: form.elements.accepting.checked,
		time_zone: form.elements.time_zone.value,
		max_minutes_per_day:
			form.elements.minutes.value === ''
				? null
				: Number(form.elements.minutes.value),
		weekly: [...form.querySelectorAll('[data-day]')].map((item) => ({
			day: item.dataset.day,
			...times(item),
		})),
		exceptions: [...form.querySelectorAll('.exceptions li')].map((item) => ({
			date: item.querySelector('[name=date]').value,
			until: item.querySelector('[name=until]').value || null,
			...times(item),
		})),
	};
}

function hoursForm(a) {
	const said = h('p', { class: 'soft', role: 'status' }, summary(a));
	const save = h('button', { class: 'btn-primary', type: 'submit' }, 'Save');
	const form = h(
		'form',
		{ class: 'hours stack' },
		h(
			'div',
			{ class: 'card stack' },
			h(
				'label',
				{ class: 'chip' },
				h('input', {
					type: 'checkbox',
					role: 'switch',
					name: 'accepting',
					checked: a.accepting_calls,
				}),
				h('span', null, 'Accept calls'),
			),
			said,
			field(
				'Maximum minutes of calls in 24 hours (optional)',
				h('input', {
					type: 'number',
					name: 'minutes',
					min: 1,
					max: 1440,
					value: a.max_minutes_per_day,
				}),
			),
			field('Time zone', zoneSelect(a.time_zone)),
		),
		h(
			'div',
			{ class: 'card stack' },
			h('h2', null, 'Every week'),
			h(
				'p',
				{ class: 'soft' },
				'Customers see when your hours begin. You are online only while you ' +
					'choose so. Hours that end before they begin end on the next day.',
			),
			Object.keys(DAYS).map((key) => dayFields(key, a.weekly)),
		),
		h('div', { class: 'card stack' }, exceptionFields(a.exceptions)),
		save,
	);

	form.addEventListener(
		'submit',
		busy(save, async () => {
			const now = await api('PUT', '/listeners/availability', values(form));

			said.textContent = summary(now);
			toast('Your hours were saved.');
		}),
	);
	return form;
}

export function hours() {
	const at = h('div', null);

	loadInto(at, async () => {
		at.replaceChildren(hoursForm(await get('/listeners/availability')));
	});
	return h('section', null, h('h1', { tabindex: '-1' }, 'Your hours'), at);
}
