/*
 * account_devices: the devices that are signed in, and the accounts of other
 * services that sign the user in.
 */
import { api, get, post } from '/lib/api.js';
import { busy, h, loadInto, toast, when } from '/lib/dom.js';
import { listing } from './paged_list.js';

/* The first of these that a user agent contains names the browser or system. */
const browsers = {
	'Edg/': 'Edge',
	'OPR/': 'Opera',
	'Firefox/': 'Firefox',
	'Chrome/': 'Chrome',
	'Safari/': 'Safari',
};
const systems = {
	Android: 'Android',
	iPhone: 'iPhone',
	iPad: 'iPad',
	Windows: 'Windows',
	'Mac OS X': 'macOS',
	Linux: 'Linux',
};
const services = { google: 'Google', apple: 'Apple' };

/* Returns the name of a service that signs users in. */
export const serviceName = (provider) => services[provider] ?? provider;

/* Returns a short name of a browser, or the user agent of another program. */
export function deviceName(agent) {
	const find = (names) => Object.entries(names).find(([k]) => agent.includes(k))?.[1];

	if (agent === null) return 'Unnamed device';
	if (!agent.startsWith('Mozilla/')) return agent;
	return `${find(browsers) ?? 'Browser'} on ${find(systems) ?? 'an unknown system'}`;
}

/* A row with a button. done() is awaited after run() succeeded. */
function row(name, text, { label, title, run }, done) {
	const b = label && h('button', { type: 'button', 'aria-label': title }, label);

	b?.addEventListener(
		'click',
		busy(b, async () => {
			toast(await run());
			await done();
		}),
	);
	return h(
		'li',
		null,
		h('div', null, h('strong', null, name), h('span', { class: 'soft' }, text)),
		b && h('span', { class: 'sum' }, b),
	);
}

function device(s, again) {
	const name = deviceName(s.user_agent);

	if (s.is_current) return row(name, 'This device', {});
	return row(
		name,
		`Last used ${when(s.last_used_at)}`,
		{
			label: 'Sign out',
			title: `Sign out ${name}, last used ${when(s.last_used_at)}`,
			run: async () => {
				await api('DELETE', `/auth/sessions/${s.id}`);
				return 'The device is signed out.';
			},
		},
		again,
	);
}

export function devices() {
	const all = h(
		'button',
		{ type: 'button', 'data-do': 'others' },
		'Sign out all other devices',
	);
	const { list, more, load } = listing(
		'rows',
		() => '/auth/sessions?per_page=20',
		(page) => page.sessions.map((s) => device(s, again)),
		'You are not signed in on any device.',
	);

	/* The row with the focus disappears. */
	async function again() {
		await load(true);
		all.focus();
	}
	all.addEventListener(
		'click',
		busy(all, async () => {
			await post('/auth/logout-all', { keep_current: true });
			toast('All other devices are signed out.');
			await load(true);
		}),
	);
	loadInto(list, () => load(true));
	return [list, more, all];
}

/*
 * Returns the card of linked identities as an array. It is hidden if there are
 * none: only apps can link them, with the sign-in of the system.
 */
export function identities(part) {
	const list = h('ul', { class: 'rows' });
	const card = part('identities', 'Linked accounts', list);

	async function load() {
		const found = await get('/auth/identities');
		card.hidden = found.identities.length === 0;
		list.replaceChildren(
			...found.identities.map((i) => {
				const name = serviceName(i.provider);
				return row(
					name,
					`Last used ${when(i.last_used_at)}`,
					{
						label: 'Remove',
						title: `Remove ${name}`,
						run: async () => {
							await api(
								'DELETE',
								`/auth/identities/${i.id}`,
							);
							return `${name} cannot sign you in any more.`;
						},
					},
					async () => {
						await load();
						const next = list.querySelector('button');
						(next ?? document.querySelector('h1')).focus();
					},
				);
			}),
		);
	}
	card.hidden = true;
	loadInto(list, load);
	return [card];
}
