/*
 * feedback: the feedback that users sent about the service.
 */
import { h } from '/lib/dom.js';
import { screen } from './list.js';
import { person, time } from './format.js';

const kinds = { bug: 'Bug', idea: 'Idea', praise: 'Praise', other: 'Other' };
const stars = { 1: '1 star', 2: '2 stars', 3: '3 stars', 4: '4 stars', 5: '5 stars' };

export default function feedback(at) {
	return screen(at, {
		title: 'Feedback',
		path: '/admin/feedback',
		member: 'feedback',
		filters: [
			{ name: 'kind', text: 'Kind', options: kinds },
			{ name: 'rating', text: 'Stars', options: stars },
		],
		key: (f) => f.id,
		nothing: 'No feedback matches.',
		columns: [
			{ text: 'From', cell: (f) => person(f.user_id, f.username) },
			{ text: 'Kind', cell: (f) => kinds[f.kind] },
			{ text: 'Stars', cell: (f) => f.rating },
			{
				text: 'Text',
				wide: true,
				cell: (f) => h('p', { class: 'said' }, f.body),
			},
			{ text: 'Version', cell: (f) => f.app_version },
			{ text: 'Sent', end: true, cell: (f) => time(f.created_at) },
		],
		csv: {
			id: (f) => f.id,
			user_id: (f) => f.user_id,
			username: (f) => f.username,
			kind: (f) => f.kind,
			rating: (f) => f.rating,
			body: (f) => f.body,
			app_version: (f) => f.app_version,
			created_at: (f) => f.created_at,
		},
	}).view;
}
