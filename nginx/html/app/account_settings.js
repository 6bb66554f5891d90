/*
 * account_settings: the channels of notifications, quiet hours, language, time
 * zone and privacy.
 */
import { api, get } from '/lib/api.js';
import { busy, h, language, loadInto, toast } from '/lib/dom.js';

const kinds = {
	calls: 'Calls',
	available: 'Favorites who are free',
	messages: 'Messages',
	news: 'News',
	account: 'Account and security',
};
const channels = { in_app: 'App', push: 'Push', sms: 'SMS', email: 'E-mail' };
/* The languages of the messages that the server contains. */
const languages = ['en', 'hi', 'es', 'id'];

const field = (text, input) => h('label', { class: 'field' }, h('span', null, text), input);

/* A form whose button saves. read() returns the body of the PUT request. */
function saved(path, read, ...parts) {
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Save');
	const form = h('form', { class: 'stack' }, ...parts, send);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			await api('PUT', path, read());
			toast('Saved.');
		}),
	);
	return form;
}

function matrixRow(kind) {
	return h(
		'tr',
		null,
		h('th', { scope: 'row' }, kinds[kind.kind] ?? kind.kind),
		Object.entries(channels).map(([name, text]) =>
			h(
				'td',
				null,
				h(
					'label',
					{ class: 'tick' },
					h('input', {
						type: 'checkbox',
						'data-kind': kind.kind,
						'data-channel': name,
						'aria-label': `${kinds[kind.kind] ?? kind.kind}: ${text}`,
						checked: kind[name],
					}),
				),
			),
		),
	);
}

function preferencesForm(now) {
	const body = h('tbody', null, now.kinds.map(matrixRow));
	const table = h(
		'table',
		{ class: 'matrix' },
		h(
			'thead',
			null,
			h(
				'tr',
				null,
				h(
					'th',
					{ scope: 'col' },
					h('span', { class: 'hide' }, 'Notification'),
				),
				Object.values(channels).map((text) =>
					h('th', { scope: 'col' }, text),
				),
			),
		),
		body,
	);
	const hour = (name) => h('input', { type: 'time', name, value: now[name] });
	const start = hour('quiet_start');
	const end = hour('quiet_end');

	return saved(
		'/notifications/preferences',
		() => ({
			kinds: now.kinds.map(({ kind }) => ({
				kind,
				...Object.fromEntries(
					[...body.querySelectorAll(`[data-kind="${kind}"]`)].map(
						(e) => [e.dataset.channel, e.checked],
					),
				),
			})),
			quiet_start: start.value || null,
			quiet_end: end.value || null,
		}),
		table,
		h('p', { class: 'soft' }, 'Security notices are always sent by e-mail.'),
		h(
			'fieldset',
			{ class: 'pair' },
			h('legend', null, 'Quiet hours, without push, SMS and e-mail'),
			field('From', start),
			field('To', end),
		),
	);
}

export function preferences() {
	const at = h('div');

	loadInto(at, async () => {
		at.replaceChildren(preferencesForm(await get('/notifications/preferences')));
	});
	return at;
}

/* A list with one entry for each value; null is "Not set". */
function choice(name, now, values, text) {
	const all = now === null || values.includes(now) ? values : [now, ...values];

	return h(
		'select',
		{ name },
		h('option', { value: '', selected: now === null }, 'Not set'),
		all.map((v) => h('option', { value: v, selected: v === now }, text(v))),
	);
}

function settingsForm(now) {
	const chosen = choice('language', now.language, languages, language);
	const zone = choice('time_zone', now.time_zone, Intl.supportedValuesOf('timeZone'), (z) =>
		z.replaceAll('_', ' '),
	);
	const seen = h('input', {
		type: 'checkbox',
		name: 'show_last_seen',
		checked: now.show_last_seen,
	});

	return saved(
		'/user/settings',
		() => ({
			language: chosen.value || null,
			time_zone: zone.value || null,
			show_last_seen: seen.checked,
		}),
		field('Language of messages', chosen),
		field('Time zone', zone),
		h('label', { class: 'tick' }, seen, 'Show others when I was last online'),
	);
}

export function settings() {
	const at = h('div');

	loadInto(at, async () => {
		at.replaceChildren(settingsForm(await get('/user/settings')));
	});
	return at;
}
