/*
 * flyers: the list of flyers. Moderators remove pictures and delete flyers.
 */
import { api } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { picture } from '/lib/picture.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { count, person, time } from './format.js';

function removePicture(f, again) {
	return asks(
		'Remove picture',
		{
			title: `Remove the picture of flyer #${f.id}?`,
			roles: ['moderator'],
			danger: true,
			button: 'Remove picture',
			text:
				'The file is deleted. The publisher is notified and can upload ' +
				'another picture.',
			run: async () => {
				await api('DELETE', `/api/flyers/${f.id}/image`);
				return `The picture of flyer #${f.id} was removed.`;
			},
		},
		again,
	);
}

function remove(f, again) {
	return asks(
		'Delete',
		{
			title: `Delete flyer #${f.id}?`,
			roles: ['moderator'],
			danger: true,
			button: 'Delete',
			text:
				'The flyer, its picture and its favorites are deleted. This cannot ' +
				'be undone. The publisher is notified.',
			run: async () => {
				await api('DELETE', `/api/flyers/${f.id}`);
				return `Flyer #${f.id} was deleted.`;
			},
		},
		again,
		'small danger',
	);
}

function validity(f) {
	if (f.valid_from === null && f.valid_until === null) return null;
	const part = (text, at) =>
		at === null ? null : [h('span', { class: 'window' }, text, time(at)), ' '];

	return h(
		'p',
		{ class: 'soft' },
		part('from ', f.valid_from),
		part('until ', f.valid_until),
	);
}

function about(f) {
	const where = [f.category, f.address].filter(Boolean).join(' · ');
	const parts = [
		f.description && h('p', { class: 'said' }, f.description),
		where !== '' && h('p', { class: 'soft' }, where),
		validity(f),
	].filter(Boolean);

	return parts.length === 0 ? null : parts;
}

export default function flyers(at) {
	const l = screen(at, {
		title: 'Flyers',
		path: '/api/flyers',
		member: 'results',
		size: 'limit',
		total: (page) => page.count,
		filters: [
			{ name: 'q', text: 'Search', kind: 'search' },
			{ name: 'category', text: 'Category' },
		],
		key: (f) => f.id,
		nothing: 'No flyers match.',
		none: 'There are no flyers yet.',
		columns: [
			{
				text: 'Flyer',
				cell: (f) => [f.title, h('span', { class: 'soft' }, ` #${f.id}`)],
			},
			{
				text: 'Picture',
				wide: true,
				cell: (f) =>
					picture({
						url: f.image_url,
						thumb: f.image_thumb_url,
						name: f.title,
						sizes: '9rem',
					}),
			},
			{
				text: 'About',
				wide: true,
				cell: about,
			},
			{ text: 'Favorites', end: true, cell: (f) => count(f.favorites_count) },
			{
				text: 'Published',
				cell: (f) => [time(f.created_at), ' by ', person(f.publisher_id)],
			},
			{
				text: 'Decide',
				end: true,
				wide: true,
				hidden: true,
				cell: (f) =>
					h(
						'div',
						{ class: 'acts below' },
						f.image_url === null
							? null
							: removePicture(f, () => l.load()),
						remove(f, () => l.load()),
					),
			},
		],
		csv: {
			flyer_id: (f) => f.id,
			title: (f) => f.title,
			description: (f) => f.description,
			category: (f) => f.category,
			address: (f) => f.address,
			latitude: (f) => f.latitude,
			longitude: (f) => f.longitude,
			valid_from: (f) => f.valid_from,
			valid_until: (f) => f.valid_until,
			image_url: (f) => f.image_url,
			publisher_id: (f) => f.publisher_id,
			favorites_count: (f) => f.favorites_count,
			created_at: (f) => f.created_at,
		},
	});
	return l.view;
}
