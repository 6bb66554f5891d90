/*
 * help: questions that are asked often, and one's own: asked here, answered by
 * people, read again.
 */
import { get, getAll, me, once } from '/lib/api.js';
import { busy, loadInto, h, icon, toastError, toast, when } from '/lib/dom.js';
import * as live from './realtime.js';
import { listing } from './paged_list.js';

const categories = {
	account: 'My account',
	payment: 'Money',
	call: 'A call',
	listener: 'A listener',
	safety: 'My safety',
	other: 'Something else',
};
const states = {
	open: 'We will answer',
	pending: 'We have answered',
	solved: 'Solved',
	closed: 'Closed',
};

function entry(q) {
	return h(
		'details',
		null,
		h('summary', null, q.question),
		h('p', { class: 'said' }, q.answer),
	);
}

/* By category, in the order in which they come. */
function entries(at, all, sought) {
	const groups = Map.groupBy?.(all, (q) => q.category) ?? new Map([['', all]]);

	at.replaceChildren(
		...[...groups].map(([name, some]) =>
			h('div', null, name === '' ? null : h('h3', null, name), some.map(entry)),
		),
	);
	if (all.length === 0)
		at.append(
			h(
				'p',
				{ class: 'empty' },
				sought
					? 'Nothing is ' + 'written about that yet. Ask us.'
					: 'Nothing is written ' + 'here yet. Ask us.',
			),
		);
}

function asking() {
	const post = once();
	const subject = h('input', { name: 'subject', required: true, maxlength: '150' });
	const category = h(
		'select',
		{ name: 'category' },
		Object.entries(categories).map(([k, v]) =>
			h('option', { value: k, selected: k === 'other' }, v),
		),
	);
	const body = h('textarea', { name: 'body', rows: '4', required: true, maxlength: '5000' });
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Send it');
	const field = (text, e) => h('label', { class: 'field' }, h('span', null, text), e);
	const form = h(
		'form',
		{ class: 'stack' },
		field('What is it about?', category),
		field('In one line', subject),
		field('All of it', body),
		send,
	);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			const t = await post('/support/ticket', {
				subject: subject.value.trim(),
				body: body.value.trim(),
				category: category.value,
			});
			toast('We have it. The answer will be here.');
			location.hash = `#/ticket/${t.id}`;
		}),
	);
	return h('details', { class: 'asking' }, h('summary', null, 'Ask us'), form);
}

function row(t) {
	return h(
		'li',
		null,
		h(
			'a',
			{ class: 'line', href: `#/ticket/${t.id}` },
			h(
				'div',
				null,
				h('strong', null, t.subject),
				h('span', { class: 'soft' }, `#${t.id}, ` + when(t.updated_at)),
			),
			h('span', { class: 'sum' }, states[t.status]),
		),
	);
}

export function help(leave) {
	const faq = h('div', { class: 'faq' });
	const { list, more, load } = listing(
		'rows',
		() => '/support/tickets?per_page=20',
		(page) => page.tickets.map(row),
		'You have asked nothing yet.',
	);
	const find = h('input', {
		type: 'search',
		name: 'q',
		maxlength: '200',
		placeholder: 'Search in the answers',
		'aria-label': 'Search in the answers',
	});
	let typing,
		turn = 0;

	async function answers() {
		const mine = ++turn,
			q = find.value.trim();
		const page = await get(
			'/support/faq?per_page=100' +
				(q === '' ? '' : `&q=${encodeURIComponent(q)}`),
		);
		if (mine === turn) entries(faq, page.faq, q !== '');
	}
	find.addEventListener('input', () => {
		clearTimeout(typing);
		typing = setTimeout(() => answers().catch(toastError), 250);
	});
	leave(() => clearTimeout(typing));
	loadInto(faq, answers);
	loadInto(list, () => load(true));
	return h(
		'section',
		null,
		h('h1', { tabindex: '-1' }, 'Help'),
		find,
		faq,
		asking(),
		h('h2', { class: 'part' }, 'What you asked'),
		list,
		more,
	);
}

function said(r) {
	return h(
		'li',
		null,
		h(
			'div',
			null,
			h('strong', null, r.from === 'support' ? 'Earmark' : me().username),
			h('span', { class: 'soft' }, when(r.created_at)),
			h('p', { class: 'said' }, r.body),
		),
	);
}

/* What is being written stays while the rest is read again. */
function writer(id, again) {
	const post = once();
	const text = h('textarea', {
		name: 'body',
		rows: '3',
		required: true,
		maxlength: '5000',
		'aria-label': 'Your answer',
	});
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Send');
	const form = h('form', { class: 'stack', hidden: true }, text, send);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			await post(`/support/tickets/${id}/replies`, { body: text.value.trim() });
			form.reset();
			toast('Sent.');
			await again();
		}),
	);
	return form;
}

export function ticket(leave, id) {
	const title = h('h1', { tabindex: '-1' }, 'Your question');
	const state = h('p', { class: 'soft', role: 'status' });
	const talk = h('ul', { class: 'rows talk' });
	const form = writer(id, load);

	async function load() {
		const t = await getAll(`/support/tickets/${id}?per_page=50`, 'replies');
		title.textContent = t.subject;
		state.textContent =
			`#${t.id}, ${categories[t.category]}. ` +
			(t.status === 'closed'
				? 'It is closed; ask anew if there ' + 'is more.'
				: `${states[t.status]}.`);
		talk.replaceChildren(
			...[
				{ from: 'customer', body: t.body, created_at: t.created_at },
				...t.replies,
			].map(said),
		);
		form.hidden = t.status === 'closed';
	}
	leave(live.on('notification.new', () => load().catch(toastError)));
	loadInto(talk, load);
	return h(
		'section',
		{ class: 'narrow' },
		h('a', { class: 'up', href: '#/help' }, icon('back'), 'Help'),
		title,
		state,
		talk,
		form,
	);
}
