/*
 * tickets: the list of support tickets. ticket.js shows one of them.
 */
import { h } from '/lib/dom.js';
import { screen } from './list.js';
import { categories, statuses, ticket } from './ticket.js';
import { badge, person, time } from './format.js';

export default function tickets(at) {
	if (at.path.length > 0) return ticket(at);
	return screen(at, {
		title: 'Tickets',
		path: '/admin/tickets',
		member: 'tickets',
		filters: [
			{ name: 'q', kind: 'search', text: 'Words, or a ticket number' },
			{ name: 'status', text: 'Status', options: statuses },
			{
				name: 'assignee',
				text: 'Assignee',
				options: { me: 'Me', none: 'Unassigned' },
			},
			{ name: 'category', text: 'Category', options: categories },
			{ name: 'user_id', kind: 'number', text: 'User id' },
		],
		key: (t) => t.id,
		every: 10000,
		nothing: 'No tickets match.',
		columns: [
			{
				text: 'Ticket',
				cell: (t) =>
					h(
						'a',
						{ href: `#/tickets/${t.id}` },
						`#${t.id} ${t.subject}`,
					),
			},
			{ text: 'Status', cell: (t) => badge(t.status) },
			{ text: 'From', cell: (t) => person(t.user_id, t.username) },
			{ text: 'Category', cell: (t) => categories[t.category] },
			{ text: 'Assignee', cell: (t) => t.assignee },
			{ text: 'Replies', end: true, cell: (t) => t.replies_count },
			{ text: 'Notes', end: true, extra: true, cell: (t) => t.notes_count },
			{ text: 'Opened', extra: true, cell: (t) => time(t.created_at) },
			{ text: 'Changed', end: true, cell: (t) => time(t.updated_at) },
		],
		csv: {
			id: (t) => t.id,
			subject: (t) => t.subject,
			status: (t) => t.status,
			category: (t) => t.category,
			user_id: (t) => t.user_id,
			username: (t) => t.username,
			assignee_id: (t) => t.assignee_id,
			assignee: (t) => t.assignee,
			session_id: (t) => t.session_id,
			replies: (t) => t.replies_count,
			notes: (t) => t.notes_count,
			created_at: (t) => t.created_at,
			updated_at: (t) => t.updated_at,
		},
	}).view;
}
