/*
 * flyer_card: a flyer in a list. Its publisher can edit and delete it, others
 * can report it.
 */
import { api, get, me } from '/lib/api.js';
import { h, toast, when } from '/lib/dom.js';
import { picture } from '/lib/picture.js';
import { confirmDialog } from './confirm_dialog.js';
import { flyerForm } from './flyer_form.js';
import { heartButton } from './heart_button.js';
import { imageButtons } from './image_buttons.js';
import { distance } from './place.js';
import { flyerReportButton } from './safety.js';

function validity(f) {
	const ended = f.valid_until !== null && Date.parse(f.valid_until) < Date.now();

	return [
		f.valid_from === null ? null : `from ${when(f.valid_from)}`,
		f.valid_until === null
			? null
			: `${ended ? 'ended' : 'until'} ${when(f.valid_until)}`,
	];
}

function details(f) {
	return [
		f.category,
		f.address,
		f.distance_meters === undefined ? null : distance(f.distance_meters),
		...validity(f),
	]
		.filter((text) => text !== null)
		.join(' · ');
}

/* Replaces a card by the form, or the form by a card, and moves the focus. */
function swap(from, to, focus) {
	from.replaceWith(to);
	to.querySelector(focus).focus();
}

/* Shows the form in place of the card. */
function edit(e, f, removed) {
	const show = (now) => swap(form, flyerCard(now, removed), '[data-do=edit]');
	const cancel = h('button', { type: 'button', 'data-do': 'cancel' }, 'Cancel');
	const form = h(
		'li',
		{ class: 'card flyer', 'data-flyer': f.id },
		h('h2', null, `Edit ${f.title}`),
		flyerForm(
			f,
			'Save',
			async (members) => {
				const now = await api('PATCH', `/api/flyers/${f.id}`, members);

				/* The response to a change has no distance. */
				show({ distance_meters: f.distance_meters, ...now });
				toast('Your flyer was changed.');
			},
			cancel,
		),
	);

	cancel.addEventListener('click', () => show(f));
	swap(e, form, '[name=title]');
}

/* Removes the card from its list. The focus moves to a neighbor. */
function takeOut(e, removed) {
	const next = e.nextElementSibling ?? e.previousElementSibling;

	e.remove();
	(next?.querySelector('button') ?? document.querySelector('h1')).focus();
	if (next === null) removed();
}

async function remove(e, f, removed) {
	const plan = {
		title: `Delete ${f.title}?`,
		text: 'The flyer, its image and its favorites are deleted. This cannot be undone.',
		button: 'Delete',
	};

	if (!(await confirmDialog(plan, () => api('DELETE', `/api/flyers/${f.id}`)))) return;
	takeOut(e, removed);
	toast('Your flyer was deleted.');
}

/* The buttons of the publisher. */
function ownButtons(e, f, removed) {
	const path = `/api/flyers/${f.id}`;
	const button = (name, text, run, more) =>
		h(
			'button',
			{
				type: 'button',
				'data-do': name,
				'aria-label': `${text} ${f.title}`,
				onclick: () => run(e, f, removed),
				...more,
			},
			text,
		);

	return [
		imageButtons(`${path}/image`, 'image', f.image_url !== null, async (answer) =>
			swap(
				e,
				flyerCard(
					{
						distance_meters: f.distance_meters,
						...(answer ?? (await get(path))),
					},
					removed,
				),
				'[data-do=image]',
			),
		),
		h(
			'div',
			{ class: 'row' },
			button('edit', 'Edit', edit),
			button('delete', 'Delete', remove, { class: 'btn-link' }),
		),
	];
}

/*
 * Returns the card. removed() is called after the publisher deleted the only
 * flyer of the list.
 */
export function flyerCard(f, removed) {
	const path = `/api/flyers/${f.id}`;
	const e = h(
		'li',
		{ class: 'card flyer', 'data-flyer': f.id },
		picture({
			url: f.image_url,
			thumb: f.image_thumb_url,
			name: f.title,
			sizes: '20rem',
		}),
		h(
			'div',
			{ class: 'named' },
			h('h2', null, f.title),
			heartButton(
				f.title,
				() => f.is_favorited,
				async (want) => {
					await api(want ? 'POST' : 'DELETE', `${path}/favorite`);
					f.is_favorited = want;
				},
			),
			f.publisher_id === me().user_id ? null : flyerReportButton(f),
		),
		h('p', { class: 'soft' }, details(f)),
		h('p', { class: 'said' }, f.description ?? ''),
	);

	if (f.publisher_id === me().user_id) e.append(...ownButtons(e, f, removed));
	return e;
}
