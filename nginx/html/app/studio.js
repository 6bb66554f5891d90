/*
 * studio: the page of styles, creatives and documents.
 */
import { post } from '/lib/api.js';
import { h, icon, loadInto, toastError, when } from '/lib/dom.js';
import { outsideLink, picture } from '/lib/picture.js';
import { heartButton } from './heart_button.js';
import { listing } from './paged_list.js';
import { tabs } from './tabs.js';

const KINDS = { styles: 'Styles', creatives: 'Creatives', documents: 'Documents' };
const TYPES = { styles: 'style', creatives: 'creative', documents: 'document' };

/* A creative has no title. */
function title(type, one) {
	return one.name ?? one.title ?? `Creative ${one.id.slice(0, 8)}`;
}

function details(type, one) {
	const texts = {
		style: () => [],
		creative: () => [one.is_published ? 'Published' : 'Draft'],
		document: () => [
			one.is_public ? 'Public' : 'Private',
			one.status,
			one.sources.length === 0 ? null : `Sources: ${one.sources.length}`,
		],
	};

	return [...texts[type](), `Changed ${when(one.updated_at)}`]
		.filter((text) => text !== null)
		.join(' · ');
}

/*
 * Returns the card of a style, creative or document. isFavorite: whether it is
 * a favorite of the user.
 */
export function studioCard(type, one, isFavorite) {
	const name = title(type, one);
	let saved = isFavorite;

	return h(
		'li',
		{ class: 'card flyer', 'data-studio': one.id },
		picture({ url: one.screenshot_url, name }),
		h(
			'div',
			{ class: 'named' },
			h('h2', null, name),
			heartButton(
				name,
				() => saved,
				async (want) => {
					const now = await post('/api/user-favorites/toggle', {
						entity_id: one.id,
						entity_type: type,
						is_favorite: want,
					});
					saved = now.is_favorite;
				},
			),
		),
		h('p', { class: 'soft' }, details(type, one)),
		one.content &&
			h(
				'details',
				null,
				h('summary', null, 'Read'),
				h('p', { class: 'said' }, one.content),
			),
		outsideLink(
			'Open',
			`Open ${name}`,
			one.publish_url ?? one.html_url ?? one.draft_url,
		),
	);
}

/* Shows one kind: arg is styles, creatives or documents. */
export function studio(leave, arg) {
	const kind = Object.hasOwn(KINDS, arg ?? '') ? arg : 'styles';
	const mine = h('input', { type: 'checkbox', name: 'mine' });
	const l = listing(
		'people',
		() => `/api/${kind}?limit=12${mine.checked ? '&mine=true' : ''}`,
		(page) => page.items.map((one) => studioCard(TYPES[kind], one, one.is_favorite)),
		`No ${kind} were found.`,
	);

	mine.addEventListener('change', () => l.load(true).catch(toastError));
	loadInto(l.list, () => l.load(true));
	return h(
		'section',
		null,
		h('a', { class: 'up', href: '#/account' }, icon('back'), 'Account'),
		h('h1', { tabindex: '-1' }, 'Studio'),
		tabs('Kinds', 'studio', KINDS, kind),
		h('label', { class: 'chip' }, mine, h('span', null, 'Only mine')),
		l.list,
		l.more,
	);
}
