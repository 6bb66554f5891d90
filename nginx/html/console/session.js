/*
 * session: the page of a session: its receipt, and the refund.
 */
import { api, get } from '/lib/api.js';
import { duration, loadInto, h, icon, money } from '/lib/dom.js';
import { waits } from './approvals.js';
import { asks } from './form_dialog.js';
import { amount, badge, facts, kindTexts, panel, person, since, time } from './format.js';

function refund(s) {
	const left = s.cost - s.refunded;

	return {
		title: `Refund session ${s.session_id}`,
		roles: ['finance'],
		button: 'Refund',
		done: 'Refunded',
		parts: facts([
			['Cost', amount(s.cost, s.currency)],
			['Refunded so far', amount(s.refunded, s.currency)],
			['Remaining', amount(left, s.currency)],
		]),
		fields: [
			{
				name: 'amount',
				text: `Amount in ${s.currency}`,
				kind: 'amount',
				currency: s.currency,
				hint: 'If this and the earnings are empty, the remaining amount.',
			},
			{
				name: 'earnings',
				text: `Earnings to reverse in ${s.currency}`,
				kind: 'amount',
				currency: s.currency,
				hint: `The listener earned ${money(s.earned, s.currency)}.`,
			},
			{ name: 'reason', text: 'Reason', kind: 'area', max: 500, required: true },
			{
				name: 'charge_listener',
				kind: 'check',
				text: 'Reverse the listener\u2019s share of the amount',
				hint: 'Instead of earnings above. The earnings may become negative.',
			},
		],
		run: async (v, key) => {
			const body = Object.fromEntries(
				Object.entries(v).filter(([, one]) => one !== null),
			);
			const now = await api(
				'POST',
				`/admin/sessions/${s.session_id}/refund`,
				body,
				{ 'Idempotency-Key': key },
			);
			if (now.approval_id !== undefined) return waits(now);
			return facts([
				['Refunded now', amount(now.refunded - s.refunded, now.currency)],
				['Refunded in total', amount(now.refunded, now.currency)],
				['Earnings reversed', amount(now.earnings_reversed, now.currency)],
				['Cost', amount(now.cost, now.currency)],
			]);
		},
	};
}

/* One line of the receipt: an amount, minutes or milliseconds. */
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
				!live && (r.cost > r.refunded || r.earned > 0)
					? asks('Refund', refund(r), again, 'btn-primary')
					: null,
			),
		),
		h(
			'div',
			{ class: 'panels' },
			panel(
				'Session',
				null,
				facts([
					['Customer', person(r.customer_id, r.customer_username)],
					['Listener', person(r.listener_id, r.listener_username)],
					r.call_id === null ? null : ['Call', `#${r.call_id}`],
					['Kind', kindTexts[r.kind]],
					['Started', time(r.started_at)],
					['Ended', time(r.ended_at)],
					[
						'Duration',
						live
							? since(r.started_at)
							: duration(r.duration_seconds),
					],
					['Ended by', r.cause],
					['Price per minute', amount(r.rate_per_minute, r.currency)],
					['Cost', amount(r.cost, r.currency)],
					['Refunded', amount(r.refunded, r.currency)],
					['Listener earned', amount(r.earned, r.currency)],
					['Platform fee', amount(r.fee, r.currency)],
					['Stars', r.rating],
					r.comment === null ? null : ['Comment', r.comment],
				]),
			),
			panel(
				'Receipt',
				null,
				r.lines.length === 0
					? h('p', { class: 'soft' }, 'The session is still active.')
					: h(
							'dl',
							{ class: 'facts receipt' },
							r.lines.map((l) => line(l, r)),
						),
			),
			r.media.length === 0
				? null
				: panel(
						'Media connections',
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
		/*
		 * An ended session does not change, so it is not replaced while
		 * it is read.
		 */
		if (live && document.querySelector('dialog[open]') === null) await load();
	});
	loadInto(view, load);
	return view;
}
