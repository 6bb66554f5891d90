/*
 * history: the list of past calls, and the receipt of a call.
 */
import { get, me, post } from '/lib/api.js';
import {
	busy,
	duration,
	avatar,
	loadInto,
	h,
	icon,
	money,
	toastError,
	toast,
	when,
} from '/lib/dom.js';
import * as live from './realtime.js';
import { listing } from './paged_list.js';
import { safetyButton } from './safety.js';

const states = {
	ringing: 'Ringing',
	accepted: 'Now',
	ended: '',
	rejected: 'Declined',
	cancelled: 'Cancelled',
	missed: 'Missed',
};

function row(c) {
	const mine = c.caller_id === me().user_id;
	const username = mine ? c.callee_username : c.caller_username;
	const other = username ?? 'Deleted user';
	const id = mine ? c.callee_id : c.caller_id;
	const parts = [
		avatar(
			id,
			other,
			'small',
			mine ? c.callee_image_thumb_url : c.caller_image_thumb_url,
		),
		h(
			'div',
			null,
			h('strong', null, other),
			h(
				'span',
				{ class: 'soft' },
				(mine ? 'You called' : 'Called you') +
					(c.kind === 'video' ? ' with video, ' : ', ') +
					when(c.created_at),
			),
		),
		h(
			'span',
			{ class: 'sum' },
			c.state === 'ended' ? duration(c.duration_seconds) : states[c.state],
			c.cost !== undefined && c.cost !== null && c.cost > 0
				? h('span', { class: 'soft' }, money(c.cost, c.currency))
				: null,
		),
	];

	return h(
		'li',
		null,
		c.session_id === null || c.state !== 'ended'
			? h('div', { class: 'line' }, parts)
			: h('a', { class: 'line', href: `#/receipt/${c.session_id}` }, parts),
		username === null
			? null
			: safetyButton({ user_id: id, username }, { call_id: c.call_id }),
	);
}

export function history(leave) {
	const { list, more, load } = listing(
		'rows calls',
		() => '/calls/history?per_page=20',
		(page) => page.calls.map(row),
		'No calls yet.',
	);

	leave(live.on('call.ended', () => load(true).catch(toastError)));
	loadInto(list, () => load(true));
	return h('section', null, h('h1', { tabindex: '-1' }, 'Calls'), list, more);
}

function review(r, again) {
	const stars = [1, 2, 3, 4, 5].map((n) =>
		h(
			'label',
			{ class: 'star' },
			h('input', { type: 'radio', name: 'rating', value: n, required: true }),
			icon('star'),
			h('span', { class: 'hide' }, `${n} of 5`),
		),
	);
	const comment = h('textarea', {
		name: 'comment',
		rows: '2',
		maxlength: '1000',
		'aria-label': 'Comment',
		placeholder: 'Comment (optional)',
	});
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Send');
	const form = h(
		'form',
		{ class: 'stack review' },
		h(
			'fieldset',
			null,
			h('legend', null, 'How was the call?'),
			h('div', { class: 'row' }, stars),
		),
		comment,
		send,
	);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			const rating = Number(new FormData(form).get('rating'));
			const text = comment.value.trim();
			await post(
				`/sessions/${r.session_id}/review`,
				text === '' ? { rating } : { rating, comment: text },
			);
			toast('Your review was saved. Thank you.');
			await again();
		}),
	);
	return form;
}

/* One line of a receipt: an amount, minutes or milliseconds. */
function line(l, r) {
	const value =
		l.amount !== null
			? money(l.amount, r.currency)
			: l.minutes !== null
				? `${l.minutes} min`
				: l.milliseconds !== null
					? `${(l.milliseconds / 1000).toFixed(1)} s`
					: '';

	/* Discounts that were not used are left out. */
	if (
		['promotion', 'bonus', 'free'].includes(l.what) &&
		(l.amount ?? l.minutes ?? l.milliseconds) === 0
	)
		return null;
	const text = l.text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (t) =>
		new Date(t).toLocaleTimeString(),
	);
	return h('div', { class: l.what }, h('dt', null, text), h('dd', null, value));
}

/* Returns true if a session has a billed minute, which a review needs. */
function isLong(r) {
	const billed = r.lines.find((l) => l.what === 'billable')?.milliseconds ?? 0;

	return r.billed_minutes > 0 && billed >= 60000;
}

function show(at, r, again) {
	const listener = r.listener_id === me().user_id;
	const other = listener ? r.customer_username : r.listener_username;
	const sum = listener ? r.earned : r.cost;

	at.replaceChildren(
		h(
			'div',
			{ class: 'state' },
			avatar(listener ? r.customer_id : r.listener_id, other, 'large'),
			h(
				'p',
				{ class: 'soft' },
				`${other ?? 'Deleted user'}, ` + when(r.started_at),
			),
			h('p', { class: 'amount', 'data-sum': sum }, money(sum, r.currency)),
			h(
				'p',
				{ class: 'soft' },
				`${listener ? 'earned' : 'paid'} for ` +
					(r.kind === 'video' ? 'a video call of ' : '') +
					duration(r.duration_seconds),
			),
		),
		h(
			'dl',
			{ class: 'facts' },
			r.lines.map((l) => line(l, r)),
			r.refunded > 0
				? h(
						'div',
						null,
						h('dt', null, 'Refunded'),
						h('dd', null, money(r.refunded, r.currency)),
					)
				: null,
		),
		r.rating !== null
			? h(
					'p',
					{ class: 'note quiet' },
					h('strong', null, '\u2605'.repeat(r.rating)),
					r.comment ?? '',
				)
			: listener || !isLong(r)
				? ''
				: review(r, again),
	);
}

export function receipt(leave, id) {
	const at = h('div', { class: 'card receipt' });

	async function load() {
		show(at, await get(`/sessions/${id}/receipt`), load);
	}
	loadInto(at, load);
	return h(
		'section',
		{ class: 'narrow' },
		h('a', { class: 'up', href: '#/calls' }, icon('back'), 'Calls'),
		h('h1', { tabindex: '-1' }, 'Receipt'),
		at,
	);
}
