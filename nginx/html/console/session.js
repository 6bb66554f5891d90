/*
 * session: one of them, its receipt to the last line, and giving money back.
 */
import { api, get } from '/lib/api.js';
import { duration, loadInto, h, icon, money } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { amount, badge, facts, panel, person, since, time } from './format.js';

function refund(s) {
	const left = s.cost - s.refunded;

	return {
		title: `Give money back for session ${s.session_id}`,
		button: 'Refund',
		done: 'Refunded',
		parts: facts([
			['Cost', amount(s.cost, s.currency)],
			['Given back so far', amount(s.refunded, s.currency)],
			['Left', amount(left, s.currency)],
		]),
		fields: [
			{
				name: 'amount',
				text: `Amount in ${s.currency}`,
				kind: 'amount',
				currency: s.currency,
				hint: 'Without it, all that is left.',
			},
			{ name: 'reason', text: 'Reason', kind: 'area', max: 500, required: true },
			{
				name: 'charge_listener',
				kind: 'check',
				text: 'Out of the listener\u2019s earnings',
				hint: 'As far as they are not paid out. Else the house ' + 'pays.',
			},
		],
		run: async (v, key) => {
			const body =
				v.amount === null
					? { reason: v.reason, charge_listener: v.charge_listener }
					: v;
			const now = await api(
				'POST',
				`/admin/sessions/${s.session_id}/refund`,
				body,
				{ 'Idempotency-Key': key },
			);
			return facts([
				['Given back now', amount(now.refunded - s.refunded, now.currency)],
				['Altogether', amount(now.refunded, now.currency)],
				['Of', amount(now.cost, now.currency)],
			]);
		},
	};
}

/* A line of the receipt: what is counted, in what it is counted. */
function line(l, r) {
	const value =
		l.amount !== null
			? money(l.amount, r.currency)
			: l.minutes !== null
				? `${l.minutes} min`
				: l.milliseconds !== null
					? `${(l.milliseconds / 1000).toFixed(1)} s`
					: '';

	const text = l.text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (t) =>
		new Date(t).toLocaleTimeString(),
	);
	return h('div', { class: l.what }, h('dt', null, text), h('dd', null, value));
}

function show(at, view, r, again) {
	const live = r.state === 'live';

	view.replaceChildren(
		h('a', { class: 'up', href: '#/sessions' }, icon('back'), 'Sessions'),
		h(
			'div',
			{ class: 'head' },
			h('h1', { tabindex: '-1' }, `Session ${r.session_id}`),
			badge(r.state),
			h(
				'div',
				{ class: 'acts' },
				!live && r.cost > r.refunded
					? asks('Refund', refund(r), again, 'btn-primary')
					: null,
			),
		),
		h(
			'div',
			{ class: 'panels' },
			panel(
				'What it was',
				null,
				facts([
					['Customer', person(r.customer_id, r.customer_username)],
					['Listener', person(r.listener_id, r.listener_username)],
					r.call_id === null ? null : ['Call', `#${r.call_id}`],
					['Begun', time(r.started_at)],
					['Ended', time(r.ended_at)],
					[
						'Length',
						live
							? since(r.started_at)
							: duration(r.duration_seconds),
					],
					['Ended by', r.cause],
					['A minute', amount(r.rate_per_minute, r.currency)],
					['Cost', amount(r.cost, r.currency)],
					['Given back', amount(r.refunded, r.currency)],
					['Listener earned', amount(r.earned, r.currency)],
					['House\u2019s share', amount(r.fee, r.currency)],
					['Stars', r.rating],
					r.comment === null ? null : ['Comment', r.comment],
				]),
			),
			panel(
				'Receipt',
				null,
				r.lines.length === 0
					? h('p', { class: 'soft' }, 'It still runs.')
					: h(
							'dl',
							{ class: 'facts receipt' },
							r.lines.map((l) => line(l, r)),
						),
			),
			r.media.length === 0
				? null
				: panel(
						'Who was there',
						null,
						h(
							'ul',
							{ class: 'rows' },
							r.media.map((m) =>
								h(
									'li',
									null,
									`The ${m.who} ` +
										`${m.what}, `,
									time(m.at),
								),
							),
						),
					),
		),
	);
	view.querySelector('h1').focus({ preventScroll: true });
	return live;
}

export function session(at) {
	const view = h(
		'section',
		null,
		h('a', { class: 'up', href: '#/sessions' }, icon('back'), 'Sessions'),
		h('h1', { tabindex: '-1' }, 'Session'),
	);
	let live = false;
	const load = async () => {
		live = show(at, view, await get(`/admin/sessions/${at.path[0]}/receipt`), load);
	};

	at.title(`Session ${at.path[0]}`);
	at.every(5000, async () => {
		/* Nothing is taken from under who is reading what is over. */
		if (live && document.querySelector('dialog[open]') === null) await load();
	});
	loadInto(view, load);
	return view;
}
