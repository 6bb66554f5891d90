/*
 * call_dialog: the modal dialog that shows the current call.
 */
import { busy, duration, avatar, h, icon, money } from '/lib/dom.js';
import * as call from './call.js';
import { topUp } from './wallet.js';

let dialog = null,
	clock;

const endTexts = {
	rejected: 'Call declined',
	cancelled: 'Call cancelled',
	missed: 'No answer',
	ended: 'Call ended',
	refused: 'Call not possible',
	money: 'Your balance is too low',
};

function act(name, text, kind, f, pressed) {
	const b = h(
		'button',
		{
			class: `round ${kind}`,
			type: 'button',
			'data-do': text.toLowerCase().replace(' ', '-'),
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
	if (c.state === 'asking') return 'Waiting for the microphone. Allow it in your browser.';
	if (c.state === 'ringing') return 'Ringing …';
	if (c.state === 'incoming') return 'is calling you';
	if (
		c.state === 'taking' ||
		(c.state === 'talking' && ['new', 'connecting'].includes(c.link))
	)
		return 'Connecting …';
	if (c.state === 'talking' && c.link !== 'connected')
		return 'The connection was lost. Reconnecting …';
	return '';
}

function rates(c) {
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
			(['offered', 'ringing'].includes(c.state) ? free(c.tariff) : ''),
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

function actions(c) {
	const end = (text) => act('phone', text, 'bad', call.hangUp);

	if (c.state === 'offered') return [end('Cancel'), act('phone', 'Call', 'good', call.start)];
	if (c.state === 'incoming')
		return [end('Reject'), act('phone', 'Accept', 'good', call.accept)];
	if (c.state === 'talking')
		return [
			act(
				'mic',
				c.muted ? 'Unmute' : 'Mute',
				c.muted ? 'on' : '',
				call.mute,
				String(c.muted),
			),
			end('Hang up'),
		];
	return [end(c.state === 'taking' ? 'Reject' : 'Cancel')];
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
	const had = document.activeElement?.dataset?.do;
	const calm = c.state === 'talking' && c.link === 'connected';

	dialog.className = `call ${c.state} ${calm ? 'calm' : ''}`;
	dialog.querySelector('.card').replaceChildren(
		avatar(c.otherId, c.other, 'large'),
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
		c.low && c.state === 'talking' ? low(c) : '',
		c.state === 'over' ? ending(c) : h('div', { class: 'acts' }, actions(c)),
	);
	const same = had && dialog.querySelector(`[data-do="${had}"]`);
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
		dialog = h('dialog', { 'aria-labelledby': 'who' }, h('div', { class: 'card' }));
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
