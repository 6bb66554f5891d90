/*
 * flyer_form: the form that publishes or edits a flyer.
 */
import { busy, h } from '/lib/dom.js';
import { parsePlace, placeInput, placeText, positionButton } from './place.js';

const field = (text, e) => h('label', { class: 'field' }, h('span', null, text), e);

/* Returns the value of an input of type datetime-local for an ISO 8601 time. */
function localTime(iso) {
	if (iso === null) return '';
	const d = new Date(iso);

	return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/* Returns the members of a request for the text of an input. */
function members(name, text) {
	if (name === 'place') return parsePlace(text);
	if (text.trim() === '') return { [name]: null };
	return { [name]: name.startsWith('valid_') ? new Date(text).toISOString() : text.trim() };
}

/*
 * Returns the form. f: the flyer to edit, or an empty object. send(members) gets
 * the members that the user changed. Other buttons follow the first one.
 */
export function flyerForm(f, text, send, ...buttons) {
	const was = {
		title: f.title ?? '',
		description: f.description ?? '',
		category: f.category ?? '',
		address: f.address ?? '',
		place: placeText(f.latitude ?? null, f.longitude ?? null),
		valid_from: localTime(f.valid_from ?? null),
		valid_until: localTime(f.valid_until ?? null),
	};
	const input = (name, max, more) =>
		h('input', {
			name,
			maxlength: max,
			autocomplete: 'off',
			value: was[name],
			...more,
		});
	const place = placeInput({ name: 'place', value: was.place });
	const time = (name) => h('input', { name, type: 'datetime-local', value: was[name] });
	const go = h('button', { class: 'btn-primary', type: 'submit' }, text);
	const form = h(
		'form',
		{ class: 'stack' },
		field('Title', input('title', 200, { required: true })),
		field(
			'Description (optional)',
			h(
				'textarea',
				{ name: 'description', rows: '3', maxlength: 5000 },
				was.description,
			),
		),
		field('Category (optional)', input('category', 50)),
		field('Address (optional)', input('address', 300)),
		h(
			'div',
			{ class: 'with-button' },
			field('Latitude, longitude (optional)', place),
			positionButton(place, 5),
		),
		h(
			'div',
			{ class: 'validity' },
			field('Valid from (optional)', time('valid_from')),
			field('Valid until (optional)', time('valid_until')),
		),
		h('div', { class: 'row' }, go, buttons),
	);

	form.addEventListener(
		'submit',
		busy(go, () => {
			const now = [...new FormData(form)].filter(
				([name, value]) => value !== was[name],
			);

			return send(Object.assign({}, ...now.map((one) => members(...one))));
		}),
	);
	return form;
}
