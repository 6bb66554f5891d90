/*
 * flyers: the page of flyers: search by words, category and place, and
 * publishing.
 */
import { post } from '/lib/api.js';
import { h, icon, loadInto, toast, toastError, whenTyped } from '/lib/dom.js';
import { flyerCard } from './flyer_card.js';
import { flyerForm } from './flyer_form.js';
import { listing } from './paged_list.js';
import { placeInput, positionButton } from './place.js';

/* Radii of the search by place, in kilometers. */
const RADII = [1, 5, 10, 50, 200, 1000];

/* The form that publishes a flyer. done(flyer) is called afterwards. */
function publishForm(done) {
	const form = flyerForm({}, 'Publish', async (members) => {
		done(await post('/api/flyers', members));
		form.reset();
		all.open = false;
		toast('Your flyer was published. You can add an image.');
	});
	const all = h(
		'details',
		{ class: 'card publish' },
		h('summary', null, 'Publish a flyer'),
		form,
	);

	return all;
}

/* The fields of the search. again() loads the list. */
function searchForm(again) {
	const category = h('input', {
		name: 'category',
		maxlength: 50,
		autocomplete: 'off',
		placeholder: 'Category',
		'aria-label': 'Category',
	});
	const near = placeInput({
		name: 'near',
		placeholder: 'Near latitude, longitude',
		'aria-label': 'Near latitude, longitude',
	});
	const radius = h(
		'select',
		{ name: 'radius_km', 'aria-label': 'Distance' },
		RADII.map((km) =>
			h('option', { value: km, selected: km === 10 }, `Within ${km} km`),
		),
	);
	const q = h('input', {
		type: 'search',
		name: 'q',
		placeholder: 'Title, place or word',
		'aria-label': 'Search',
	});
	const form = h(
		'form',
		{ class: 'tools flyer-tools', role: 'search' },
		q,
		category,
		near,
		radius,
		positionButton(near, 3, again),
	);

	form.addEventListener('submit', (e) => {
		e.preventDefault();
		again();
	});
	for (const e of [q, category]) whenTyped(e, again);
	near.addEventListener('change', () => near.reportValidity() && again());
	radius.addEventListener('change', () => near.value.trim() !== '' && again());
	return form;
}

/* Returns the URL of the list for the fields of the search. */
function address(form) {
	const want = new URLSearchParams({ limit: 12 });
	const value = (name) => form.elements[name].value.trim();

	for (const name of ['q', 'category', 'near'])
		if (value(name) !== '') want.set(name, value(name));
	if (want.has('near')) want.set('radius_km', value('radius_km'));
	return `/api/flyers?${want}`;
}

export function flyers() {
	const l = listing(
		'people',
		() => address(tools),
		(page) => page.results.map((f) => flyerCard(f, again)),
		'No flyers were found. Publish one, or try fewer words.',
	);
	const again = () => l.load(true).catch(toastError);
	const tools = searchForm(again);

	loadInto(l.list, () => l.load(true));
	return h(
		'section',
		null,
		h('a', { class: 'up', href: '#/account' }, icon('back'), 'Account'),
		h('h1', { tabindex: '-1' }, 'Flyers'),
		publishForm((f) => {
			const now = flyerCard(f, again);

			l.list.querySelector('.empty')?.remove();
			l.list.prepend(now);
			now.querySelector('[data-do=image]').focus();
		}),
		tools,
		l.list,
		l.more,
	);
}
