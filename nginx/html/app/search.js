/*
 * search: the search for listeners and the list of favorite listeners.
 */
import { api, get, post } from '/lib/api.js';
import {
	busy,
	avatar,
	loadInto,
	h,
	icon,
	language,
	money,
	toastError,
	toast,
	when,
	whenTyped,
} from '/lib/dom.js';
import * as call from './call.js';
import { heartButton } from './heart_button.js';
import * as live from './realtime.js';
import { listing } from './paged_list.js';
import { safetyButton } from './safety.js';

/* Milliseconds between two updates of the presence. */
const LOOK = 10 * 1000;
/* Ids of the favorites among the listeners that were shown. */
const hearts = new Set();

function state(l) {
	return l.is_busy ? 'busy' : l.is_available || l.is_online ? 'free' : 'away';
}
const stateTexts = { free: 'Available', busy: 'In a call', away: 'Offline' };

/*
 * The favorite button. f(true) is called after an addition, f(false) after a
 * removal.
 */
function heart(l, f) {
	return heartButton(
		l.username,
		() => hearts.has(l.user_id),
		async (want) => {
			if (want) await post('/customer/favorites', { listener_id: l.user_id });
			else await api('DELETE', `/customer/favorites/${l.user_id}`);
			if (want) hearts.add(l.user_id);
			else hearts.delete(l.user_id);
			f(want);
		},
	);
}

/* The switch that notifies the user when a favorite becomes available. */
function notifySwitch(l) {
	const box = h('input', {
		type: 'checkbox',
		role: 'switch',
		name: 'notify',
		'aria-label': `Notify me when available: ${l.username}`,
		checked: l.notify_when_available,
	});
	const e = h(
		'label',
		{ class: 'chip notify-me' },
		box,
		h('span', null, 'Notify me when available'),
	);

	box.addEventListener('change', async () => {
		const want = box.checked;
		try {
			const now = await api('PUT', `/customer/favorites/${l.user_id}`, {
				notify_when_available: want,
			});
			toast(
				now.notify_when_available
					? `You will be notified when ${l.username} is available.`
					: `You will not be notified about ${l.username}.`,
			);
		} catch (error) {
			box.checked = !want;
			toastError(error);
		}
	});
	return e;
}

/* Updates the parts of a card that change while it is shown. */
function presence(e, l) {
	const is = state(l);

	e.querySelector('.state').className = `state ${is}`;
	e.querySelector('.state').textContent = stateTexts[is];
	e.querySelector('.call-now').disabled = is !== 'free';
	if (is !== 'away') showAgain(e, null);
}

/* Shows when the hours of an offline listener begin next. */
function showAgain(e, iso) {
	const at = e.querySelector('.again');

	at.textContent = iso === null ? '' : `Available again ${when(iso)}`;
	at.hidden = iso === null;
}

function card(l) {
	const tags = [
		...(l.languages ?? [l.preferred_language]).filter(Boolean).map(language),
		...l.interests.slice(0, 3),
	];
	const ring = h(
		'button',
		{
			class: 'btn-primary call-now',
			type: 'button',
			'aria-label': `Call ${l.username}`,
		},
		icon('phone'),
		'Call',
	);
	const notify = l.notify_when_available === undefined ? null : notifySwitch(l);
	const e = h(
		'li',
		{ class: 'card person', 'data-user': l.user_id },
		avatar(l.user_id, l.username, '', l.profile_image_thumb_url),
		h(
			'div',
			{ class: 'who' },
			h('h2', null, l.username),
			h(
				'p',
				{ class: 'meta' },
				h('span', { class: 'state' }),
				l.kinds?.includes('video')
					? h('span', { class: 'with-video' }, icon('video'), 'Video')
					: null,
				l.reviews_count === 0 || !(l.rating > 0)
					? null
					: h(
							'span',
							{ class: 'stars' },
							h(
								'span',
								{ 'aria-hidden': 'true' },
								'\u2605 ',
							),
							h('span', { class: 'hide' }, 'Rated '),
							Number(l.rating).toFixed(1),
						),
			),
			h('p', { class: 'again', hidden: true }),
		),
		heart(l, (is) => {
			if (notify === null) return;
			/* Removing a favorite removes its notification. */
			notify.hidden = !is;
			notify.querySelector('input').checked = false;
		}),
		h('p', { class: 'bio' }, l.bio ?? ''),
		h(
			'ul',
			{ class: 'tags', 'aria-label': 'Languages and interests' },
			tags.map((t) => h('li', null, t)),
		),
		notify,
		h(
			'div',
			{ class: 'foot' },
			h(
				'p',
				{ class: 'rate' },
				l.rate_per_minute === undefined
					? ''
					: [
							h(
								'strong',
								null,
								money(
									l.rate_per_minute,
									l.currency,
								),
							),
							h(
								'span',
								{ 'aria-hidden': 'true' },
								'/min',
							),
							h('span', { class: 'hide' }, ' per minute'),
						],
			),
			h(
				'div',
				{ class: 'row' },
				safetyButton(l, {}, () => presence(e, {})),
				ring,
			),
		),
	);

	ring.addEventListener(
		'click',
		busy(ring, () => call.offer(l.user_id)),
	);
	presence(e, l);
	showAgain(e, l.next_available_at);
	return e;
}

