/*
 * help: the FAQ and the support tickets of the user.
 */
import { get, getAll, me, once } from '/lib/api.js';
import { busy, loadInto, h, icon, toastError, toast, when, whenTyped } from '/lib/dom.js';
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
	open: 'Waiting for our answer',
	pending: 'Answered',
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

/*
 * Fills at with the entries, grouped by category in the order of the response.
 */
function entries(at, all, searched) {
	const groups = Map.groupBy?.(all, (q) => q.category) ?? new Map([['', all]]);

	at.replaceChildren(
		...[...groups].map(([name, some]) =>
			h('div', null, name === '' ? null : h('h2', null, name), some.map(entry)),
		),
	);
	if (all.length === 0)
		at.append(
			h(
				'p',
				{ class: 'empty' },
				searched
					? 'No answers match. Try other words, or contact support.'
					: 'There are no answers yet. Contact support.',
			),
		);
}

/* The form that opens a ticket. */
function ticketForm() {
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
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Send');
	const field = (text, e) => h('label', { class: 'field' }, h('span', null, text), e);
	const form = h(
		'form',
		{ class: 'stack' },
		field('Topic', category),
		field('Subject', subject),
		field('Message', body),
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
			toast('Your question was sent. The answer will appear here.');
			location.hash = `#/ticket/${t.id}`;
		}),
	);
	return h('details', { class: 'asking' }, h('summary', null, 'Contact support'), form);
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
		'You have no support tickets.',
	);
	const find = h('input', {
		type: 'search',
		name: 'q',
		maxlength: '200',
		placeholder: 'Search the answers',
		'aria-label': 'Search the answers',
	});
	let latest = 0;

	async function answers() {
		const mine = ++latest,
			q = find.value.trim();
		const page = await get(
			'/support/faq?per_page=100' +
				(q === '' ? '' : `&q=${encodeURIComponent(q)}`),
		);
		if (mine === latest) entries(faq, page.faq, q !== '');
	}
	leave(whenTyped(find, () => answers().catch(toastError)));
	loadInto(faq, answers);
	loadInto(list, () => load(true));
	return h(
		'section',
		null,
		h('h1', { tabindex: '-1' }, 'Help'),
		find,
		faq,
		ticketForm(),
		h(
			'p',
			{ class: 'part' },
			h('a', { class: 'up', href: '#/blocked' }, icon('flag'), 'Blocked users'),
		),
		h('h2', { class: 'part' }, 'Your questions'),
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

/*
 * The form that adds a reply. It is not replaced when the ticket is loaded
 * again.
 */
function replyForm(id, again) {
	const post = once();
	const text = h('textarea', {
		name: 'body',
		rows: '3',
		required: true,
		maxlength: '5000',
		'aria-label': 'Your reply',
	});
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Send');
	const form = h('form', { class: 'stack', hidden: true }, text, send);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			await post(`/support/tickets/${id}/replies`, { body: text.value.trim() });
			form.reset();
			toast('Your reply was sent.');
			await again();
		}),
	);
	return form;
}

export function ticket(leave, id) {
	const title = h('h1', { tabindex: '-1' }, 'Your question');
	const state = h('p', { class: 'soft', role: 'status' });
	const talk = h('ul', { class: 'rows talk' });
	const form = replyForm(id, load);

	async function load() {
		const t = await getAll(`/support/tickets/${id}?per_page=50`, 'replies');
		title.textContent = t.subject;
		state.textContent =
			`#${t.id}, ${categories[t.category]}. ` +
			(t.status === 'closed'
				? 'This ticket is closed. Open a new one if you need more help.'
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
