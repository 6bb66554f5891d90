/*
 * main: access to the console and the navigation between its pages.
 *
 * The URL of a page is #/screen/part/part?filter=x. A page receives `at`:
 *	at.name, at.path	the name of the screen; the parts, as strings
 *	at.params		URLSearchParams
 *	at.leave(f)		calls f when the user leaves the page
 *	at.every(ms, f)		calls f every ms milliseconds while it is visible
 *	at.title(text)		sets the title of the window
 */
import { me, signOut, whenLeaving, whenSetupNeeded, whenStepUp } from '/lib/api.js';
import { cookieSession, startPage } from '/lib/cookie_session.js';
import { busy, h, icon, errorText } from '/lib/dom.js';
import { stepUp } from '/lib/mfa.js';
import { signIn, signInByLink } from '/lib/signin.js';
import { keys } from './shortcuts.js';
import { isStaff } from './access.js';
import { invitationPage } from './invitation.js';
import { groups, permitted, screens } from './screens.js';
import { since } from './format.js';

const signInTexts = {
	title: 'Console',
	text: 'Sign in as a member of staff.',
};
const linkTexts = {
	title: 'Console',
	text: 'This link signs you in once. You can set a password for later.',
};
const main = document.querySelector('#main');
const side = document.querySelector('.side');
let leaving = [],
	latest = 0,
	from = null,
	/* The user pressed the button that signs out. */
	chosen = false;

function out() {
	const b = h(
		'button',
		{ class: 'btn-link out', type: 'button' },
		icon('out'),
		h('span', null, 'Sign out'),
	);

	b.addEventListener(
		'click',
		busy(b, async () => {
			chosen = true;
			await signOut();
		}),
	);
	return b;
}

function fold(open) {
	side.classList.toggle('open', open);
	side.querySelector('.menu')?.setAttribute('aria-expanded', String(open));
}

/* Creates the header. markCurrent() updates it for each page. */
function frame() {
	const menu = h(
		'button',
		{
			class: 'menu',
			type: 'button',
			'aria-expanded': 'false',
			'aria-controls': 'pages',
		},
		icon('menu'),
		h('span', null, 'Menu'),
	);

	menu.addEventListener('click', () => fold(!side.classList.contains('open')));
	side.replaceChildren(
		h(
			'div',
			{ class: 'bar' },
			h(
				'a',
				{ class: 'brand', href: '#/' },
				h('span', { class: 'mark', 'aria-hidden': 'true' }),
				'Earmark',
				h('span', { class: 'sub' }, 'console'),
			),
			menu,
		),
		h(
			'div',
			{ class: 'fold', id: 'pages' },
			h(
				'nav',
				{ 'aria-label': 'Pages' },
				groups.map((g) => {
					const there = Object.entries(g.screens).filter(([name]) =>
						permitted(name),
					);
					if (there.length === 0) return null;
					return h(
						'div',
						{ class: 'group' },
						g.text === null
							? null
							: h('p', { class: 'over' }, g.text),
						h(
							'ul',
							null,
							there.map(([name, s]) =>
								h(
									'li',
									null,
									h(
										'a',
										{
											href: `#/${name}`,
											'data-page':
												name,
										},
										icon(s.icon),
										s.text,
									),
								),
							),
						),
					);
				}),
			),
			h(
				'div',
				{ class: 'self' },
				h('p', { class: 'soft' }, me().username),
				h(
					'a',
					{
						class: 'btn-link out',
						href: '#/security',
						'data-page': 'security',
					},
					icon('shield'),
					h('span', null, 'Security'),
				),
				out(),
			),
		),
	);
	side.addEventListener('keydown', (e) => {
		if (e.key !== 'Escape' || !side.classList.contains('open')) return;
		fold(false);
		menu.focus();
	});
	side.hidden = false;
	document.body.classList.add('in');
}

function markCurrent(name) {
	for (const a of side.querySelectorAll('[data-page]'))
		if (a.dataset.page === name) a.setAttribute('aria-current', 'page');
		else a.removeAttribute('aria-current');
	fold(false);
}

/* Parses the URL. */
function place() {
	const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
	const [name, ...rest] = path.split('/');

	return {
		name,
		path: rest.filter((p) => p !== ''),
		params: new URLSearchParams(query ?? ''),
	};
}

