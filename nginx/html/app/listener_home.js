/*
 * listener_home: the page of a listener with the online switch, earnings and
 * sessions.
 */
import { get, has, me, post } from '/lib/api.js';
import { busy, duration, avatar, loadInto, h, money, toastError, when } from '/lib/dom.js';
import * as call from './call.js';
import { summary } from './hours.js';
import { ratesForm } from './listener_rates.js';
import * as live from './realtime.js';

const CHOSEN = 'earmark.work';
/* Milliseconds between two updates of the presence. */
const RENEW = 45 * 1000;
let timer = null;

export function isOn() {
	return sessionStorage.getItem(CHOSEN) === 'on';
}

function sendOnline() {
	return post('/presence/update', { status: 'online' });
}

/*
 * Opens or closes the realtime connection. An open connection makes the user
 * online, so an offline listener has one only during a call.
 */
export function apply() {
	clearInterval(timer);
	if (!has('listener') || isOn()) {
		live.start();
		if (!has('listener')) return;
		timer = setInterval(() => sendOnline().catch(() => {}), RENEW);
	} else if (call.current() === null) {
		live.stop();
	}
}

export async function set(on) {
	sessionStorage.setItem(CHOSEN, on ? 'on' : 'off');
	if (on) {
		apply();
		await sendOnline();
	} else {
		apply();
		await post('/presence/update', { status: 'offline' });
	}
}

export function end() {
	clearInterval(timer);
	live.reset();
}

call.watch((c) => {
	if (c.state === 'gone' && me() !== null && has('listener') && !isOn())
		setTimeout(() => set(false).catch(() => {}));
});

function row(s) {
	return h(
		'li',
		null,
		h(
			'a',
			{ class: 'line', href: `#/receipt/${s.session_id}` },
			avatar(s.customer_id, s.customer_username, 'small'),
			h(
				'div',
				null,
				h('strong', null, s.customer_username ?? 'Deleted user'),
				h(
					'span',
					{ class: 'soft' },
					`${when(s.started_at)}, ` +
						(s.kind === 'video' ? 'video, ' : '') +
						duration(s.duration_seconds),
				),
			),
			s.earned > 0
				? h(
						'span',
						{ class: 'sum plus' },
						`+${money(s.earned, s.currency)}`,
					)
				: null,
		),
	);
}

function toggle() {
	const b = h(
		'button',
		{ class: 'switch', type: 'button', role: 'switch' },
		h('span', { class: 'knob', 'aria-hidden': 'true' }),
		h('span', { class: 'text' }),
	);
	const show = () => {
		const open = live.isOpen();
		b.setAttribute('aria-checked', String(isOn()));
		b.classList.toggle('waits', isOn() && !open);
		b.querySelector('.text').textContent = !isOn()
			? 'You are offline'
			: open
				? 'You are online'
				: 'Connecting …';
	};

	b.addEventListener(
		'click',
		busy(b, async () => {
			const p = set(!isOn());
			show();
			await p;
			show();
		}),
	);
	show();
	return { b, offs: [live.on('open', show), live.on('closed', show)] };
}

/* The prices of the kinds of calls that the listener offers. */
function priceTiles(p) {
	return Object.fromEntries(
		Object.entries(p.rates).map(([kind, rate]) => [
			`${kind === 'video' ? 'Video' : 'Audio'} per minute`,
			money(rate, p.currency),
		]),
	);
}

export function work(leave) {
	const { b, offs } = toggle();
	const facts = h('dl', { class: 'tiles' });
	const list = h('ul', { class: 'rows' });
	const available = h('p', { class: 'soft' });
	const form = h('div');

	async function load() {
		const [e, s, p, a] = await Promise.all([
			get('/listeners/earnings'),
			get('/listeners/sessions?per_page=10'),
			get('/listeners/profile'),
			get('/listeners/availability'),
		]);
		available.textContent = summary(a);
		facts.replaceChildren(
			...Object.entries({
				'Not paid out yet': money(e.balance, e.currency),
				...priceTiles(p),
				Calls: e.sessions_count,
				Minutes: e.minutes,
			}).map(([k, v]) => h('div', null, h('dt', null, k), h('dd', null, v))),
		);
		/* Later loads must not discard what the listener is typing. */
		if (form.childElementCount === 0)
			form.append(ratesForm(p, () => load().catch(toastError)));
		list.replaceChildren(...s.sessions.filter((one) => one.state === 'ended').map(row));
		if (list.children.length === 0)
			list.append(h('li', { class: 'empty' }, 'You have no calls yet.'));
	}
	offs.push(live.on('session.ended', () => load().catch(toastError)));
	leave(() => offs.forEach((f) => f()));
	loadInto(list, load);
	return h(
		'section',
		null,
		h('h1', { tabindex: '-1' }, 'Listening'),
		h(
			'div',
			{ class: 'card hold' },
			b,
			h(
				'p',
				{ class: 'soft' },
				'Customers can call you while you are online and this page ' +
					'is open.',
			),
		),
		facts,
		h('h2', { class: 'part' }, 'Availability'),
		h(
			'div',
			{ class: 'card stack' },
			available,
			h('a', { class: 'button', href: '#/hours' }, 'Your hours'),
		),
		h('h2', { class: 'part' }, 'Recent calls'),
		list,
		h('h2', { class: 'part' }, 'Kinds of calls and prices'),
		form,
	);
}
