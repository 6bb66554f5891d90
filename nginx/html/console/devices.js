/*
 * devices: where somebody is signed in, and signing them out there.
 */
import { api, get } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { asks } from './ask.js';
import { facts, panel, time } from './words.js';

function device(u, d, again) {
	const name = d.device_name ?? d.name ?? d.user_agent ??
	    'A device without a name';

	return h('li', null, h('div', { class: 'head' }, h('h3', null, name),
	    h('div', { class: 'acts' }, asks('Sign out', {
		title: `Sign ${u.username} out there?`, danger: true,
		button: 'Sign out', text: `${name}: its tokens die at once.`,
		run: async () => {
			await api('DELETE', `/admin/users/${u.user_id}/devices/` +
			    d.device_id);
			return `${u.username} is signed out there.`;
		} }, again))),
	facts([['Signed in', time(d.created_at)],
	    ['Last used', time(d.last_seen ?? d.last_used_at)],
	    ['Address', d.ip ?? d.address], ['Program', d.user_agent]]
	    .map((f) => f[1] === undefined ? null : f)));
}

export function devices(at, u) {
	const at2 = h('ul', { class: 'rows' });
	const load = async () => {
		const page = await get(`/admin/users/${u.user_id}/devices`);
		at2.replaceChildren(...page.devices.map((d) =>
		    device(u, d, load)));
		if (page.devices.length === 0)
			at2.append(h('li', { class: 'empty' },
			    'Signed in nowhere.'));
	};

	load().catch((e) => at2.replaceChildren(h('li', { class: 'empty' },
	    e.message)));
	return panel('Signed in', null, at2);
}
