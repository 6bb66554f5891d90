/*
 * search: listeners, all of them or one's favorites, and what can be done.
 */
import { api, get, post } from '/lib/api.js';
import { busy, avatar, loadInto, h, icon, language, money, toastError, toast } from '/lib/dom.js';
import * as call from './call.js';
import * as live from './realtime.js';
import { listing } from './paged_list.js';

const LOOK = 10 * 1000;
const hearts = new Set();

function state(l) {
	return l.is_busy ? 'busy' : l.is_available || l.is_online ? 'free' : 'away';
}
const stateWords = { free: 'Free now', busy: 'In a call', away: 'Offline' };

/* f is called when it was made a favorite, or is none any more. */
function heart(l, f) {
	const b = h('button', { class: 'heart', type: 'button' }, icon('heart'));
	const show = () => {
		const is = hearts.has(l.user_id);
		b.setAttribute('aria-pressed', String(is));
		b.setAttribute(
			'aria-label',
			is
				? `Take ${l.username} off your favorites`
				: `Make ${l.username} a favorite`,
		);
	};

	b.addEventListener(
		'click',
		busy(b, async () => {
			if (hearts.has(l.user_id)) {
				await api('DELETE', `/customer/favorites/${l.user_id}`);
				hearts.delete(l.user_id);
			} else {
				await post('/customer/favorites', { listener_id: l.user_id });
				hearts.add(l.user_id);
			}
			show();
			f(hearts.has(l.user_id));
		}),
	);
	show();
	return b;
}

/* A favorite's switch: a message when there is somebody to talk to. */
function tellMe(l) {
	const wish = h('input', {
		type: 'checkbox',
		role: 'switch',
		name: 'notify',
		'aria-label': `Tell me when free: ${l.username}`,
		checked: l.notify_when_available,
	});
	const e = h('label', { class: 'chip tell-me' }, wish, h('span', null, 'Tell me when free'));

	wish.addEventListener('change', async () => {
		const want = wish.checked;
		try {
			const now = await api('PUT', `/customer/favorites/${l.user_id}`, {
				notify_when_available: want,
			});
			toast(
				now.notify_when_available
					? `You will hear when ${l.username} is free.`
					: `You will hear nothing of ${l.username}.`,
			);
		} catch (error) {
			wish.checked = !want;
			toastError(error);
		}
	});
	return e;
}

/* What differs while one looks at it. */
function presence(e, l) {
	const is = state(l);

	e.querySelector('.state').className = `state ${is}`;
	e.querySelector('.state').textContent = stateWords[is];
	e.querySelector('.call-now').disabled = is !== 'free';
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
	const wish = l.notify_when_available === undefined ? null : tellMe(l);
	const e = h(
		'li',
		{ class: 'card person', 'data-user': l.user_id },
		avatar(l.user_id, l.username),
		h(
			'div',
			{ class: 'who' },
			h('h2', null, l.username),
			h(
				'p',
				{ class: 'meta' },
				h('span', { class: 'state' }),
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
		),
		heart(l, (is) => {
			if (wish === null) return;
			/* The wish goes with the favorite. */
			wish.hidden = !is;
			wish.querySelector('input').checked = false;
		}),
		h('p', { class: 'bio' }, l.bio ?? ''),
		h(
			'ul',
			{ class: 'tags', 'aria-label': 'Languages and interests' },
			tags.map((t) => h('li', null, t)),
		),
		wish,
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
							' a minute',
						],
			),
			ring,
		),
	);

	ring.addEventListener(
		'click',
		busy(ring, async () => {
			const all =
				l.rate_per_minute === undefined
					? await get(`/listeners/${l.user_id}`)
					: l;
			await call.start(all);
		}),
	);
	presence(e, l);
	return e;
}

/* Who is free changes while one looks. */
async function look(list) {
	const ids = [...list.children]
		.map((e) => Number(e.dataset.user))
		.filter(Boolean)
		.slice(0, 100);

	if (ids.length === 0 || document.hidden) return;
	const { presence: now } = await post('/presence/query', { user_ids: ids });
	for (const p of now) told(list, p);
}

function told(list, p) {
	const e = list.querySelector(`[data-user="${p.user_id}"]`);

	if (e !== null) presence(e, p);
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
	const off = live.on('presence.changed', (p) => told(l.list, p));

	leave(() => {
		clearInterval(timer);
		off();
	});
	loadInto(l.list, () => l.load(true));
	return h('section', null, h('h1', { tabindex: '-1' }, title), tools, l.list, l.more);
}

export function find(leave) {
	const q = h('input', {
		type: 'search',
		name: 'q',
		placeholder: 'Name, interest, a word',
		'aria-label': 'Search',
	});
	const free = h('input', { type: 'checkbox', name: 'available' });
	const sort = h(
		'select',
		{ name: 'sort', 'aria-label': 'Order' },
		Object.entries({
			recommended: 'Recommended',
			rating: 'Best rated',
			popular: 'Most loved',
			rate: 'Cheapest',
		}).map(([k, v]) => h('option', { value: k }, v)),
	);
	const l = listing(
		'people',
		() => {
			const want = new URLSearchParams({ per_page: 12, sort: sort.value });
			if (q.value.trim() !== '') want.set('q', q.value.trim());
			if (free.checked) want.set('available', 'true');
			return `/listeners?${want}`;
		},
		people,
		'Nobody is like that right now. Try fewer words.',
	);
	let typing;
	const again = () => l.load(true).catch(toastError);
	const tools = h(
		'form',
		{ class: 'tools', role: 'search' },
		q,
		h('label', { class: 'chip' }, free, h('span', null, 'Free now')),
		sort,
	);

	tools.addEventListener('submit', (e) => {
		e.preventDefault();
		again();
	});
	q.addEventListener('input', () => {
		clearTimeout(typing);
		typing = setTimeout(again, 250);
	});
	free.addEventListener('change', again);
	sort.addEventListener('change', again);
	return page('Who would you like to talk to?', tools, l, leave);
}

export function favorites(leave) {
	return page(
		'Favorites',
		null,
		listing(
			'people',
			() => '/customer/favorites?per_page=20',
			people,
			'Nobody yet. The heart beside a name puts somebody here.',
		),
		leave,
	);
}
