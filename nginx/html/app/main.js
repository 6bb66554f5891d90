/*
 * main: the pages of the calling application and the navigation between them.
 */
import { has, me, signOut, whenLeaving, whenStepUp } from '/lib/api.js';
import { cookieSession, startPage } from '/lib/cookie_session.js';
import { busy, h, icon } from '/lib/dom.js';
import { account } from './account.js';
import * as call from './call.js';
import * as live from './realtime.js';
import { destinations } from './destinations.js';
import { favorites } from './favorites.js';
import { flyers } from './flyers.js';
import { find } from './search.js';
import { help, ticket } from './help.js';
import { history, receipt } from './history.js';
import { hours } from './hours.js';
import './call_dialog.js';
import { restore } from './restore.js';
import { blockedUsers } from './safety.js';
import { stepUp } from '/lib/mfa.js';
import { signIn } from '/lib/signin.js';
import { studio } from './studio.js';
import { wallet } from './wallet.js';
import * as work from './listener_home.js';

const pages = {
	work: { text: 'Listen', icon: 'work', view: work.work, role: 'listener' },
	find: { text: 'Find', icon: 'find', view: find, role: 'customer' },
	favorites: { text: 'Favorites', icon: 'heart', view: favorites },
	calls: { text: 'Calls', icon: 'clock', view: history },
	wallet: { text: 'Wallet', icon: 'wallet', view: wallet },
	help: { text: 'Help', icon: 'ask', view: help },
	receipt: { view: receipt, under: 'calls' },
	account: { view: account, title: 'Account' },
	flyers: { view: flyers, under: 'account', title: 'Flyers' },
	destinations: { view: destinations, under: 'account', title: 'Destinations' },
	studio: { view: studio, under: 'account', title: 'Studio' },
	blocked: { view: blockedUsers, under: 'account', title: 'Blocked users' },
	ticket: { view: ticket, under: 'help', title: 'Your question' },
	hours: { view: hours, under: 'work', title: 'Your hours', role: 'listener' },
};
const signInTexts = {
	title: 'Talk to a listener',
	text: 'Real people, paid by the minute. Sign in to call, or to listen.',
	joins: true,
	foot: () =>
		h(
			'p',
			{ class: 'fine' },
			icon('mic'),
			'Calls go from browser to browser. They are not recorded.',
		),
};
const main = document.querySelector('#main');
const top = document.querySelector('.top');
let leave = null;

function allowed(p) {
	return p.role === undefined || has(p.role);
}

function header(name) {
	const out = h(
		'button',
		{ class: 'btn-link out', type: 'button', 'aria-label': 'Sign out' },
		icon('out'),
	);

	out.addEventListener(
		'click',
		busy(out, async () => {
			if (work.isOn()) await work.set(false).catch(() => {});
			/* The server closes the connections of a session that ends. */
			live.stop();
			await signOut();
		}),
	);
	top.hidden = false;
	top.replaceChildren(
		h(
			'a',
			{ class: 'brand', href: '#/' },
			h('span', { class: 'mark', 'aria-hidden': 'true' }),
			'Earmark',
		),
		h(
			'nav',
			{ 'aria-label': 'Pages' },
			Object.entries(pages)
				.filter(([, p]) => p.text !== undefined && allowed(p))
				.map(([key, p]) =>
					h(
						'a',
						{
							href: `#/${key}`,
							'aria-current': key === name && 'page',
						},
						icon(p.icon),
						h('span', null, p.text),
					),
				),
		),
		h(
			'a',
			{
				class: 'me',
				href: '#/account',
				'aria-current': name === 'account' && 'page',
			},
			icon('person'),
			h('span', null, me().username),
		),
		out,
	);
}

function go() {
	leave?.();
	leave = null;
	const [wanted, arg] = location.hash.replace(/^#\/?/, '').split('/');
	if (wanted === 'restore') {
		top.hidden = true;
		document.title = 'Undo the change - Earmark';
		main.replaceChildren(restore(arg ?? ''));
		return;
	}
	if (me() === null) {
		top.hidden = true;
		document.title = 'Sign in - Earmark';
		main.replaceChildren(signIn(begin, signInTexts));
		return;
	}
	let name = wanted;
	if (!Object.hasOwn(pages, name) || !allowed(pages[name]))
		name = has('listener') ? 'work' : 'find';
	const p = pages[name];
	header(p.under ?? name);
	document.title = `${p.text ?? p.title ?? 'Receipt'} - Earmark`;
	main.replaceChildren(
		p.view(
			(f) => {
				leave = f;
			},
			arg,
			(username) => {
				top.querySelector('.me span').textContent = username;
			},
		),
	);
	scrollTo(0, 0);
	main.querySelector('h1')?.focus({ preventScroll: true });
}

function begin() {
	work.apply();
	call.look().catch(() => {});
	go();
}

whenStepUp(stepUp);
whenLeaving(() => {
	call.leave();
	work.end();
	location.hash = '';
	go();
});

startPage(main, cookieSession('cookie', '/auth/session'), go, begin);
