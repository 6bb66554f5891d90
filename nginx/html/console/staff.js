/*
 * staff: the members of staff with their roles, factors and sessions, and the
 * invitations that wait.
 */
import { api, me, post } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { roleNames } from './access.js';
import { screen } from './list.js';
import { badge, panel, person, time } from './format.js';

const rolesText = (roles) => roles.map((r) => roleNames[r]).join(', ');

/* The fields of a dialog: one check box for each role. */
function roleFields(roles) {
	return Object.entries(roleNames).map(([name, text]) => ({
		name,
		text,
		kind: 'check',
		value: roles.includes(name),
	}));
}

function chosen(values) {
	return Object.keys(roleNames).filter((name) => values[name]);
}

function change(s) {
	return {
		title: `Change the roles of ${s.username}?`,
		button: 'Change',
		text: 'The change takes effect immediately. Without a role, the account is no longer staff.',
		fields: roleFields(s.roles),
		run: async (values) => {
			await api('PUT', `/admin/staff/${s.user_id}`, { roles: chosen(values) });
			return `The roles of ${s.username} were changed.`;
		},
	};
}

function endSessions(s) {
	return {
		title: `Sign ${s.username} out everywhere?`,
		danger: true,
		button: 'End sessions',
		text: 'All tokens of this account become invalid immediately.',
		run: async () => {
			await api('DELETE', `/admin/staff/${s.user_id}/sessions`);
			return `${s.username} is signed out on all devices.`;
		},
	};
}

function invite() {
	return {
		title: 'Invite a member of staff',
		button: 'Create link',
		done: 'Invitation link',
		text: 'The link works once within 24 hours. Send it to the person yourself.',
		fields: roleFields([]),
		run: async (values) => {
			const roles = chosen(values);
			if (roles.length === 0) throw new Error('Choose at least one role.');
			const made = await post('/admin/staff/invitations', { roles });
			return h(
				'div',
				{ class: 'stack' },
				h(
					'p',
					null,
					`For ${rolesText(made.roles)}. It is not shown again.`,
				),
				h('code', { class: 'secret', 'data-link': '' }, made.url),
			);
		},
	};
}

function withdraw(i) {
	return {
		title: `Withdraw invitation ${i.invitation_id}?`,
		danger: true,
		button: 'Withdraw',
		text: 'The link stops working.',
		run: async () => {
			await api('DELETE', `/admin/invitations/${i.invitation_id}`);
			return 'The invitation was withdrawn.';
		},
	};
}

/* Returns the author of an invitation as a link, or a text. */
function author(i, members) {
	const found = members.find((s) => s.user_id === i.created_by);

	return person(i.created_by, found?.username) ?? 'an operator';
}

function invitations(list, members, again) {
	if (list.length === 0) return [];
	return [
		panel(
			'Invitations that wait',
			null,
			h(
				'ul',
				{ class: 'plain' },
				list.map((i) =>
					h(
						'li',
						{ class: 'acts' },
						h(
							'span',
							null,
							`${rolesText(i.roles)}, by `,
							author(i, members),
							', until ',
							time(i.expires_at),
						),
						asks('Withdraw', withdraw(i), again),
					),
				),
			),
		),
	];
}

export default function staff(at) {
	const waiting = h('div', { class: 'panels waiting' });
	const l = screen(
		at,
		{
			title: 'Staff',
			path: '/admin/staff',
			member: 'staff',
			key: (s) => s.user_id,
			none: 'There are no members of staff.',
			nothing: 'There are no members of staff.',
			onpage: (page) =>
				waiting.replaceChildren(
					...invitations(page.invitations, page.staff, () =>
						l.load(),
					),
				),
			columns: [
				{ text: 'Name', cell: (s) => person(s.user_id, s.username) },
				{ text: 'Roles', cell: (s) => rolesText(s.roles) },
				{ text: 'Status', cell: (s) => badge(s.status) },
				{
					text: 'Second factor',
					cell: (s) =>
						s.factors.length === 0
							? 'None'
							: `Authenticator app, ${s.recovery_codes} recovery codes`,
				},
				{ text: 'Last sign-in', cell: (s) => time(s.last_sign_in_at) },
				{ text: 'Sessions', end: true, cell: (s) => s.sessions },
				{
					text: 'Change',
					end: true,
					hidden: true,
					wide: true,
					cell: (s) =>
						h(
							'div',
							{ class: 'acts' },
							asks('Roles', change(s), () => l.load()),
							s.user_id === me().user_id
								? null
								: asks(
										'End sessions',
										endSessions(s),
										() => l.load(),
									),
						),
				},
			],
		},
		asks('Invite', invite, () => l.load(), 'btn-primary'),
	);

	l.view.append(waiting);
	return l.view;
}
