/*
 * ticket: the page of a support ticket: its replies, the internal notes of
 * administrators and the assignee.
 */
import { api, getAll, me, once } from '/lib/api.js';
import { busy, loadInto, h, icon, toast } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { badge, facts, panel, person, time } from './format.js';
import { permitted } from './screens.js';

export const statuses = {
	open: 'Open',
	pending: 'Waiting for the customer',
	solved: 'Solved',
	closed: 'Closed',
};
export const categories = {
	account: 'Account',
	payment: 'Payment',
	call: 'Call',
	listener: 'Listener',
	safety: 'Safety',
	other: 'Other',
};

function said(r) {
	return h(
		'li',
		{ class: r.internal ? 'note' : null },
		h(
			'p',
			null,
			person(r.author_id, r.author),
			h('span', { class: 'soft' }, r.internal ? ' noted, ' : ' wrote, '),
			time(r.created_at),
		),
		h('p', { class: 'said' }, r.body),
	);
}

function change(t) {
	return {
		title: `Change ticket ${t.id}`,
		button: 'Save',
		fields: [
			{
				name: 'status',
				text: 'Status',
				kind: 'select',
				options: statuses,
				value: t.status,
			},
			{
				name: 'category',
				text: 'Category',
				kind: 'select',
				options: categories,
				value: t.category,
			},
			{
				name: 'assignee',
				text: 'Assignee id',
				kind: 'number',
				value: t.assignee_id ?? undefined,
				hint: 'The user id of an administrator. If empty, the ticket is unassigned.',
			},
		],
		run: async (v) => {
			const now = await api('PUT', `/admin/tickets/${t.id}`, v);
			return (
				`Ticket ${t.id}: ` +
				`${statuses[now.status].toLowerCase()}, ` +
				(now.assignee === null
					? 'unassigned.'
					: `assigned to ${now.assignee}.`)
			);
		},
	};
}

/* The button that assigns an unassigned ticket to this user. */
function take(t, again) {
	const b = h('button', { type: 'button' }, 'Assign to me');

	if (t.assignee_id !== null) return null;
	b.addEventListener(
		'click',
		busy(b, async () => {
			await api('PUT', `/admin/tickets/${t.id}`, { assignee: me().user_id });
			toast(`Ticket ${t.id} was assigned to you.`);
			await again();
		}),
	);
	return b;
}

/*
 * The form that adds a reply. It is not replaced when the ticket is loaded
 * again.
 */
function replyForm(id, again) {
	const text = h('textarea', {
		name: 'body',
		rows: '4',
		required: true,
		maxlength: '5000',
		'aria-label': 'Reply',
	});
	const note = h('input', { type: 'checkbox', name: 'internal' });
	const then = h(
		'select',
		{ name: 'status', 'aria-label': 'Status after sending' },
		h('option', { value: '' }, 'Status: automatic'),
		Object.entries(statuses).map(([k, v]) =>
			h('option', { value: k }, `Status: ${v.toLowerCase()}`),
		),
	);
	const label = h('span', null, 'Send reply');
	const send = h('button', { class: 'btn-primary', type: 'submit' }, label);
	const form = h(
		'form',
		{ class: 'stack' },
		text,
		h(
			'div',
			{ class: 'acts' },
			h('label', { class: 'check' }, note, 'Internal note for administrators'),
			then,
		),
		h('div', { class: 'choice' }, send),
	);
	const post = once();

	note.addEventListener('change', () => {
		label.textContent = note.checked ? 'Save note' : 'Send reply';
	});
	form.addEventListener(
		'submit',
		busy(send, async () => {
			const body = { body: text.value.trim(), internal: note.checked };
			if (then.value !== '') body.status = then.value;
			await post(`/admin/tickets/${id}/replies`, body);
			toast(note.checked ? 'The note was saved.' : 'The reply was sent.');
			form.reset();
			label.textContent = 'Send reply';
			await again();
		}),
	);
	return form;
}

export function ticket(at) {
	const id = at.path[0];
	const title = h('h1', { tabindex: '-1' }, `Ticket ${id}`);
	const top = h('div', { class: 'head' }, title);
	const side = h('div', { class: 'panels' });
	const talk = h('ul', { class: 'rows talk' });
	const answer = panel('Reply', null, replyForm(id, load));
	const view = h(
		'section',
		null,
		h('a', { class: 'up', href: '#/tickets' }, icon('back'), 'Tickets'),
		top,
		side,
	);
	let was = null;

	async function load() {
		const t = await getAll(`/admin/tickets/${id}?per_page=50`, 'replies');
		const text = JSON.stringify(t);
		if (text === was) return;
		was = text;
		title.textContent = t.subject;
		at.title(`Ticket ${t.id}`);
		top.replaceChildren(
			title,
			badge(t.status),
			h(
				'div',
				{ class: 'acts' },
				take(t, load) ?? '',
				asks('Change', () => change(t), load, ''),
			),
		);
		talk.replaceChildren(
			said({
				author_id: t.user_id,
				author: t.username,
				body: t.body,
				created_at: t.created_at,
			}),
			...t.replies.map(said),
		);
		side.replaceChildren(
			h('div', null, panel('Conversation', null, talk), answer),
			panel(
				'Ticket',
				null,
				facts([
					['Ticket', `#${t.id}`],
					['Status', statuses[t.status]],
					['From', person(t.user_id, t.username)],
					['Category', categories[t.category]],
					['Assignee', person(t.assignee_id, t.assignee)],
					[
						'Session',
						t.session_id === null
							? null
							: h(
									'a',
									{
										href: `#/sessions/${t.session_id}`,
									},
									`#${t.session_id}`,
								),
					],
					['Opened', time(t.created_at)],
					['Changed', time(t.updated_at)],
					permitted('audit')
						? [
								'History',
								h(
									'a',
									{
										href: `#/audit?target=ticket:${t.id}`,
									},
									'Audit',
								),
							]
						: null,
				]),
			),
		);
	}
	/* The page is not updated while the user writes. */
	at.every(10000, async () => {
		if (
			was !== null &&
			!side.contains(document.activeElement) &&
			document.querySelector('dialog[open]') === null
		)
			await load();
	});
	loadInto(side, load);
	return view;
}
