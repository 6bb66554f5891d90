/*
 * faq: the FAQ entries, including drafts, in the order of the application.
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
			text: 'Position',
			kind: 'number',
			min: 0,
			value: q?.position,
			hint: 'Smaller numbers come first in a category.',
		},
		{
			name: 'published',
			text: 'Published',
			kind: 'check',
			value: q?.published ?? true,
		},
	];
}

/* Leaves out an empty position, so that the API keeps the current one. */
function withoutEmpty(v) {
	if (v.position === null) delete v.position;
	return v;
}

const add = {
	title: 'New question',
	button: 'Add',
	get fields() {
		return fields(null);
	},
	run: async (v) => {
		await post('/support/faq', withoutEmpty(v));
		return v.published
			? 'The question was published.'
			: 'The question was saved as a draft.';
	},
};

function edit(q) {
	return {
		title: 'Edit the question',
		button: 'Save',
		fields: fields(q),
		run: async (v) => {
			await api('PUT', `/support/faq/${q.id}`, withoutEmpty(v));
			return 'The question was saved.';
		},
	};
}

function remove(q) {
	return {
		title: 'Delete the question?',
		danger: true,
		button: 'Delete',
		text: `\u201c${q.question}\u201d and its answer are deleted permanently.`,
		run: async () => {
			await api('DELETE', `/support/faq/${q.id}`);
			return 'The question was deleted.';
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
			nothing: 'No questions match.',
			columns: [
				{ text: 'Question', cell: (q) => q.question },
				{
					text: 'Answer',
					wide: true,
					cell: (q) => h('p', { class: 'said' }, q.answer),
				},
				{ text: 'Category', cell: (q) => q.category },
				{ text: 'Position', end: true, cell: (q) => q.position },
				{
					text: 'State',
					cell: (q) =>
						q.published
							? badge('ok', 'published')
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
		asks('New question', () => add, again, 'btn-primary'),
	);
	return l.view;
}
