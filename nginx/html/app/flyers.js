/*
 * flyers: the page of flyers. Their publishers upload and remove images here.
 */
import { api, get, me, post } from '/lib/api.js';
import { busy, h, icon, loadInto, toast, toastError, when } from '/lib/dom.js';
import { heartButton } from './heart_button.js';
import { imageButtons } from './image_buttons.js';
import { listing } from './paged_list.js';

/*
 * Returns the uploaded image, or null. The policy of the page permits images of
 * its own host only, so images of other servers are not shown.
 */
function picture(f) {
	if (f.image_thumb_url === null) return null;
	const full = new URL(f.image_url).pathname;
	const thumb = new URL(f.image_thumb_url).pathname;
	const img = h('img', {
		alt: `Image of ${f.title}`,
		loading: 'lazy',
		src: full,
		srcset: `${thumb} 256w, ${full} 1024w`,
		sizes: '20rem',
	});

	img.addEventListener('error', () => img.remove());
	return img;
}

function details(f) {
	return [
		f.category,
		f.address,
		f.valid_from === null ? null : `from ${when(f.valid_from)}`,
		f.valid_until === null ? null : `until ${when(f.valid_until)}`,
	]
		.filter((text) => text !== null)
		.join(' · ');
}

function card(f) {
	const mine = f.publisher_id === me().user_id;
	const path = `/api/flyers/${f.id}`;
	const e = h(
		'li',
		{ class: 'card flyer', 'data-flyer': f.id },
		picture(f),
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
		),
		h('p', { class: 'soft' }, details(f)),
		h('p', null, f.description ?? ''),
		mine &&
			imageButtons(
				`${path}/image`,
				'image',
				f.image_url !== null,
				async (answer) => {
					const now = card(answer ?? (await get(path)));

					e.replaceWith(now);
					now.querySelector('[data-do=image]').focus();
				},
			),
	);

	return e;
}

/* The form that publishes a flyer. done(flyer) is called afterwards. */
function publishForm(done) {
	const field = (name, text, max, more) => {
		const input = h('input', { name, maxlength: max, autocomplete: 'off', ...more });

		return h('label', { class: 'field' }, h('span', null, text), input);
	};
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Publish');
	const form = h(
		'form',
		{ class: 'stack' },
		field('title', 'Title', '200', { required: true }),
		field('description', 'Description (optional)', '5000'),
		field('category', 'Category (optional)', '50'),
		field('address', 'Address (optional)', '300'),
		send,
	);
	const all = h(
		'details',
		{ class: 'card publish' },
		h('summary', null, 'Publish a flyer'),
		form,
	);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			const body = Object.fromEntries(
				[...new FormData(form)].filter(([, text]) => text.trim() !== ''),
			);

			done(await post('/api/flyers', body));
			form.reset();
			all.open = false;
			toast('Your flyer was published. You can add an image.');
		}),
	);
	return all;
}

export function flyers() {
	const q = h('input', {
		type: 'search',
		name: 'q',
		placeholder: 'Title, place or word',
		'aria-label': 'Search',
	});
	const tools = h('form', { class: 'tools', role: 'search' }, q);
	const l = listing(
		'people',
		() => {
			const want = new URLSearchParams({ limit: 12 });
			if (q.value.trim() !== '') want.set('q', q.value.trim());
			return `/api/flyers?${want}`;
		},
		(page) => page.results.map(card),
		'No flyers were found. Publish one, or try fewer words.',
	);
	const again = () => l.load(true).catch(toastError);
	let typing;

	tools.addEventListener('submit', (e) => {
		e.preventDefault();
		again();
	});
	q.addEventListener('input', () => {
		clearTimeout(typing);
		typing = setTimeout(again, 250);
	});
	loadInto(l.list, () => l.load(true));
	return h(
		'section',
		null,
		h('a', { class: 'up', href: '#/account' }, icon('back'), 'Account'),
		h('h1', { tabindex: '-1' }, 'Flyers'),
		publishForm((f) => {
			const now = card(f);

			l.list.querySelector('.empty')?.remove();
			l.list.prepend(now);
			now.querySelector('[data-do=image]').focus();
		}),
		tools,
		l.list,
		l.more,
	);
}
