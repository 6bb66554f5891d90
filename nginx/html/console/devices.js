/*
 * devices: the devices on which a user is signed in, with a button to sign out.
 */
import { api } from '/lib/api.js';
import { asks } from './form_dialog.js';
import { listing } from './list.js';
import { panel, time } from './format.js';

function out(u, d, again) {
	return asks(
		'Sign out',
		{
			title: `Sign ${u.username} out of this device?`,
			danger: true,
			button: 'Sign out',
			text:
				`The tokens of ${d.user_agent ?? 'this unnamed device'} become ` +
				'invalid immediately.',
			run: async () => {
				await api('DELETE', `/admin/users/${u.user_id}/devices/${d.id}`);
				return `${u.username} is signed out of this device.`;
			},
		},
		again,
	);
}

export function devices(at, u) {
	const l = listing(at, {
		title: 'Devices',
		path: `/admin/users/${u.user_id}/devices`,
		member: 'devices',
		key: (d) => d.id,
		nothing: 'The user is not signed in on any device.',
		columns: [
			{ text: 'Device', cell: (d) => d.user_agent ?? 'Unnamed device' },
			{ text: 'Signed in', cell: (d) => time(d.created_at) },
			{ text: 'Last used', cell: (d) => time(d.last_used_at) },
			{
				text: 'Sign out',
				end: true,
				hidden: true,
				wide: true,
				cell: (d) => out(u, d, () => l.load()),
			},
		],
	});

	return panel('Signed-in devices', null, l.view);
}
