/*
 * call_dialog: the modal dialog that shows the current call.
 */
import { busy, duration, avatar, h, icon, money } from '/lib/dom.js';
import * as call from './call.js';
import { pictures } from './call_pictures.js';
import { topUp } from './wallet.js';

let dialog = null,
	screens,
	clock;
/* The button that had the focus last. A disabled button loses the focus. */
let focused;

const endTexts = {
	rejected: 'Call declined',
	cancelled: 'Call cancelled',
	missed: 'No answer',
	ended: 'Call ended',
	refused: 'Call not possible',
	money: 'Your balance is too low',
};

/* key: identifies the button while its text changes. */
function act(name, text, kind, f, pressed, key) {
	const b = h(
		'button',
		{
			class: `round ${kind}`,
			type: 'button',
			'data-do': key ?? text.toLowerCase().replace(' ', '-'),
			'aria-pressed': pressed,
		},
		h('span', { class: 'disc' }, icon(name)),
		h('span', null, text),
	);

	b.addEventListener('click', busy(b, f));
	return b;
}

function button(text, kind, f) {
	const b = h('button', { class: kind, type: 'button' }, text);

	b.addEventListener('click', busy(b, f));
	return b;
}

function line(c) {
	if (c.state === 'offered') return 'Call this listener?';
	if (c.state === 'asking')
		return c.kind === 'video'
			? 'Waiting for camera and microphone. Allow both in your browser.'
			: 'Waiting for the microphone. Allow it in your browser.';
	if (c.state === 'ringing') return 'Ringing …';
	if (c.state === 'incoming')
		return c.kind === 'video' ? 'is calling you with video' : 'is calling you';
	if (
		c.state === 'taking' ||
		(c.state === 'talking' && ['new', 'connecting'].includes(c.link))
	)
		return 'Connecting …';
	if (c.state === 'talking' && c.link !== 'connected')
		return 'The connection was lost. Reconnecting …';
	return '';
}

const kinds = { audio: 'Audio', video: 'Video' };

/* The prices of the kinds of calls that are offered. */
function offers(c) {
	const all = Object.entries(c.tariffs);

	return all.map(([kind, t]) =>
		h(
			'p',
			{ class: 'soft' },
			all.length > 1 ? `${kinds[kind]}: ` : '',
			`${money(t.rate_per_minute, t.currency)} per minute${free(t)}`,
		),
	);
}

function rates(c) {
	if (c.state === 'offered') return offers(c);
	if (c.rate === undefined || c.rate === null || !c.mine) return null;
	const left =
		c.state === 'talking' &&
		c.lasts > 0 &&
		Math.floor((c.lasts - (Date.now() - c.since) / 1000) / 60);
	return h(
		'p',
		{ class: 'soft' },
		`${money(c.rate, c.currency)} per minute` +
			(left !== false && left < 600 ? `, enough for ${left} more min` : '') +
			(c.state === 'ringing' ? free(c.tariff) : ''),
	);
}

/* What a tariff includes free of charge. */
function free(tariff) {
	if (!tariff) return '';
	return (
		(tariff.free_seconds > 0 ? `, the first ${tariff.free_seconds} s are free` : '') +
		(tariff.free_minutes > 0 ? `, ${tariff.free_minutes} free min apply` : '')
	);
}

/* Why the server ended a session. */
const causes = {
	money: 'The balance was used up.',
	lost_customer: 'The connection of the caller was lost.',
	lost_listener: 'The connection of the listener was lost.',
	left: 'Both sides left the call.',
	outage: 'The service was interrupted. The interruption is not charged.',
	failed: 'The call could not be connected.',
	max_minutes: 'The maximum length of a call was reached.',
	daily_spend: 'The daily spending limit was reached.',
};

function low(c) {
	return h(
		'div',
		{ class: 'note', role: 'alert' },
		h('strong', null, 'Less than a minute is left.'),
		c.mine
			? button('Add money', 'small', () => topUp())
			: 'The caller\u2019s balance is almost used up.',
	);
}

function sum(c) {
	if (c.sum === null || c.sum === undefined)
		return c.text ? h('p', { class: 'soft' }, c.text) : null;
	const earned = c.sum.earned !== undefined && !c.mine;
	return [
		h(
			'p',
			{ class: 'amount', 'data-sum': earned ? c.sum.earned : c.sum.cost },
			money(earned ? c.sum.earned : c.sum.cost, c.sum.currency),
		),
		h(
			'p',
			{ class: 'soft' },
			`${earned ? 'earned' : 'paid'} for ` +
				duration(c.sum.duration_seconds) +
				(causes[c.sum.cause] ? `. ${causes[c.sum.cause]}` : ''),
		),
	];
}

