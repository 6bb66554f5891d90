/*
 * destinations: the list of destinations, which administrators add, change and
 * delete.
 */
import { api, post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { picture } from '/lib/picture.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { count, time } from './format.js';

const SORTS = { popular: 'Most saved', recent: 'Newest' };

/* The fields of the form. d: the destination to change, or an empty object. */
function fields(d) {
	const text = (name, label, max, more) => ({
		name,
		text: label,
		max,
		value: d[name] ?? undefined,
		...more,
	});

	return [
		text('name', 'Name', 200, { required: true }),
		text('city', 'City', 100),
		text('country', 'Country', 100),
		text('summary', 'Summary', 2000, { kind: 'area' }),
		text('latitude', 'Latitude', 20, { hint: 'In degrees, such as -7.9425.' }),
		text('longitude', 'Longitude', 20),
		text('thumbnail_url', 'URL of the picture', 2000),
		{
			name: 'images',
			text: 'URLs of other pictures',
			kind: 'area',
			hint: 'One in each line.',
			value: d.images?.join('\n'),
		},
	];
}

function degrees(label, text) {
	if (text === null) return null;
	if (Number.isNaN(Number(text)))
		throw new Error(`${label}: enter a number such as -7.9425.`);
	return Number(text);
}

/* Returns the body of a request for the values of the form. */
function body(values) {
	return {
		...values,
		latitude: degrees('Latitude', values.latitude),
		longitude: degrees('Longitude', values.longitude),
		images: (values.images ?? '')
			.split('\n')
			.map((line) => line.trim())
			.filter((line) => line !== ''),
	};
}

function add() {
	return {
		title: 'Add a destination',
		button: 'Add',
		fields: fields({}),
		run: async (values) => {
			const given = Object.entries(body(values)).filter(([, v]) => v !== null);
			const d = await post('/destinations', Object.fromEntries(given));
			return `${d.name} was added.`;
		},
	};
}

function change(d) {
	return {
		title: `Change ${d.name}`,
		button: 'Save',
		fields: fields(d),
		run: async (values) => {
			const now = await api('PATCH', `/destinations/${d.id}`, body(values));
			return `${now.name} was saved.`;
		},
	};
}

function remove(d) {
	return {
		title: `Delete ${d.name}?`,
		danger: true,
		button: 'Delete',
		text: 'The destination and its favorites are deleted. This cannot be undone.',
		run: async () => {
			await api('DELETE', `/destinations/${d.id}`);
			return `${d.name} was deleted.`;
		},
	};
}

function place(d) {
	const names = [d.city, d.country].filter(Boolean).join(', ');
	const parts = [
		names !== '' && h('p', null, names),
		d.latitude !== null && h('p', { class: 'soft' }, `${d.latitude}, ${d.longitude}`),
	].filter(Boolean);

	return parts.length === 0 ? null : parts;
}

export default function destinations(at) {
	const l = screen(
		at,
		{
			title: 'Destinations',
			path: '/destinations',
			member: 'items',
			size: 'limit',
			total: (page) => page.pagination.total,
			filters: [
				{ name: 'q', text: 'Search', kind: 'search' },
				{ name: 'sort', text: 'Order', options: SORTS, any: 'By name' },
			],
			key: (d) => d.id,
			nothing: 'No destinations match.',
			none: 'There are no destinations yet.',
			columns: [
				{ text: 'Destination', cell: (d) => d.name },
				{
					text: 'Picture',
					wide: true,
					cell: (d) =>
						picture({ url: d.thumbnail_url, name: d.name }),
				},
				{ text: 'Place', cell: place },
				{
					text: 'About',
					wide: true,
					cell: (d) =>
						d.summary && h('p', { class: 'said' }, d.summary),
				},
				{
					text: 'Favorites',
					end: true,
					cell: (d) => count(d.favorites_count),
				},
				{ text: 'Changed', cell: (d) => time(d.updated_at) },
				{
					text: 'Edit',
					end: true,
					wide: true,
					hidden: true,
					cell: (d) =>
						h(
							'div',
							{ class: 'acts below' },
							asks(
								'Change',
								() => change(d),
								() => l.load(),
							),
							asks(
								'Delete',
								() => remove(d),
								() => l.load(),
								'small danger',
							),
						),
				},
			],
			csv: {
				destination_id: (d) => d.id,
				name: (d) => d.name,
				city: (d) => d.city,
				country: (d) => d.country,
				summary: (d) => d.summary,
				latitude: (d) => d.latitude,
				longitude: (d) => d.longitude,
				thumbnail_url: (d) => d.thumbnail_url,
				images: (d) => d.images,
				favorites_count: (d) => d.favorites_count,
				created_at: (d) => d.created_at,
				updated_at: (d) => d.updated_at,
			},
		},
		asks('Add', add, () => l.load(), 'btn-primary'),
	);

	return l.view;
}
