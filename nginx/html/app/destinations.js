/*
 * destinations: the page of destinations: search, order, and the most saved ones.
 */
import { api, post } from '/lib/api.js';
import { h, icon, loadInto, toastError, whenTyped } from '/lib/dom.js';
import { picture } from '/lib/picture.js';
import { heartButton } from './heart_button.js';
import { listing } from './paged_list.js';

/* Orders of the list. The rankings cannot be searched. */
const ORDERS = {
	name: 'By name',
	popular: 'Most saved',
	recent: 'Newest',
	'7d': 'Popular this week',
	'30d': 'Popular this month',
};
const RANKING = /^\d+d$/;

/* Saves or removes a destination. The state may have changed on another device. */
async function save(d, want) {
	try {
		if (want) await post('/users/me/favorites', { destination_id: d.id });
		else await api('DELETE', `/users/me/favorites/${d.id}`);
	} catch (e) {
		if (e.code !== (want ? 'already_saved' : 'not_saved')) throw e;
	}
	d.is_favorited = want;
}

function saves(d) {
	if (d.favorites_count === undefined) return null;
	return d.favorites_count === 1
		? 'Saved by 1 user'
		: `Saved by ${d.favorites_count.toLocaleString()} users`;
}

/* Returns the card of a destination. */
export function destinationCard(d) {
	const others = d.images.filter((url) => url !== d.thumbnail_url);

	return h(
		'li',
		{ class: 'card flyer', 'data-destination': d.id },
		picture({ url: d.thumbnail_url, name: d.name }),
		h(
			'div',
			{ class: 'named' },
			h('h2', null, d.name),
			heartButton(
				d.name,
				() => d.is_favorited,
				(want) => save(d, want),
			),
		),
		h(
			'p',
			{ class: 'soft' },
			[d.city, d.country, saves(d)].filter((text) => text !== null).join(' · '),
		),
		h('p', null, d.summary ?? ''),
		others.map((url, i) => picture({ url, name: `${d.name}, ${i + 1}` })),
	);
}

function searchForm(again) {
	const q = h('input', {
		type: 'search',
		name: 'q',
		placeholder: 'Name, city or country',
		'aria-label': 'Search',
	});
	const sort = h(
		'select',
		{ name: 'sort', 'aria-label': 'Order' },
		Object.entries(ORDERS).map(([k, v]) => h('option', { value: k }, v)),
	);
	const form = h('form', { class: 'tools', role: 'search' }, q, sort);

	form.addEventListener('submit', (e) => {
		e.preventDefault();
		again();
	});
	q.addEventListener('input', () => {
		/* The list is searched, not the ranking. */
		if (RANKING.test(sort.value)) sort.value = 'popular';
	});
	whenTyped(q, again);
	sort.addEventListener('change', () => {
		if (RANKING.test(sort.value)) q.value = '';
		again();
	});
	return form;
}

/* Returns the URL of the list for the fields of the search. */
function address(form) {
	const order = form.elements.sort.value;

	if (RANKING.test(order)) return `/popular?kind=destination&window=${order}&limit=12`;
	const want = new URLSearchParams({ limit: 12, sort: order });
	const q = form.elements.q.value.trim();

	if (q !== '') want.set('q', q);
	return `/destinations?${want}`;
}

export function destinations() {
	const l = listing(
		'people',
		() => address(tools),
		(page) => page.items.map((item) => destinationCard(item.card ?? item)),
		() =>
			RANKING.test(tools.elements.sort.value)
				? 'Nobody saved a destination in this time. Choose another order.'
				: 'No destinations were found. Try fewer words.',
	);
	const tools = searchForm(() => l.load(true).catch(toastError));

	loadInto(l.list, () => l.load(true));
	return h(
		'section',
		null,
		h('a', { class: 'up', href: '#/account' }, icon('back'), 'Account'),
		h('h1', { tabindex: '-1' }, 'Destinations'),
		tools,
		l.list,
		l.more,
	);
}
