/*
 * favorites: the page of favorites, with a part for each kind.
 */
import { api, has } from '/lib/api.js';
import { busy, h, loadInto, toastError } from '/lib/dom.js';
import { destinationCard } from './destinations.js';
import { flyerCard } from './flyer_card.js';
import { listing } from './paged_list.js';
import { favoriteListeners } from './search.js';
import { studioCard } from './studio.js';
import { tabs } from './tabs.js';

const PARTS = {
	listeners: 'Listeners',
	flyers: 'Flyers',
	destinations: 'Destinations',
	studio: 'Studio',
};

function flyers(again) {
	return listing(
		'people',
		() => '/api/users/me/favorites?limit=12',
		(page) => page.results.map((one) => flyerCard(one.flyer, again)),
		'You have no favorite flyers yet. Use the heart button of a flyer to add one.',
	);
}

function destinations() {
	return listing(
		'people',
		() => '/users/me/favorites?limit=12&include=destination_summary,images',
		(page) =>
			page.items.map((one) =>
				destinationCard({
					...one,
					id: one.destination_id,
					name: one.destination_name,
					is_favorited: true,
				}),
			),
		'You have no saved destinations yet. Use the heart button of a destination to add one.',
	);
}

/* The card of a favorite that was deleted. */
function deletedCard(favorite, again) {
	const b = h('button', { type: 'button' }, 'Remove from your favorites');

	b.addEventListener(
		'click',
		busy(b, async () => {
			await api('DELETE', `/api/user-favorites/${favorite.id}`);
			await again();
			document.querySelector('h1').focus();
		}),
	);
	return h(
		'li',
		{ class: 'card flyer' },
		h('h2', null, `Deleted ${favorite.entity_type}`),
		h('p', { class: 'soft' }, 'Its owner deleted it.'),
		b,
	);
}

function studio(again) {
	return listing(
		'people',
		() => '/api/user-favorites?limit=12',
		(page) =>
			page.items.map((one) =>
				one.entity_data === null
					? deletedCard(one, again)
					: studioCard(one.entity_type, one.entity_data, true),
			),
		'You have no favorites of the studio yet. Use the heart button of a style, a ' +
			'creative or a document to add one.',
	);
}

const lists = { flyers, destinations, studio };

/* Shows one part: arg is its name. Only customers have favorite listeners. */
export function favorites(leave, arg) {
	const { listeners, ...others } = PARTS;
	const parts = has('customer') ? { listeners, ...others } : others;
	const part = Object.hasOwn(parts, arg ?? '') ? arg : Object.keys(parts)[0];
	const links = tabs('Kinds of favorites', 'favorites', parts, part);

	if (part === 'listeners') return favoriteListeners(links, leave);
	const again = () => l.load(true).catch(toastError);
	const l = lists[part](again);

	loadInto(l.list, () => l.load(true));
	return h('section', null, h('h1', { tabindex: '-1' }, 'Favorites'), links, l.list, l.more);
}