/* The button that turns the camera on or off. */
function camera(c) {
	return c.kind !== 'video'
		? null
		: act(
				c.camera ? 'video' : 'videoOff',
				'Camera',
				c.camera ? 'on' : '',
				call.toggleCamera,
				String(c.camera),
			);
}

/* The buttons that start a call of each kind that is offered. */
function starts(c) {
	return Object.keys(c.tariffs).map((kind) =>
		kind === 'video'
			? act('video', 'Video', 'good', () => call.start(kind))
			: act('phone', 'Call', 'good', () => call.start(kind)),
	);
}

function actions(c) {
	const end = (text) => act('phone', text, 'bad', call.hangUp);

	if (c.state === 'offered') return [end('Cancel'), starts(c)];
	if (c.state === 'incoming')
		return [end('Reject'), camera(c), act('phone', 'Accept', 'good', call.accept)];
	if (c.state === 'talking')
		return [
			act(
				'mic',
				c.muted ? 'Unmute' : 'Mute',
				c.muted ? 'on' : '',
				call.mute,
				String(c.muted),
				'mute',
			),
			camera(c),
			end('Hang up'),
		];
	return [
		c.state === 'ringing' ? camera(c) : null,
		end(c.state === 'taking' ? 'Reject' : 'Cancel'),
	];
}

function ending(c) {
	return h(
		'div',
		{ class: 'stack' },
		c.why === 'money'
			? button('Add money', 'btn-primary', () => {
					call.leave();
					topUp();
				})
			: null,
		c.sum
			? button('View receipt', 'btn-primary', () => {
					const id = c.session;
					call.leave();
					location.hash = `#/receipt/${id}`;
				})
			: null,
		button('Close', c.sum || c.why === 'money' ? '' : 'btn-primary', call.leave),
	);
}

function time(c) {
	return duration((Date.now() - c.since) / 1000);
}

/* Updates only the time, so the focus stays where it is. */
function tick() {
	const c = call.current();
	const at = dialog?.querySelector('.time');

	if (at && c?.state === 'talking') at.textContent = time(c);
}

function draw(c) {
	const calm = c.state === 'talking' && c.link === 'connected';

	screens.update(c);
	dialog.className = `call ${c.state} ${calm ? 'calm' : ''}`;
	dialog.classList.toggle('pictured', !screens.view.hidden);
	dialog.querySelector('.card').replaceChildren(
		avatar(c.otherId, c.other, 'large', c.image),
		h(
			'h2',
			{ id: 'who' },
			c.state === 'over'
				? (endTexts[c.why] ?? 'Call ended')
				: (c.other ?? 'Unknown user'),
		),
		h(
			'p',
			{ class: 'line', role: 'status' },
			c.state === 'over' ? (c.other ?? '') : line(c),
		),
		calm ? h('p', { class: 'time', role: 'timer' }, time(c)) : '',
		...[c.state === 'over' ? sum(c) : rates(c)].flat().filter((e) => e !== null),
		c.cameraNotice && ['ringing', 'taking', 'talking'].includes(c.state)
			? h('p', { class: 'note', role: 'alert' }, c.cameraNotice)
			: '',
		c.low && c.state === 'talking' ? low(c) : '',
		c.state === 'over' ? ending(c) : h('div', { class: 'acts' }, actions(c)),
	);
	const same = focused && dialog.querySelector(`[data-do="${focused}"]`);
	if (same) same.focus();
	else if (!dialog.contains(document.activeElement) || document.activeElement === dialog)
		dialog.querySelector(
			['incoming', 'offered'].includes(c.state)
				? '.good'
				: 'button.btn-primary, button',
		)?.focus();
}

function show(c) {
	if (c.state === 'gone') {
		clearInterval(clock);
		dialog?.close();
		dialog?.remove();
		dialog = null;
		return;
	}
	if (dialog === null) {
		screens = pictures();
		dialog = h(
			'dialog',
			{ 'aria-labelledby': 'who' },
			screens.view,
			h('div', { class: 'card' }),
		);
		focused = undefined;
		dialog.addEventListener('focusin', (e) => {
			focused = e.target.dataset.do;
		});
		/* Escape closes the dialog only after the call has ended. */
		dialog.addEventListener('cancel', (e) => {
			e.preventDefault();
			if (call.current()?.state === 'over') call.leave();
		});
		document.body.append(dialog);
		dialog.showModal();
		clock = setInterval(tick, 500);
	}
	draw(c);
}

call.watch(show);
