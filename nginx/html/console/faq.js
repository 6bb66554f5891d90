/*
 * faq: questions that are asked often, and their answers: in the order in which
 * the app shows them, with those that it does not show yet.
 */
import { api, post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { badge, time } from './format.js';

function fields(q) {
	return [
		{ name: 'category', text: 'Category', max: 50, required: true, value: q?.category },
		{
			name: 'question',
			text: 'Question',
			max: 300,
			required: true,
			value: q?.question,
		},
		{
			name: 'answer',
			text: 'Answer',
			kind: 'area',
			max: 10000,
			required: true,
			value: q?.answer,
		},
		{
			name: 'position',
			text: 'Place',
			kind: 'number',
			min: 0,
			value: q?.position,
			hint: 'Small numbers come first in their category.',
		},
		{
			name: 'published',
			text: 'The app shows it',
			kind: 'check',
			value: q?.published ?? true,
		},
	];
}

/* A place that is not given is left as it is. */
function given(v) {
	if (v.position === null) delete v.position;
	return v;
}

const fresh = {
	title: 'New question',
	button: 'Add',
	get fields() {
		return fields(null);
	},
	run: async (v) => {
		await post('/support/faq', given(v));
		return v.published
			? 'The question is in the app.'
			: 'The question is kept as a draft.';
	},
};

function edit(q) {
	return {
		title: 'Edit the question',
		button: 'Save',
		fields: fields(q),
		run: async (v) => {
			await api('PUT', `/support/faq/${q.id}`, given(v));
			return 'The question is saved.';
		},
	};
}

function remove(q) {
	return {
		title: 'Delete the question?',
		danger: true,
		button: 'Delete',
		text: `\u201c${q.question}\u201d and its answer are gone for good.`,
		run: async () => {
			await api('DELETE', `/support/faq/${q.id}`);
			return 'The question is deleted.';
		},
	};
}

export default function faq(at) {
	const again = () => l.load();
	const l = screen(
		at,
		{
			title: 'FAQ',
			path: '/support/faq',
			member: 'faq',
			fixed: { drafts: 'true' },
			filters: [
				{ name: 'q', kind: 'search', text: 'Search' },
				{ name: 'category', kind: 'text', text: 'Category' },
			],
			key: (q) => q.id,
			nothing: 'There is no such question.',
			columns: [
				{ text: 'Question', cell: (q) => q.question },
				{
					text: 'Answer',
					wide: true,
					cell: (q) => h('p', { class: 'said' }, q.answer),
				},
				{ text: 'Category', cell: (q) => q.category },
				{ text: 'Place', end: true, cell: (q) => q.position },
				{
					text: 'State',
					cell: (q) =>
						q.published
							? badge('ok', 'shown')
							: badge('none', 'draft'),
				},
				{ text: 'Changed', cell: (q) => time(q.updated_at) },
				{
					text: 'Change',
					end: true,
					hidden: true,
					wide: true,
					cell: (q) =>
						h(
							'div',
							{ class: 'acts' },
							asks('Edit', () => edit(q), again),
							asks(
								'Delete',
								remove(q),
								again,
								'small danger',
							),
						),
				},
			],
			csv: {
				id: (q) => q.id,
				category: (q) => q.category,
				question: (q) => q.question,
				answer: (q) => q.answer,
				position: (q) => q.position,
				published: (q) => q.published,
				created_at: (q) => q.created_at,
				updated_at: (q) => q.updated_at,
			},
		},
		asks('New question', () => fresh, again, 'btn-primary'),
	);
	return l.view;
}
