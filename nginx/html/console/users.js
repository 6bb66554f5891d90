/*
 * users: the list of users and its search. user.js shows one of them.
 */
import { screen } from './list.js';
import { badge, time } from './format.js';
import { avatar, h } from '/lib/dom.js';
import { user } from './user.js';

export const statuses = {
	active: 'Active',
	pending_verification: 'Unverified',
	banned: 'Banned',
	deleted: 'Deleted',
};
const roles = {
	customer: 'Customers',
	listener: 'Listeners',
	admin: 'Administrators',
	finance: 'Finance',
	support: 'Support',
	moderator: 'Moderators',
	service: 'Services',
};

function nameLink(u) {
	return h(
		'a',
		{ class: 'who', href: `#/users/${u.user_id}` },
		avatar(u.user_id, u.username, 'small'),
		h('span', null, u.username, h('span', { class: 'soft' }, `#${u.user_id}`)),
	);
}

export default function users(at) {
	if (at.path.length > 0) return user(at);
	return screen(at, {
		title: 'Users',
		path: '/admin/users',
		member: 'users',
		filters: [
			{ name: 'q', kind: 'search', text: 'Username, e-mail or phone' },
			{ name: 'status', text: 'Status', options: statuses },
			{ name: 'role', text: 'Role', options: roles },
		],
		key: (u) => u.user_id,
		nothing:
			'No users match. Try the beginning of a username, or a complete ' +
			'e-mail address or phone number.',
		columns: [
			{ text: 'User', cell: nameLink },
			{ text: 'Status', cell: (u) => badge(u.status) },
			{ text: 'Roles', cell: (u) => u.roles.join(', ') },
			{
				text: 'E-mail',
				wide: true,
				cell: (u) =>
					u.email && !u.email_verified
						? `${u.email} (not verified)`
						: u.email,
			},
			{ text: 'Phone', cell: (u) => u.phone },
			{ text: 'Country', cell: (u) => u.country },
			{ text: 'Joined', end: true, cell: (u) => time(u.created_at) },
		],
		csv: {
			user_id: (u) => u.user_id,
			uuid: (u) => u.uuid,
			username: (u) => u.username,
			status: (u) => u.status,
			roles: (u) => u.roles,
			email: (u) => u.email,
			phone: (u) => u.phone,
			country: (u) => u.country,
			banned_until: (u) => u.banned_until,
			ban_reason: (u) => u.ban_reason,
			created_at: (u) => u.created_at,
		},
	}).view;
}
