/*
 * ticket: one of them: what was asked, what was answered, what administrators
 * noted among themselves, and who sees to it.
 */
import { api, getAll, me, once } from '/lib/api.js';
import { busy, loadInto, h, icon, toast } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { badge, facts, panel, person, time } from './format.js';

export const statuses = {
	open: 'Open',
	pending: 'Waits for the customer',
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
				text: 'Assignee\u2019s id',
				kind: 'number',
				value: t.assignee_id ?? undefined,
				hint:
					'An administrator\u2019s. Without it, nobody sees ' +
					'to it.',
			},
		],
		run: async (v) => {
			const now = await api('PUT', `/admin/tickets/${t.id}`, v);
			return (
				`Ticket ${t.id}: ` +
				`${statuses[now.status].toLowerCase()}, ` +
				`${now.assignee ?? 'nobody'} sees to it.`
			);
		},
	};
}

/* One press, since it takes nothing from anybody who sees to it now. */
function take(t, again) {
	const b = h('button', { type: 'button' }, 'Take it');

	if (t.assignee_id !== null) return null;
	b.addEventListener(
		'click',
		busy(b, async () => {
			await api('PUT', `/admin/tickets/${t.id}`, { assignee: me().user_id });
			toast(`You see to ticket ${t.id}.`);
			await again();
		}),
	);
	return b;
}

/* What is being written stays while the rest is read again. */
function writer(id, again) {
	const text = h('textarea', {
		name: 'body',
		rows: '4',
		required: true,
		maxlength: '5000',
		'aria-label': 'Answer',
	});
	const note = h('input', { type: 'checkbox', name: 'internal' });
	const then = h(
		'select',
		{ name: 'status', 'aria-label': 'Afterwards' },
		h('option', { value: '' }, 'Afterwards as usual'),
		Object.entries(statuses).map(([k, v]) =>
			h('option', { value: k }, `Afterwards: ${v.toLowerCase()}`),
		),
	);
	const words = h('span', null, 'Send the answer');
	const send = h('button', { class: 'btn-primary', type: 'submit' }, words);
	const form = h(
		'form',
		{ class: 'stack' },
		text,
		h(
			'div',
			{ class: 'acts' },
			h('label', { class: 'check' }, note, 'Note that administrators alone see'),
			then,
		),
		h('div', { class: 'choice' }, send),
	);
	const post = once();

	note.addEventListener('change', () => {
		words.textContent = note.checked ? 'Keep the note' : 'Send the answer';
	});
	form.addEventListener(
		'submit',
		busy(send, async () => {
			const body = { body: text.value.trim(), internal: note.checked };
			if (then.value !== '') body.status = then.value;
			await post(`/admin/tickets/${id}/replies`, body);
			toast(note.checked ? 'The note is kept.' : 'The answer is sent.');
			form.reset();
			words.textContent = 'Send the answer';
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
	const answer = panel('Answer', null, writer(id, load));
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
			h('div', null, panel('What was said', null, talk), answer),
			panel(
				'What it is',
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
					[
						'History',
						h(
							'a',
							{ href: `#/audit?target=ticket:${t.id}` },
							'Audit',
						),
					],
				]),
			),
		);
	}
	/* Nothing moves under who is writing. */
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