/* Updates the presence of the listeners that are shown. */
async function look(list) {
	const ids = [...list.children]
		.map((e) => Number(e.dataset.user))
		.filter(Boolean)
		.slice(0, 100);

	if (ids.length === 0 || document.hidden) return;
	const { presence: now } = await post('/presence/query', { user_ids: ids });
	for (const p of now) showPresence(list, p);
}

function showPresence(list, p) {
	const e = list.querySelector(`[data-user="${p.user_id}"]`);

	if (e === null) return;
	const before = e.querySelector('.state').className;

	presence(e, p);
	/* A presence does not contain the hours. */
	if (state(p) === 'away' && before !== 'state away')
		get(`/listeners/${p.user_id}`)
			.then((l) => showAgain(e, l.next_available_at))
			.catch(() => {});
}

function people(answer) {
	const all = answer.listeners ?? answer.favorites;

	for (const l of all)
		if (l.is_favorited ?? answer.favorites !== undefined) hearts.add(l.user_id);
		else hearts.delete(l.user_id);
	return all.map(card);
}

function page(title, tools, l, leave) {
	const timer = setInterval(() => look(l.list).catch(() => {}), LOOK);
	const off = live.on('presence.changed', (p) => showPresence(l.list, p));

	leave(() => {
		clearInterval(timer);
		off();
	});
	loadInto(l.list, () => l.load(true));
	return h('section', null, h('h1', { tabindex: '-1' }, title), tools, l.list, l.more);
}

/* The filter by language, of the languages that listeners speak. */
function languageSelect() {
	const e = h(
		'select',
		{ name: 'lang', 'aria-label': 'Language' },
		h('option', { value: '' }, 'Any language'),
	);

	get('/listeners/languages')
		.then(({ languages }) =>
			e.append(
				...languages
					.map((one) => [one.code, language(one.code)])
					.sort((a, b) => a[1].localeCompare(b[1]))
					.map(([code, name]) => h('option', { value: code }, name)),
			),
		)
		.catch(toastError);
	return e;
}

export function find(leave) {
	const q = h('input', {
		type: 'search',
		name: 'q',
		placeholder: 'Name, language, interest or word',
		'aria-label': 'Search',
	});
	const free = h('input', { type: 'checkbox', name: 'available' });
	const at = h('input', { type: 'datetime-local', name: 'available_at' });
	const lang = languageSelect();
	const sort = h(
		'select',
		{ name: 'sort', 'aria-label': 'Order' },
		Object.entries({
			recommended: 'Recommended',
			rating: 'Best rated',
			popular: 'Most popular',
			rate: 'Lowest price',
		}).map(([k, v]) => h('option', { value: k }, v)),
	);
	const l = listing(
		'people',
		() => {
			const want = new URLSearchParams({ per_page: 12, sort: sort.value });
			if (q.value.trim() !== '') want.set('q', q.value.trim());
			if (lang.value !== '') want.set('lang', lang.value);
			if (free.checked) want.set('available', 'true');
			if (at.value !== '')
				want.set('available_at', new Date(at.value).toISOString());
			return `/listeners?${want}`;
		},
		people,
		'No listeners match. Try fewer words.',
	);
	const again = () => l.load(true).catch(toastError);
	const tools = h(
		'form',
		{ class: 'tools', role: 'search' },
		q,
		h('label', { class: 'chip' }, free, h('span', null, 'Available')),
		lang,
		sort,
		h('label', { class: 'field' }, h('span', null, 'Available at (optional)'), at),
	);

	tools.addEventListener('submit', (e) => {
		e.preventDefault();
		again();
	});
	whenTyped(q, again);
	free.addEventListener('change', again);
	at.addEventListener('change', again);
	lang.addEventListener('change', again);
	sort.addEventListener('change', again);
	return page('Find a listener', tools, l, leave);
}

/* The favorites, below the given links. */
export function favoriteListeners(links, leave) {
	return page(
		'Favorites',
		links,
		listing(
			'people',
			() => '/customer/favorites?per_page=20',
			people,
			'You have no favorites yet. Use the heart button of a listener to add one.',
		),
		leave,
	);
}