function end() {
	for (const f of leaving) f();
	leaving = [];
}

/*
 * Calls f every ms milliseconds until the page is left, but not while the tab
 * is hidden.
 */
function every(ms, f) {
	let running = false;
	const run = async () => {
		if (running || document.hidden) return;
		running = true;
		await Promise.resolve(f()).catch(() => {});
		running = false;
	};
	const timer = setInterval(run, ms);

	document.addEventListener('visibilitychange', run);
	leaving.push(() => {
		clearInterval(timer);
		document.removeEventListener('visibilitychange', run);
	});
}

function denyAccess() {
	end();
	side.hidden = true;
	document.body.classList.remove('in');
	document.title = 'Access denied - Earmark console';
	main.replaceChildren(
		h(
			'section',
			{ class: 'narrow stack gate' },
			h('h1', { tabindex: '-1' }, 'Access denied'),
			h(
				'p',
				{ class: 'soft' },
				'This page is for staff. ' +
					`You are signed in as ${me().username}.`,
			),
			out(),
		),
	);
	main.querySelector('h1').focus();
}

/* Returns the token of a one-time link such as #/sign-in/TOKEN, or null. */
function linkToken(kind) {
	const p = place();

	return p.name === kind && p.path.length === 1 ? p.path[0] : null;
}

function linkUsed() {
	history.replaceState(null, '', '#/');
	begin();
}

/* The page for an error that prevents another one. */
function failure(title, e) {
	return h(
		'section',
		null,
		h('h1', { tabindex: '-1' }, title),
		h(
			'div',
			{ class: 'note', role: 'alert' },
			h('p', null, errorText(e)),
			h('button', { type: 'button', onclick: go }, 'Try again'),
		),
	);
}

async function showInvitation(token, mine) {
	let page;

	try {
		page = await invitationPage(token, linkUsed, out());
	} catch (e) {
		page = failure('Join the staff', e);
	}
	if (mine === latest) main.replaceChildren(page);
}

async function go() {
	const mine = ++latest;

	end();
	const link = linkToken('sign-in');
	const invited = linkToken('invitation');
	if (me() === null || link !== null) {
		side.hidden = true;
		document.body.classList.remove('in');
		document.title = 'Sign in - Earmark console';
	}
	if (invited !== null) {
		await showInvitation(invited, mine);
		return;
	}
	if (me() === null || link !== null) {
		main.replaceChildren(
			link !== null
				? signInByLink(link, linkUsed, linkTexts)
				: signIn(begin, signInTexts),
		);
		return;
	}
	if (!isStaff()) {
		denyAccess();
		return;
	}
	const p = place();
	if (!permitted(p.name)) {
		p.name = Object.keys(screens).find(permitted);
		p.path = [];
		p.params = new URLSearchParams();
	}
	const s = screens[p.name];
	markCurrent(p.name);
	const at = {
		...p,
		leave: (f) => leaving.push(f),
		every,
		title: (text) => {
			document.title = `${text} - Earmark console`;
		},
	};
	at.title(s.text);
	let page;
	try {
		page = await (await s.load()).default(at);
	} catch (e) {
		page = failure(s.text, e);
	}
	if (mine !== latest) return;
	main.replaceChildren(page);
	scrollTo(0, 0);
	/*
	 * Moves the focus to the heading, except on the first page after
	 * sign-in.
	 */
	if (from !== null) main.querySelector('h1')?.focus({ preventScroll: true });
	from = p.name;
}

function begin() {
	if (isStaff()) frame();
	go();
}

whenStepUp(stepUp);
whenSetupNeeded(() => location.replace('#/security'));
whenLeaving(() => {
	/* The URL is kept for the next sign-in, unless the user signed out. */
	if (chosen) history.replaceState(null, '', '#/');
	chosen = false;
	from = null;
	go();
});
document.querySelector('.skip').addEventListener('click', (e) => {
	e.preventDefault();
	main.focus();
});
keys();
setInterval(() => {
	for (const e of main.querySelectorAll('[data-since]'))
		e.textContent = since(e.dataset.since).textContent;
}, 1000);

startPage(main, cookieSession('staff_cookie', '/auth/session/staff'), go, begin);
