/*
 * devices: where somebody is signed in, and signing them out there.
 */
import { api } from '/lib/api.js';
import { asks } from './form_dialog.js';
import { listing } from './list.js';
import { panel, time } from './format.js';

function out(u, d, again) {
	return asks(
		'Sign out',
		{
			title: `Sign ${u.username} out there?`,
			danger: true,
			button: 'Sign out',
			text:
				`${d.user_agent ?? 'A device without a name'}: its tokens ` +
				'die at once.',
			run: async () => {
				await api('DELETE', `/admin/users/${u.user_id}/devices/${d.id}`);
				return `${u.username} is signed out there.`;
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
		nothing: 'Signed in nowhere.',
		columns: [
			{ text: 'Device', cell: (d) => d.user_agent ?? 'Without a name' },
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

	return panel('Signed in', null, l.view);
}
